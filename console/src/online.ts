/** Whether the browser has a network. */
import { onScopeDispose, ref, type Ref } from 'vue';

export function useOnline(): Ref<boolean> {
  const isOnline = ref(navigator.onLine);
  const update = (): void => {
    isOnline.value = navigator.onLine;
  };
  globalThis.addEventListener('online', update);
  globalThis.addEventListener('offline', update);
  onScopeDispose(() => {
    globalThis.removeEventListener('online', update);
    globalThis.removeEventListener('offline', update);
  });
  return isOnline;
}
