/**
 * The console's pages. Their addresses are in the fragment, which browsers do not send, so a search for a respondent's
 * name stays out of all server logs.
 */
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router';
import { notify } from './notices.ts';
import { isSignedIn, me } from './session.ts';

/** `ofForm`: the page is about the form that the address names. `open`: it is shown without signing in. */
const routes: RouteRecordRaw[] = [
  { path: '/', redirect: () => (me.value?.role === 'collector' ? '/responses' : '/overview') },
  { path: '/sign-in', component: () => import('./pages/SignIn.vue'), meta: { title: 'Sign in', open: true } },
  {
    path: '/overview',
    component: () => import('./pages/overview/Overview.vue'),
    meta: { title: 'Overview', ofForm: true },
  },
  {
    path: '/responses',
    component: () => import('./pages/responses/ResponseList.vue'),
    meta: { title: 'Responses', ofForm: true },
  },
  {
    path: '/responses/:id',
    component: () => import('./pages/responses/ResponsePage.vue'),
    meta: { title: 'Response' },
  },
  { path: '/forms', component: () => import('./pages/forms/ListPage.vue'), meta: { title: 'Forms' } },
  { path: '/forms/:id', component: () => import('./pages/forms/FormPage.vue'), meta: { title: 'Form', ofForm: true } },
  { path: '/exports', component: () => import('./pages/exports/Exports.vue'), meta: { title: 'Exports' } },
  { path: '/people', component: () => import('./pages/people/People.vue'), meta: { title: 'People' } },
  { path: '/figures', component: () => import('./pages/figures/Figures.vue'), meta: { title: 'Figures' } },
  { path: '/:rest(.*)', component: () => import('./pages/NotFound.vue'), meta: { title: 'Not found' } },
];

export const router = createRouter({ history: createWebHashHistory('/console/'), routes });

router.beforeEach((to) => {
  if (to.meta['open'] === true || isSignedIn.value) return true;
  return { path: '/sign-in', query: { to: to.fullPath } };
});

/** A page that was not open yet cannot be loaded without a network, or after an update replaced its files. */
router.onError((_error, to) => {
  const { href } = router.resolve(to);
  const load = (): void => {
    location.hash = href.slice(href.indexOf('#'));
    location.reload();
  };
  notify({
    kind: 'failed',
    text: `The page “${String(to.meta['title'])}” could not be loaded. Check the network, then load it again.`,
    action: { label: 'Load it again', run: load },
  });
});

router.afterEach((to) => {
  const title = to.meta['title'];
  document.title = typeof title === 'string' ? `${title} – Collect` : 'Collect';
});
