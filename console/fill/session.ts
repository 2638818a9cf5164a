/** Whose phone this is: the device's token, kept on the device until another link replaces it. */
import { ref } from 'vue';

const TOKEN = 'collect-device-token';
const USER = 'collect-device-user';

/** `clt_` and 43 characters, as tokens are, wherever it stands in a link. */
const TOKEN_PATTERN = /clt_[\w-]{43}/;

export const token = ref(localStorage.getItem(TOKEN) ?? undefined);
/** The collector to whom the token belongs; undefined until the server has said so. */
export const userId = ref(localStorage.getItem(USER) ?? undefined);
/** Why the server refuses the token. What is kept on the phone stays. */
export const refusal = ref<string>();

/** The token in a link or a text that a collector pasted. */
export function tokenIn(text: string): string | undefined {
  return TOKEN_PATTERN.exec(text)?.[0];
}

export function useToken(value: string): void {
  localStorage.setItem(TOKEN, value);
  token.value = value;
  refusal.value = undefined;
}

export function keepUser(value: string): void {
  localStorage.setItem(USER, value);
  userId.value = value;
}

/** Signs in with the token in the address, and removes it from there and from the history. */
function signInByLink(): void {
  const found = location.hash.startsWith('#token=') ? tokenIn(location.hash) : undefined;
  if (location.hash.startsWith('#token=')) history.replaceState(history.state, '', location.pathname + location.search);
  if (found !== undefined) useToken(found);
}

// Before the router reads the address.
signInByLink();
