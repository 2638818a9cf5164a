import { createApp } from 'vue';
import App from './App.vue';
import { keepOffline } from './offline.ts';
import { router } from './router.ts';
import { keepSending, loadOutgoing } from './sender.ts';
import { loadLists } from './sync.ts';

await Promise.all([loadLists(), loadOutgoing()]);
createApp(App).use(router).mount('#app');
if (globalThis.isSecureContext) {
  keepSending();
  void keepOffline();
}
