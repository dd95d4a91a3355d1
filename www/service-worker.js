// The demo's service worker: what arrives in the background goes onto the shelf (a cache named like
// the background fetch), episodes play from there, and the page itself starts without a connection.
//
// A classic script, because that is what every browser takes and what importScripts needs.

// Where the page forces the polyfill, its worker must too: the page says so in this script's
// address.
if (new URL(self.location.href).searchParams.has('force')) {
  Object.assign(self, { backgroundFetchPolyfill: { force: true } });
}
// All that a worker needs to have Background Fetch.
importScripts('/dist/background-fetch-sw.js');
// Workbox's answer to `Range`, bundled by the build. It is a global of this name.
importScripts('/range-requests.js');
/** @type {{ createPartialResponse(request: Request, whole: Response): Promise<Response> }} */
const { createPartialResponse } = Reflect.get(self, 'workboxRangeRequests');

const SHELL = 'shell';
/** What the page needs to start without a connection. */
const SHELL_FILES = [
  '/',
  '/style.css',
  '/controls.css',
  '/episodes.css',
  '/player.css',
  '/developer.js',
  '/dist/background-fetch.js',
  '/app.js',
  '/dom.js',
  '/download.js',
  '/download-card.js',
  '/format.js',
  '/lists.js',
  '/player.js',
  '/shelf.js',
  '/worker.js',
  '/manifest.webmanifest',
  '/icons/icon-192.png',
  '/season-2/season.json',
  '/season-2/cover.svg',
];

/** To every open page of the demo. A page that is not open reads the shelf when it starts. */
const pages = new BroadcastChannel('my-podcast');

// ---- Background Fetch ----

addEventListener('backgroundfetchsuccess', event => {
  const bgFetch = event.registration;
  event.waitUntil(async function () {
    const cache = await caches.open(bgFetch.id);
    const records = await bgFetch.matchAll();
    const copies = records.map(async record => {
      const response = await record.responseReady;
      await cache.put(record.request, response);
    });
    await Promise.all(copies);
    pages.postMessage({ type: 'shelf-changed' });
    await event.updateUI({ title: 'Season 2 is ready to listen' });
  }().catch(shelfFailed));
});

addEventListener('backgroundfetchfail', event => {
  const bgFetch = event.registration;
  event.waitUntil(async function () {
    // One missing file fails the whole fetch. The episodes that did arrive are kept: they were paid
    // for. A cache refuses a body that ends early.
    const cache = await caches.open(bgFetch.id);
    const records = await bgFetch.matchAll();
    const copies = records.map(async record => {
      const response = await record.responseReady;
      if (response.ok) await cache.put(record.request, response);
    });
    await Promise.allSettled(copies);
    pages.postMessage({ type: 'shelf-changed' });
    await event.updateUI({ title: 'Season 2 could not be downloaded' });
  }().catch(shelfFailed));
});

addEventListener('backgroundfetchabort', () => {
  // Somebody stopped it, perhaps not in this page: browsers have a button for that too.
  pages.postMessage({ type: 'shelf-changed' });
});

addEventListener('backgroundfetchclick', event => {
  const place = event.registration.result === 'success' ? '/#device' : '/#download';
  event.waitUntil(async function () {
    const [page] = await clients.matchAll({ type: 'window' });
    if (page) await page.focus();
    else await clients.openWindow(place);
  }());
});

/** @param {unknown} error */
function shelfFailed(error) {
  pages.postMessage({ type: 'shelf-failed', message: String(error) });
}

// ---- The page without a connection ----

addEventListener('install', event => {
  event.waitUntil(async function () {
    const cache = await caches.open(SHELL);
    await cache.addAll(SHELL_FILES.map(file => new Request(file, { cache: 'reload' })));
    // Page and worker belong to one version; an old worker for a new page would be a surprise.
    await self.skipWaiting();
  }());
});

addEventListener('activate', event => {
  // The first visit, too, plays through the worker.
  event.waitUntil(clients.claim());
});

addEventListener('fetch', event => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (/\.(wav|svg)$/.test(url.pathname)) event.respondWith(episode(request));
  else if (request.mode === 'navigate' && url.pathname === '/')
    event.respondWith(shell(request, '/'));
  else if (SHELL_FILES.includes(url.pathname)) event.respondWith(shell(request, url.pathname));
});

/**
 * An episode or its artwork: from the shelf when it is there, otherwise from the server.
 * @param {Request} request
 */
async function episode(request) {
  const kept = await caches.match(request.url);
  if (!kept) return fetch(request);
  // Media elements ask for parts, and Safari plays nothing that does not come as a part. A cache
  // holds only whole files.
  return request.headers.has('range') ? createPartialResponse(request, kept) : kept;
}

/**
 * A file of the page: the server's when it answers, else the one that was kept.
 * @param {Request} request
 * @param {string} file
 */
async function shell(request, file) {
  // Two seconds are what a dying connection may cost. Once the server has begun to answer, its file
  // may take its time.
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), 2000);
  try {
    // From the server first, so that an edit shows at the next reload.
    return await fetch(request, { signal: patience.signal });
  } catch (error) {
    const kept = await caches.match(file, { cacheName: SHELL });
    if (kept) return kept;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
