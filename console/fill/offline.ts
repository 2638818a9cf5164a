/** Keeps the page and its data on the phone: the service worker, and the browser's promise to keep the storage. */
import { ref } from 'vue';
import { isFormOpen, onFormClosed, whileNoFormIsOpen } from './locks.ts';
import { router } from './router.ts';

/** Bytes that this page uses on the phone; undefined while unknown. */
export const usedBytes = ref<number>();
/** Whether the browser keeps the stored data even when the phone runs out of space. */
export const isKept = ref(true);

/** How long forms wait for a new version of the page to take over, in milliseconds. */
const TAKE_OVER_MS = 5_000;
/** While another tab has a form open, this tab checks again at this interval, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * Registers the service worker. A new version takes over while no tab has a form open. Then each tab is loaded again,
 * so that no tab mixes files of two versions.
 */
export async function keepOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  let isControlled = serviceWorker.controller !== null;
  let isOld = false;
  const reloadIfOld = (): void => {
    if (isOld && (!isFormOpen() || router.currentRoute.value.path === '/')) location.reload();
  };
  serviceWorker.addEventListener('controllerchange', () => {
    // The first service worker has the files with which the page was loaded.
    isOld = isControlled;
    isControlled = true;
    reloadIfOld();
  });
  router.afterEach(reloadIfOld);
  const registration = await register();
  if (registration === undefined) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const takeOver = async (): Promise<void> => {
    clearTimeout(timer);
    if (registration.waiting === null || isFormOpen()) return;
    await whileNoFormIsOpen(() => takeOverNow(registration));
    timer = setTimeout(() => void takeOver(), RETRY_MS);
  };
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', () => void takeOver());
  });
  onFormClosed(() => void takeOver());
  document.addEventListener('visibilitychange', () => {
    // An installed page may stay open for weeks.
    if (document.visibilityState === 'visible') registration.update().catch(() => undefined);
  });
  await takeOver();
}

/** @returns undefined if it cannot be fetched now; the next opening of the page tries again */
async function register(): Promise<ServiceWorkerRegistration | undefined> {
  try {
    return await navigator.serviceWorker.register('/fill/sw.js', { scope: '/fill/' });
  } catch {
    return undefined;
  }
}

/** Activates the new service worker. Forms that are opened meanwhile wait. */
async function takeOverNow({ waiting }: ServiceWorkerRegistration): Promise<void> {
  if (waiting === null) return;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, TAKE_OVER_MS);
    waiting.addEventListener('statechange', () => {
      if (waiting.state === 'activated') resolve();
    });
    waiting.postMessage('take-over');
  });
}

/** Asks the browser to keep the stored data even when the phone runs out of space. */
export async function askToKeep(): Promise<void> {
  const { storage } = navigator;
  isKept.value = (await storage.persisted()) || (await storage.persist());
}

export async function measure(): Promise<void> {
  usedBytes.value = (await navigator.storage.estimate()).usage;
}
