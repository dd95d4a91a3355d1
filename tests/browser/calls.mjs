// Calls of the API that a scenario lists as text, and what is left of them.

/**
 * Runs calls of the manager and tells how each one ended: with what it was told to look at, or with the error's name.
 *
 * @param {import('./page.mjs').Page} page
 * @param {Record<string, string>} calls by title: an expression of a promise, with `manager`, `url` and `registration` at hand
 * @param {string} url something to download
 * @returns {Promise<Record<string, any>>}
 */
export function outcomes(page, calls, url) {
  return page.run(async (calls, url) => {
    const { registration } = /** @type {any} */ (self);
    /** @type {Record<string, unknown>} */
    const outcomes = {};
    for (const [title, code] of Object.entries(calls)) {
      try {
        // A Function of the page, because a driver may have put this one into a realm of its own.
        const promise = /** @type {any} */ (self).Function('manager', 'url', 'registration', `return ${code}`)(registration.backgroundFetch, url, registration);
        if (typeof promise?.then !== 'function') throw new Error('no promise');
        outcomes[title] = await promise.then((/** @type {any} */ value) => value, (/** @type {any} */ error) => `${error.name}`);
      } catch (error) {
        outcomes[title] = `thrown ${error}`;
      }
    }
    return outcomes;
  }, calls, url);
}

/** All rows that the engine keeps of background fetches. @param {import('./page.mjs').Page} page */
export const leftovers = page => page.run(async () => {
  const { registration } = /** @type {any} */ (self);
  const name = `background-fetch-polyfill ${registration.scope}`;
  if (!(await indexedDB.databases()).some(database => database.name === name)) return 0;
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const stores = ['fetches', 'requests', 'responses', 'chunks'];
  const transaction = database.transaction(stores);
  const counts = await Promise.all(stores.map(store => new Promise(resolve => {
    const request = transaction.objectStore(store).count();
    request.onsuccess = () => resolve(request.result);
  })));
  database.close();
  return counts.reduce((sum, count) => sum + count, 0);
});

/** Loads the polyfill into a page that has none yet. @param {import('./page.mjs').Page} page @param {object} options */
export async function load(page, options) {
  await page.open('?native');
  await page.run(options => { /** @type {any} */ (self).backgroundFetchPolyfill = options; }, options);
  await page.load('/dist/background-fetch.js');
  await page.run(async () => {
    Object.assign(self, { registration: await navigator.serviceWorker.ready });
  });
}
