// Errors of engines that the code goes around. Each is reproduced here, so that an engine that mends one
// turns the test red and the detour can go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSite } from '../../tools/site.mjs';
import { Control } from './control.mjs';
import { launch } from './drivers/index.mjs';
import { remove, temporary } from './drivers/processes.mjs';
import { Page } from './page.mjs';
import { session } from './session.mjs';
import { scenario } from './support.mjs';

/** Stores a Blob, deletes it in the same transaction, stores another; gives what is then read of that. */
async function putDeletePut() {
  /** @type {<T>(request: IDBRequest<T>) => Promise<T>} */
  const settled = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const opening = indexedDB.open(`put-delete-put ${location.href}`, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('blobs');
  const database = await settled(opening);
  const write = (/** @type {(store: IDBObjectStore) => void} */ act) => new Promise((resolve, reject) => {
    const transaction = database.transaction('blobs', 'readwrite');
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
    act(transaction.objectStore('blobs'));
  });
  await write(store => {
    store.put(new Blob(['first']), 1);
    store.delete(1);
  });
  await write(store => store.put(new Blob(['the second one']), 2));
  database.close();
}

async function readSecond() {
  const opening = indexedDB.open(`put-delete-put ${location.href}`);
  const database = await new Promise((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const reading = database.transaction('blobs').objectStore('blobs').get(2);
  await new Promise(resolve => { reading.onsuccess = resolve; });
  const text = await reading.result.text();
  database.close();
  return text;
}

scenario('WebKit gives a Blob the bytes of one that was put and deleted in one transaction', { plain: true, native: false, register: false }, async ({ page, engine, plain }) => {
  if (engine === 'webkit' && !plain) return; // Private sessions store no Blobs at all.
  await page.run(putDeletePut);
  // The Blob that was stored must be garbage, so that what is read comes from the disk.
  await page.reload();
  await page.run(async () => {
    for (let round = 0; round < 40; round++) {
      new Uint8Array(16 << 20).fill(round);
      await new Promise(resolve => { setTimeout(resolve); });
    }
  });
  const read = await page.run(readSecond);
  assert.equal(read === 'the second one', engine !== 'webkit', read);
});

/** Stores Blobs until the browser is gone, a few in each transaction, and which ones in a row beside them. */
async function storeOn() {
  const database = /** @type {IDBDatabase} */ (/** @type {any} */ (self).database);
  let key = 0;
  const write = () => new Promise((resolve, reject) => {
    const transaction = database.transaction(['blobs', 'last'], 'readwrite');
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
    const keys = Array.from({ length: 1 + Math.floor(Math.random() * 8) }, () => key++);
    for (const key of keys) transaction.objectStore('blobs').put(new Blob([new Uint8Array(20_000 + Math.floor(Math.random() * 200_000))]), key);
    transaction.objectStore('last').put(keys, 0);
  });
  void (async () => {
    for (;;) await Promise.all([write(), write()]);
  })();
}

/** Opens what `storeOn` fills, as `self.database`. */
async function openBlobs() {
  const opening = indexedDB.open('killed', 1);
  opening.onupgradeneeded = () => ['blobs', 'last'].forEach(store => opening.result.createObjectStore(store));
  /** @type {any} */ (self).database = await new Promise((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

/** The keys of the Blobs whose last byte is missing, and those of the last transaction; begins anew. */
async function findDamaged() {
  const database = /** @type {IDBDatabase} */ (/** @type {any} */ (self).database);
  const transaction = database.transaction(['blobs', 'last'], 'readwrite');
  const [blobs, last] = ['blobs', 'last'].map(store => transaction.objectStore(store));
  const asked = [blobs?.getAllKeys(), blobs?.getAll(), last?.get(0)];
  await new Promise(resolve => { transaction.oncomplete = resolve; });
  const [keys, values, newest] = asked.map(request => request?.result);
  /** @type {number[]} */
  const damaged = [];
  for (const [place, blob] of values.entries()) {
    const read = await blob.slice(-1).arrayBuffer().catch(() => new ArrayBuffer(0));
    if (read.byteLength !== 1) damaged.push(keys[place]);
  }
  await new Promise(resolve => {
    const clearing = database.transaction('blobs', 'readwrite');
    clearing.objectStore('blobs').clear();
    clearing.oncomplete = resolve;
  });
  return { damaged, newest: /** @type {number[]} */ (newest ?? []) };
}

const { engine, plain, native, grep } = session.options;
const title = 'WebKit that is killed keeps rows whose Blobs have no file, of the last transaction only';
const KILLS = 40;

if (engine === 'webkit' && !plain && !native && (!grep || grep.test(title))) {
  test(title, { timeout: 300_000 }, async () => {
    const profile = temporary('killed');
    const site = await startSite();
    let kills = 0;
    /** @type {Awaited<ReturnType<typeof findDamaged>>} */
    let found = { damaged: [], newest: [] };
    for (; kills < KILLS && found.damaged.length === 0; kills++) {
      const control = await new Control().start();
      const url = site.url(`/t/killed/?plain&native&control=${encodeURIComponent(control.origin)}`);
      const browser = await launch(engine, { profile, plain: { control, url } });
      const page = new Page(browser, url, 60);
      await page.run(openBlobs);
      found = await page.run(findDamaged);
      await page.run(storeOn);
      await sleep(150 + Math.random() * 700);
      await browser.kill();
      control.close();
    }
    await site.close();
    remove(profile);
    assert.ok(found.damaged.length > 0, `not in ${kills} kills: WebKit may have been mended`);
    assert.deepEqual(found.damaged.filter(key => !found.newest.includes(key)), []);
  });
}
