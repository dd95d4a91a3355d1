// What a scope's database holds, read in a page of the origin. `readRows` and `countRows` run in the page: each
// is whole in itself.

/** @typedef {{ no: number, id: string, result: string, due: number }} FetchRow */
/** @typedef {{ no: number, index: number, stored: number, result: string, chunks: number, gap: boolean, intact: number }} RecordRow */

/**
 * Everything that matters after a crash: the background fetches, and of each record how much is stored, by
 * its row and by its chunks, and how much of that can be read.
 *
 * @param {string} scope
 * @returns {Promise<{ fetches: FetchRow[], records: RecordRow[] }>}
 */
export async function readRows(scope) {
  const name = `background-fetch-polyfill ${scope}`;
  /** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
  const done = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const opening = indexedDB.open(name);
  // Killed while it was made, it is there and has nothing in it; it is the engine that makes it.
  opening.onupgradeneeded = () => opening.transaction?.abort();
  const database = await done(opening).catch(error => {
    if (error.name !== 'AbortError') throw error;
  });
  if (!database) return { fetches: [], records: [] };
  const transaction = database.transaction(['fetches', 'responses', 'chunks']);
  const [fetches, responses, chunks] = await Promise.all(['fetches', 'responses', 'chunks'].map(async store => {
    const rows = transaction.objectStore(store);
    const [keys, values] = await Promise.all([done(rows.getAllKeys()), done(rows.getAll())]);
    return keys.map((key, place) => /** @type {{ key: any, row: any }} */ ({ key, row: values[place] }));
  }));
  database.close();
  /** Whether it has its last byte: WebKit, when it is killed, loses Blobs whose rows it keeps. @param {any} chunk */
  const readable = async chunk => !(chunk instanceof Blob) || (await chunk.slice(-1).arrayBuffer().catch(() => new ArrayBuffer(0))).byteLength === 1;
  return {
    fetches: (fetches ?? []).map(({ key, row: { id, result, due } }) => ({ no: key, id, result, due })),
    records: await Promise.all((responses ?? []).map(async ({ key: [no, index], row: { attempt, stored, result, at, from } }) => {
      let length = 0;
      let gap = false;
      /** @type {number | undefined} */
      let intact;
      for (const { key, row } of chunks ?? []) {
        if (key[0] !== no || key[1] !== at || key[2] !== attempt) continue;
        gap ||= key[3] !== length;
        if (!await readable(row)) intact ??= length;
        // Of a chunk that short bodies share, the part that is this record's.
        const size = row.size ?? row.byteLength;
        length += result && key[3] === 0 ? Math.min(size - from, stored) : size;
      }
      return { no, index, stored, result, chunks: length, gap, intact: intact ?? length };
    })),
  };
}

/** How many rows each store has, without the bookkeeping. */
export async function countRows() {
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

/** Rows by store, without the bookkeeping. @param {import('./page.mjs').Page} page */
export const rows = page => page.run(countRows);

/** Resolves when the database is empty again; the rows go some time after the handler. @param {import('./page.mjs').Page} page */
export async function emptied(page) {
  /** @type {Record<string, number>} */
  let left;
  do left = await rows(page);
  while (Object.values(left).some(count => count > 0));
}
