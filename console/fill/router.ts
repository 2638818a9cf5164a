/** The form page's addresses: the list, and a form with its draft or correction. */
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import FormList from './FormList.vue';

const routes: RouteRecordRaw[] = [
  { path: '/', component: FormList },
  { path: '/:formId', component: () => import('./FillForm.vue') },
];

export const router = createRouter({ history: createWebHistory('/fill/'), routes });

// A release has replaced the files of this page: load it again, at the address that was wanted.
router.onError((_error, to, from) => {
  if (from.matched.length > 0) location.assign(router.resolve(to).href);
});
