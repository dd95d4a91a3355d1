// Throws away what a removed registration has left behind. Its background fetches end with it, as
// in browsers that have them.

import { name } from './protocol.js';

/**
 * Deletes the database of a scope, if there is one. Nobody can be reading it but pages that have
 * outlived the registration; they and an engine that is still running let go of it at once, and
 * learn from its absence that everything has ended.
 *
 * @param {string} scope
 * @returns {Promise<void>}
 */
export async function clear(scope) {
  const database = `${name} ${scope}`;
  const existing = await indexedDB.databases?.();
  if (existing && !existing.some(({ name }) => name === database)) return;
  await new Promise(resolve => {
    const request = indexedDB.deleteDatabase(database);
    // Whoever does not let go will not hold up an installation.
    request.onsuccess = request.onerror = request.onblocked = resolve;
  });
}
