/** The signed-in person. The token is kept for the tab only, so closing the tab signs out. */
import { computed, ref } from 'vue';
import { createApi, read } from '../shared/api.ts';

export type Role = 'collector' | 'viewer' | 'manager' | 'device';

export interface Me {
  token_id: string | null;
  role: Role;
  user_id: string | null;
  label: string;
  expires_at: string | null;
}

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
