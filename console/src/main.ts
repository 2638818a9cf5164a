import { VueQueryPlugin } from '@tanstack/vue-query';
import { createApp } from 'vue';
import App from './App.vue';
import { queryClient } from './queries.ts';
import { router } from './router.ts';

createApp(App).use(router).use(VueQueryPlugin, { queryClient }).mount('#app');
