/**
 * What a person typed and has not sent. It stays while they look at other pages, and after a reload of the tab, until
 * they send or discard it, sign out, or another person signs in.
 */
import { shallowReactive } from 'vue';

const PREFIX = 'collect-draft:';

const drafts = shallowReactive(
  new Map<string, unknown>(
    Object.entries(sessionStorage)
      .filter(([key]) => key.startsWith(PREFIX))
      .map(([key, text]) => [key, JSON.parse(text)]),
  ),
);

/**
 * The drafts of one kind. Each is stored under the ids of the things that it changes. A draft must stay the same when
 * it is written as JSON and read again.
 *
 * @param kind change it when the shape of drafts changes
 * @param isDraft says whether a stored value is a draft of this kind
 */
export function draftsOf<Draft>(kind: string, isDraft: (value: unknown) => value is Draft) {
  const keyOf = (ids: readonly string[]): string => `${PREFIX}${kind}:${JSON.stringify(ids)}`;
  return {
    get(...ids: string[]): Draft | undefined {
      const value = drafts.get(keyOf(ids));
      return isDraft(value) ? value : undefined;
    },

    all: (): Draft[] =>
      [...drafts]
        .filter(([key]) => key.startsWith(`${PREFIX}${kind}:`))
        .map(([, value]) => value)
        .filter(isDraft),

    keep(draft: Draft, ...ids: string[]): void {
      const key = keyOf(ids);
      drafts.set(key, draft);
      try {
        sessionStorage.setItem(key, JSON.stringify(draft));
      } catch {
        // The storage of the tab is full: the draft stays until a reload.
        sessionStorage.removeItem(key);
      }
    },

    discard(...ids: string[]): void {
      drafts.delete(keyOf(ids));
      sessionStorage.removeItem(keyOf(ids));
    },
  };
}

/** Forgets the drafts. The caller clears the storage of the tab. */
export const forgetDrafts = (): void => drafts.clear();
