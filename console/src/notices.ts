/** Short messages at the edge of the page: what was done, with an action such as Undo, or what failed. */
import { ref } from 'vue';

export interface Notice {
  id: number;
  text: string;
  kind: 'done' | 'failed';
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 6_000;

let lastId = 0;
export const notices = ref<Notice[]>([]);

export function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id);
}

/** Shows a notice. A failure stays until it is dismissed. @returns its id */
export function notify(notice: Omit<Notice, 'id'>, milliseconds = SHOWN_MS): number {
  lastId += 1;
  const id = lastId;
  notices.value = [...notices.value, { ...notice, id }];
  if (notice.kind === 'done') setTimeout(() => dismiss(id), milliseconds);
  return id;
}
