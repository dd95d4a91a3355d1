// Errors of engines that the code goes around. Each is reproduced here, so that an engine that mends one
// turns the test red and the detour can go.
import assert from 'node:assert/strict';
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
