/** Keys of the keyboard. The list behind `?` shows the keys of the open page. */
import { onScopeDispose, shallowRef } from 'vue';

export interface Shortcut {
  /** `KeyboardEvent.key`. */
  key: string;
  /** What it does, for the list. */
  label: string;
  run: () => void;
}

export const shortcuts = shallowRef<readonly Shortcut[]>([]);

const FIELDS = 'input:not([type="checkbox"]), textarea, select, [contenteditable], dialog';
/** Elements that Enter presses. */
const PRESSED = 'a, button, summary';

/** Keys that act again while they are held down. Each decision takes a press of its own. */
const REPEATED: ReadonlySet<string> = new Set(['j', 'k']);

/** Keys that are pressed in a field, or with Ctrl, belong to the field or the browser. */
function belongsElsewhere({ target, key, repeat, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  const selector = key === 'Enter' ? `${FIELDS}, ${PRESSED}` : FIELDS;
  if (repeat && !REPEATED.has(key)) return true;
  return ctrlKey || metaKey || altKey || (target instanceof HTMLElement && target.closest(selector) !== null);
}

globalThis.addEventListener('keydown', (event) => {
  if (belongsElsewhere(event)) return;
  const found = shortcuts.value.findLast(({ key }) => key === event.key);
  if (found === undefined) return;
  event.preventDefault();
  found.run();
});

/** Adds keys until the component that calls this is unmounted. */
export function useShortcuts(own: readonly Shortcut[]): void {
  shortcuts.value = [...shortcuts.value, ...own];
  onScopeDispose(() => {
    shortcuts.value = shortcuts.value.filter((each) => !own.includes(each));
  });
}
