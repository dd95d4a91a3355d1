// A small database of the origin's own, beside those of the scopes: what is not about any one
// background fetch.

import { name } from './protocol.js';
import { promise } from './reader.js';

/**
 * Runs one transaction on one of its stores.
 *
 * @template T
 * @param {'secret' | 'wasm'} store
 * @param {IDBTransactionMode} mode
 * @param {(rows: IDBObjectStore) => Promise<T>} steps
 */
export async function withOriginStore(store, mode, steps) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore('secret');
    request.result.createObjectStore('wasm');
  };
  const database = await promise(request);
  try {
    return await steps(database.transaction(store, mode).objectStore(store));
  } finally {
    database.close();
  }
}
