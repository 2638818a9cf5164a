/** The signed-in person. The token is kept for the tab only, so closing the tab signs out. */
import { computed, ref } from 'vue';
import { createApi, read } from '../shared/api.ts';
import type { paths } from '../shared/openapi.d.ts';
import { forgetDrafts } from './drafts.ts';

export type Me = paths['/me']['get']['responses'][200]['content']['application/json'];
export type Role = Me['role'];

const TOKEN = 'collect-token';
/** The person whose drafts this tab has. */
const PERSON = 'collect-person';
/** The columns that the person chose, by form. They stay after the tab is closed. */
export const COLUMNS = 'collect-columns-';

const token = ref(sessionStorage.getItem(TOKEN) ?? undefined);
const me = ref<Me>();
/** The API refused the token of an open page. The page stays, with what was typed, until the person signs in again. */
const hasExpired = ref(false);

export const api = createApi(() => token.value, expire);

/** Whether there is a token, or was one until it expired. `loadMe` checks it. */
export const isSignedIn = computed(() => token.value !== undefined || hasExpired.value);
export const isManager = computed(() => me.value?.role === 'manager');
export { hasExpired, me };

/** The header of the person who is signed in now, for requests that may be sent after they signed out. */
export const authorization = (): Record<string, string> =>
  token.value === undefined ? {} : { authorization: `Bearer ${token.value}` };

/**
 * Signs in with a token, and keeps it if the API accepts it. If the open page is another person's, the page is loaded
 * again, without what that person typed.
 *
 * @throws {ProblemError} if the API refuses the token
 */
export async function signIn(value: string): Promise<void> {
  const sent = value.trim();
  token.value = sent;
  try {
    const before = me.value;
    const now = enter(await read(api.GET('/me')));
    sessionStorage.setItem(TOKEN, sent);
    if (before !== undefined && personOf(before) !== personOf(now)) location.reload();
    else hasExpired.value = false;
  } catch (error) {
    token.value = undefined;
    throw error;
  }
}

/** Reads whose token it is, once. */
export async function loadMe(): Promise<Me> {
  return me.value ?? enter(await read(api.GET('/me')));
}

/** Who a token belongs to. A token without a name is a person of its own. */
export const personOf = ({ token_id: id, role, user_id: user, label }: Me): string =>
  JSON.stringify(user === null && label === null ? [role, id] : [role, user, label]);

/** Nothing that one person typed is shown to the next one in this tab. */
function enter(now: Me): Me {
  const before = sessionStorage.getItem(PERSON);
  const person = personOf(now);
  if (before !== null && before !== person) forget();
  sessionStorage.setItem(PERSON, person);
  me.value = now;
  return now;
}

/** Removes all that the browser keeps of the person. The data of the form page stay: they belong to a collector. */
function forget(): void {
  forgetDrafts();
  sessionStorage.clear();
  for (const key of Object.keys(localStorage).filter((name) => name.startsWith(COLUMNS))) localStorage.removeItem(key);
}

function expire(): void {
  sessionStorage.removeItem(TOKEN);
  token.value = undefined;
  hasExpired.value = me.value !== undefined;
}

export function signOut(): void {
  forget();
  token.value = undefined;
  me.value = undefined;
  hasExpired.value = false;
}
