/** Keeps the page and its data on the phone: the service worker, and the browser's promise to keep the storage. */
import { ref } from 'vue';
import { router } from './router.ts';

/** Bytes that this page uses on the phone; undefined while unknown. */
export const usedBytes = ref<number>();

/** Registers the service worker. A new version takes over as soon as no form is open. */
export async function keepOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const isFirst = navigator.serviceWorker.controller === null;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (!isFirst && isOnList()) location.reload();
  });
  const registration = await navigator.serviceWorker.register('/fill/sw.js', { scope: '/fill/' });
  const takeOver = (): void => {
    if (isOnList()) registration.waiting?.postMessage('take-over');
  };
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', takeOver);
  });
  router.afterEach(takeOver);
  takeOver();
}

function isOnList(): boolean {
  return router.currentRoute.value.path === '/';
}

/** Asks the browser to keep what is stored also when the phone runs out of space. */
export async function askToKeep(): Promise<void> {
  await navigator.storage.persist();
}

export async function measure(): Promise<void> {
  usedBytes.value = (await navigator.storage.estimate()).usage;
}
