/**
 * The service worker of the form page: keeps the page's own files, so that the page opens without a network. Forms,
 * drafts and responses are in IndexedDB, and requests to the API bypass the worker.
 */
/** The parts of a service worker's scope that are used: TypeScript's library for workers collides with that for pages. */
export interface WorkerScope {
  readonly location: Location;
  readonly clients: { claim: () => Promise<void> };
  skipWaiting: () => Promise<void>;
  addEventListener: <Type extends keyof Events>(type: Type, listener: (event: Events[Type]) => void) => void;
}
interface Events {
  install: LifetimeEvent;
  activate: LifetimeEvent;
  message: MessageEvent<unknown>;
  fetch: { readonly request: Request; respondWith: (response: Promise<Response>) => void };
}
interface LifetimeEvent {
  waitUntil: (work: Promise<void>) => void;
}
declare const self: WorkerScope;

/** The addresses of the page's files; the build replaces it (service-worker-files.ts). */
declare const PAGE_FILES: readonly string[];
/** Changes whenever the page, this worker or a file in /assets/ changes. */
declare const PAGE_VERSION: string;

const PREFIX = 'collect-form-page-';
const CACHE = PREFIX + PAGE_VERSION;
const PAGE = '/fill/';

self.addEventListener('install', (event) => {
  event.waitUntil(keepFiles());
});

async function keepFiles(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(PAGE_FILES);
  const page = await (await cache.match(PAGE))?.text();
  // While a release replaces another, the page and this worker may belong to different releases.
  const named = page?.match(/\/assets\/[\w.-]+/g) ?? [];
  if (!named.every((name) => PAGE_FILES.includes(name))) throw new Error('The page is of another release.');
}

self.addEventListener('activate', (event) => {
  event.waitUntil(activate());
});

async function activate(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

/** The page sends this message when no form is open. */
self.addEventListener('message', ({ data }) => {
  if (data === 'take-over') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(fromCache(PAGE, request));
  else if (PAGE_FILES.includes(pathname)) event.respondWith(fromCache(pathname, request));
});

async function fromCache(address: string, request: Request): Promise<Response> {
  return (await (await caches.open(CACHE)).match(address)) ?? (await fetch(request));
}
