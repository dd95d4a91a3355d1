// Ends what a removed registration has left behind: with a registration go its background fetches, as in
// browsers that have them. There is nobody left to tell about it by an event.

import { name } from './protocol.js';
import { open, promise } from './reader.js';

/** @typedef {import('./reader.js').FetchRow & { written: number } | null} Row what anybody may have stored */

/**
 * Ends the background fetches that the removed predecessor of a registration has left, in one
 * transaction, and stops its engine. Their rows stay until nobody reads their bodies any more: the
 * engine that is opened next deletes them as it does with all that have ended.
 *
 * What lives is left alone: nothing was started by a registration that never had an active worker, so
 * that must still be so when the rows are in hand, and they must be older than this worker.
 *
 * @param {ServiceWorkerRegistration} registration
 * @param {number} [before] Infinity: this very registration goes, with all that it has
 * @param {number[] | false} [nos] ends these only, as far as they have no end
 * @returns {Promise<void>}
 */
export async function clear(registration, before = performance.timeOrigin, nos = false) {
  const database = await open(`${name} ${registration.scope}`, () => {});
  if (!database) return;
  try {
    const transaction = database.transaction(['meta', 'fetches'], 'readwrite');
    const [meta, fetches] = ['meta', 'fetches'].map(store => transaction.objectStore(store));
    const [epoch, keys, rows] = /** @type {[number, number[], Row[]]} */ (await Promise.all(
      [meta.get('epoch'), fetches.getAllKeys(), fetches.getAll()].map(promise),
    ));
    if (registration.active && before < Infinity) return;
    const left = rows.map((row, place) => ({ row, no: keys[place] }))
      .filter(({ row, no }) => nos ? nos.includes(no) && !row?.result : !(row && row.written >= before));
    if (!left.length) return;
    for (const { row, no } of left) {
      const end = row?.result ? {} : { result: 'failure', failureReason: 'aborted' };
      fetches.put({ ...row, ...end, recordsAvailable: false, due: 0 }, no);
    }
    meta.put(epoch + 1, 'epoch');
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}
