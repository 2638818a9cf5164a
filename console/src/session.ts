/** The signed-in person. The token is kept for the tab only, so closing the tab signs out. */
import { computed, ref } from 'vue';
import { createApi, read } from '../shared/api.ts';
import type { paths } from '../shared/openapi.d.ts';

export type Me = paths['/me']['get']['responses'][200]['content']['application/json'];
export type Role = Me['role'];

const TOKEN = 'collect-token';

const token = ref(sessionStorage.getItem(TOKEN) ?? undefined);
const me = ref<Me>();

export const api = createApi(() => token.value, signOut);

/** Whether there is a token. `loadMe` checks it. */
export const isSignedIn = computed(() => token.value !== undefined);
export const isManager = computed(() => me.value?.role === 'manager');
export { me };

/** Keeps the token if the API accepts it. @throws {ProblemError} when it does not */
export async function signIn(value: string): Promise<void> {
  token.value = value.trim();
  try {
    await loadMe();
    sessionStorage.setItem(TOKEN, token.value);
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

export function signOut(): void {
  sessionStorage.removeItem(TOKEN);
  token.value = undefined;
  me.value = undefined;
}
