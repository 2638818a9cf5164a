import { createApp } from 'vue';
import App from './App.vue';
import { messageOf } from '../shared/problem.ts';
import { keepOffline } from './offline.ts';
import { router } from './router.ts';
import { keepSending, loadOutgoing } from './sender.ts';
import { loadLists } from './sync.ts';

const fault = await start();
createApp(App, { fault }).use(router).mount('#app');
if (fault === undefined) {
  keepSending();
  void keepOffline();
}

/** Opens the phone's storage. @returns why the page cannot work here */
async function start(): Promise<string | undefined> {
  // Browsers keep nothing safely for pages without https; the phone's own address (localhost) is the exception.
  if (!globalThis.isSecureContext) {
    return 'This page works with an address that begins with https:// only. Ask the manager for such a link.';
  }
  try {
    await Promise.all([loadLists(), loadOutgoing()]);
    return undefined;
  } catch (error) {
    return `This browser cannot keep forms on the phone: ${messageOf(error)}. Leave private browsing, free some space, or take another browser.`;
  }
}
