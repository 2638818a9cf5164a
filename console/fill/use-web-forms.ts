import { webFormsPlugin } from '@getodk/web-forms';
import type { App } from 'vue';

const using = new WeakSet<App>();

/** Adds what ODK Web Forms needs to the page, once. */
export function useWebForms(app: App | undefined): void {
  if (app === undefined || using.has(app)) return;
  using.add(app);
  app.use(webFormsPlugin);
}
