// A storage that is full: what does not fit fails and gives its space back, and what is stored can be ended.
import assert from 'node:assert/strict';
import { begin, file, settled, stored } from './downloads.mjs';
import { startSite } from '../../tools/site.mjs';
import { Page } from './page.mjs';
import { emptied, rows } from './rows.mjs';
import { session } from './session.mjs';
import { scenario } from './support.mjs';
import { Worker } from './worker.mjs';

const MiB = 1 << 20;

/**
 * Leaves an origin so much room: in Chromium by its debugging protocol; elsewhere a file takes the rest, in
 * the origin private file system, which shares the quota. It has that length and no bytes.
 *
 * @param {Page} page
 * @param {number} [room] in bytes; without it, all is given back
 */
async function leaveRoom(page, room) {
  const { origin } = new URL(page.url);
  if (session.options.engine === 'chromium') {
    return session.browser.cdp?.('Storage.overrideQuotaForOrigin', room === undefined ? { origin } : { origin, quotaSize: room });
  }
  await page.run(room => new Promise((resolve, reject) => {
    const source = `onmessage = async ({ data: room }) => {
      try {
        const root = await navigator.storage.getDirectory();
        if (room === null) await root.removeEntry('rest');
        else {
          const file = await (await root.getFileHandle('rest', { create: true })).createSyncAccessHandle();
          const { quota, usage } = await navigator.storage.estimate();
          file.truncate(quota - usage - room);
          file.close();
        }
        postMessage('');
      } catch (error) {
        postMessage(String(error));
      }
    };`;
    const worker = new (/** @type {any} */ (self).Worker)(URL.createObjectURL(new Blob([source])));
    worker.onmessage = (/** @type {MessageEvent<string>} */ { data }) => data ? reject(new Error(data)) : resolve(undefined);
    worker.postMessage(room);
  }), room ?? null);
}

/**
 * Runs a body in an origin of its own, because Chromium remembers for a while how much room an origin has,
 * and leaves it so much at first.
 *
 * @param {import('./support.mjs').Fixture} fixture
 * @param {number} room in bytes
 * @param {(own: { page: Page, worker: Worker, site: Awaited<ReturnType<typeof startSite>> }) => Promise<void>} body
 */
async function withQuota({ page: home }, room, body) {
  const site = await startSite();
  const scope = site.url('/t/quota/');
  const query = `control=${encodeURIComponent(session.control.origin)}`;
  const page = new Page(session.browser, `${scope}?${query}`, 60);
  const worker = new Worker(scope, 60);
  session.receive(scope, report => worker.receive(report));
  try {
    await page.open();
    await leaveRoom(page, room);
    await page.register(`sw.js?${query}`);
    await body({ page, worker, site });
    await leaveRoom(page);
    await page.leave();
  } finally {
    session.receive(scope, undefined);
    await home.open();
    await site.close();
  }
}

// WebKitGTK shows scripts neither its quota nor the origin private file system.
scenario('a quota that is exceeded fails the background fetch, and gives the space back', {
  native: false, engines: ['chromium', 'firefox'], register: false,
}, fixture => withQuota(fixture, 5 * MiB, async ({ page, worker, site }) => {
  const { name } = fixture;
  await begin(page, 'full', [file(site, name, 12 * MiB, { rate: 8 * MiB }).url]);
  const { result, failureReason } = await worker.event('backgroundfetchfail');
  assert.deepEqual({ result, failureReason }, { result: 'failure', failureReason: 'quota-exceeded' });
  assert.equal((await settled(page)).failureReason, 'quota-exceeded');
  await emptied(page);
  const fitting = file(site, `${name}-again`, 2 * MiB);
  // The files of Blobs go some time after their rows.
  await page.run(async enough => {
    for (let room = 0; room < enough;) {
      const { quota = 0, usage = 0 } = await navigator.storage.estimate();
      room = quota - usage;
    }
  }, 2 * fitting.size);
  await begin(page, 'full', [fitting.url]);
  assert.equal((await settled(page)).downloaded, fitting.size);
  await worker.event('backgroundfetchsuccess');
}));

// Other engines let nobody lower a quota. Chromium comes there by itself, too: of two transactions that are
// under way together it lets each have what is left for both.
scenario('whoever has more than the quota stores nothing, and all of it is deleted', {
  native: false, engines: ['chromium'], register: false,
}, fixture => withQuota(fixture, 30 * MiB, async ({ page, worker, site }) => {
  const { name } = fixture;
  const arrived = file(site, name, 20 * MiB);
  await begin(page, 'full', [arrived.url, file(site, `${name}-late`, 12 * MiB, { gate: name }).url]);
  await stored(page, arrived.size);
  await leaveRoom(page, 10 * MiB);
  site.release(name);
  assert.equal((await settled(page)).failureReason, 'quota-exceeded');
  await worker.event('backgroundfetchfail');
  await emptied(page);
}));

scenario('who has more than the quota can be ended all the same, by the next worker', {
  native: false, engines: ['chromium'], register: false,
}, fixture => withQuota(fixture, 30 * MiB, async ({ page, worker, site }) => {
  const { name, stopWorker } = fixture;
  const arrived = file(site, name, 20 * MiB);
  await begin(page, 'full', [arrived.url, file(site, `${name}-late`, 10, { gate: name, hold: 'head' }).url]);
  await stored(page, arrived.size);
  await leaveRoom(page, 10 * MiB);
  // From the first transaction that does not fit, Chromium refuses every one.
  assert.equal(await page.run(size => new Promise((resolve, reject) => {
    const request = indexedDB.open('more');
    request.onerror = () => reject(request.error);
    request.onupgradeneeded = () => request.result.createObjectStore('more');
    request.onsuccess = () => {
      const transaction = request.result.transaction('more', 'readwrite');
      transaction.objectStore('more').put(new Blob([new Uint8Array(size)]), 0);
      transaction.oncomplete = () => resolve('stored');
      transaction.onabort = () => resolve(transaction.error?.name);
    };
  }), 15 * MiB), 'QuotaExceededError');
  await stopWorker();
  assert.equal(await page.run(() => /** @type {any} */ (self).job.abort()), true);
  await worker.event('backgroundfetchabort');
  await emptied(page);
}));

scenario('an end that cannot be stored is told all the same, and its id is free', {
  native: false, engines: ['chromium'], register: false,
}, fixture => withQuota(fixture, 30 * MiB, async ({ page, worker, site }) => {
  const { name } = fixture;
  const kept = file(site, name, 20 * MiB, { gate: name });
  await begin(page, 'kept', [kept.url]);
  await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    const [record] = await job.matchAll();
    // Whoever has a body keeps the rows.
    /** @type {any} */ (self).response = record.responseReady;
  });
  site.release(name);
  await worker.event('backgroundfetchsuccess');
  await leaveRoom(page, 10 * MiB);
  await begin(page, 'full', [file(site, `${name}-late`, 12 * MiB).url]);
  assert.equal((await settled(page)).failureReason, 'quota-exceeded');
  await worker.event('backgroundfetchfail');
  /** @type {Record<string, number>} */
  let left;
  do left = await rows(page);
  while (left.fetches !== 1);
  assert.deepEqual(await page.run(() => /** @type {any} */ (self).registration.backgroundFetch.getIds()), []);
  await page.reload();
  await emptied(page);
}));
