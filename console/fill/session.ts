/** The collector of this phone, and the device's token, which stays on the phone until another link replaces it. */
import { ref } from 'vue';

const TOKEN = 'collect-device-token';
const USER = 'collect-device-user';

/** A token (`clt_` and 43 characters), anywhere in a link. */
const TOKEN_PATTERN = /clt_[\w-]{43}/;

signInByLink();

/** The token stays the same until the page is loaded again, so a request never gets the token of another collector. */
export const token = localStorage.getItem(TOKEN) ?? undefined;
/** The collector to whom the token belongs; undefined until the server has said so. */
export const userId = ref(localStorage.getItem(USER) ?? undefined);
/** Why the server refuses the token. What is kept on the phone stays. */
export const refusal = ref<string>();

// A link that is opened in the same tab changes only the part of the address after `#`.
globalThis.addEventListener('hashchange', () => {
  if (signInByLink()) location.reload();
});

/** The token in a link or a text that a collector pasted. */
export function tokenIn(text: string): string | undefined {
  return TOKEN_PATTERN.exec(text)?.[0];
}

/** Signs in, and loads the page again. */
export function signIn(value: string): void {
  keepToken(value);
  location.reload();
}

/** Another token may belong to another collector. */
function keepToken(value: string): void {
  if (localStorage.getItem(TOKEN) !== value) localStorage.removeItem(USER);
  localStorage.setItem(TOKEN, value);
}

/** Stores the collector to whom this tab's token belongs, unless another tab has replaced the token. */
export function keepUser(value: string): void {
  if (localStorage.getItem(TOKEN) === token) localStorage.setItem(USER, value);
  userId.value = value;
}

/** Signs in with the token in the address, and removes it from address and history. @returns whether there was one */
function signInByLink(): boolean {
  if (!location.hash.startsWith('#token=')) return false;
  const found = tokenIn(location.hash);
  history.replaceState(history.state, '', location.pathname + location.search);
  if (found !== undefined) keepToken(found);
  return found !== undefined;
}
