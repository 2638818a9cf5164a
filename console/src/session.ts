/** The signed-in person. The token is kept for the tab only, so closing the tab signs out. */
import { computed, ref } from 'vue';
import { createApi, read } from '../shared/api.ts';
import type { paths } from '../shared/openapi.d.ts';

export type Me = paths['/me']['get']['responses'][200]['content']['application/json'];
export type Role = Me['role'];

const TOKEN = 'collect-token';

const token = ref(sessionStorage.getItem(TOKEN) ?? undefined);
const me = ref<Me>();
/** The API refused the token while the person was at work. The open page stays, with what was typed, until they sign in again. */
const hasExpired = ref(false);

export const api = createApi(() => token.value, expire);

/** Whether there is a token, or was one until it expired. `loadMe` checks it. */
export const isSignedIn = computed(() => token.value !== undefined || hasExpired.value);
export const isManager = computed(() => me.value?.role === 'manager');
export { hasExpired, me };

/** The header of the person who is signed in now, for requests that may be sent after they signed out. */
export const authorization = (): Record<string, string> =>
  token.value === undefined ? {} : { authorization: `Bearer ${token.value}` };

/** Keeps the token if the API accepts it. @throws {ProblemError} when it does not */
export async function signIn(value: string): Promise<void> {
  const sent = value.trim();
  token.value = sent;
  try {
    me.value = await read(api.GET('/me'));
    sessionStorage.setItem(TOKEN, sent);
    hasExpired.value = false;
  } catch (error) {
    token.value = undefined;
    throw error;
  }
}

/** Reads whose token it is, once. */
export async function loadMe(): Promise<Me> {
  me.value ??= await read(api.GET('/me'));
  return me.value;
}

function expire(): void {
  sessionStorage.removeItem(TOKEN);
  token.value = undefined;
  hasExpired.value = me.value !== undefined;
}

export function signOut(): void {
  sessionStorage.removeItem(TOKEN);
  token.value = undefined;
  me.value = undefined;
  hasExpired.value = false;
}
