// What stays in the database: nothing, once a background fetch is over and nobody reads its bodies.
import assert from 'node:assert/strict';
import { begin, file } from './downloads.mjs';
import { scenario } from './support.mjs';

/** Ours only: what native stores is out of reach. */
const options = { plain: true, native: false };

/** Rows by store, without the bookkeeping. @param {import('./page.mjs').Page} page */
const rows = page => page.run(countRows);

/** Resolves when the database is empty again; the rows go some time after the handler. @param {import('./page.mjs').Page} page */
async function emptied(page) {
  /** @type {Record<string, number>} */
  let left;
  do left = await rows(page);
  while (Object.values(left).some(count => count > 0));
}

/** Runs in the page. */
async function countRows() {
  const name = `background-fetch-polyfill ${new URL('./', location.href).href}`;
  if (!(await indexedDB.databases()).some(database => database.name === name)) return {};
  /** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
  const done = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const database = await done(indexedDB.open(name));
  const stores = [...database.objectStoreNames].filter(store => store !== 'meta');
  const transaction = database.transaction(stores);
  const counts = await Promise.all(stores.map(store => done(transaction.objectStore(store).count())));
  database.close();
  return Object.fromEntries(stores.map((store, index) => [store, counts[index] ?? 0]));
}

scenario('after success nothing is left', options, async ({ page, worker, server, name }) => {
  await begin(page, 'success', [file(server, `${name}-0`, 3_000_000).url, file(server, `${name}-1`, 100).url]);
  await worker.event('backgroundfetchsuccess');
  await emptied(page);
});

scenario('after a failure nothing is left', options, async ({ page, worker, server, name }) => {
  await begin(page, 'failure', [file(server, name, 100_000).url, file(server, `${name}-bad`, 10, { status: 500 }).url]);
  await worker.event('backgroundfetchfail');
  await emptied(page);
});

scenario('after an abort nothing is left', options, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 4_000_000, { gate: name, hold: 2_000_000 });
  await begin(page, 'abort', [wanted.url]);
  await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    await new Promise(resolve => {
      const look = () => job.downloaded > 0 && resolve(undefined);
      job.addEventListener('progress', look);
      look();
    });
    await job.abort();
  });
  await worker.event('backgroundfetchabort');
  await emptied(page);
});

scenario('a refused id leaves the first one alone, and nothing of its own', options, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 1000, { gate: name });
  await begin(page, 'taken', [wanted.url]);
  const before = await rows(page);
  assert.deepEqual([before.fetches, before.requests, before.ids], [1, 1, 1]);
  await assert.rejects(begin(page, 'taken', [`${wanted.url}&other`, `${wanted.url}&third`]), { name: 'TypeError' });
  const { fetches, requests, ids } = await rows(page);
  assert.deepEqual([fetches, requests, ids], [1, 1, 1]);
  server.release(name);
  await worker.event('backgroundfetchsuccess');
  await emptied(page);
});
