// In the service worker: the peers, and what happens when a background fetch is over.

/** Listens to what the page asks of it. Times are Date.now(): pages and the server have the same clock. */
export function workerSide() {
  const worker = /** @type {any} */ (self);
  const channel = new BroadcastChannel(`bench ${worker.registration.scope}`);
  const cacheName = `bench ${worker.registration.scope}`;
  /** Whether the success handler keeps everything. */
  let keep = false;

  /**
   * Does something for each, so many at a time.
   *
   * @template T
   * @param {T[]} list
   * @param {number} limit
   * @param {(item: T) => Promise<unknown>} act
   */
  async function each(list, limit, act) {
    const rest = list[Symbol.iterator]();
    await Promise.all(Array.from({ length: limit }, async () => {
      for (const item of rest) await act(item);
    }));
  }

  /** Reads a body and throws it away. @param {string} url */
  async function discard(url) {
    const reader = (await fetch(url)).body?.getReader();
    while (reader && !(await reader.read()).done);
  }

  /** @type {Record<string, (urls: string[]) => Promise<unknown>>} */
  const work = {
    now: async () => {},
    keep: async () => { keep = true; },
    discard: urls => each(urls, 16, discard),
    discard4: urls => each(urls, 4, discard),
    put: async urls => {
      const cache = await caches.open(cacheName);
      for (const url of urls) await cache.put(url, await fetch(url));
    },
    addAll: async urls => (await caches.open(cacheName)).addAll(urls),
    clear: () => caches.delete(cacheName),
    evaluation: async () => worker.benchEvaluated - worker.benchStarted,
    profile: async () => worker.benchProfile?.(),
  };

  addEventListener('message', event => {
    const { data, ports } = /** @type {any} */ (event);
    const act = work[data?.bench];
    if (!act) return;
    /** @type {any} */ (event).waitUntil(act(data.urls).then(
      value => ports[0].postMessage({ at: performance.timeOrigin + performance.now(), value }),
      error => ports[0].postMessage({ error: `${error?.name}: ${error?.message}` }),
    ));
  });

  /** @param {any} registration */
  async function keepAll(registration) {
    const start = performance.now();
    const cache = await caches.open(cacheName);
    const records = await registration.matchAll();
    const matched = performance.now() - start;
    await each(records, 16, async record => cache.put(record.request, await record.responseReady));
    return { matched, kept: performance.now() - start };
  }

  for (const type of ['success', 'fail', 'abort']) {
    addEventListener(`backgroundfetch${type}`, event => {
      const at = Date.now();
      const { registration } = /** @type {any} */ (event);
      const { id, failureReason } = registration;
      const kept = keep && type === 'success' ? keepAll(registration) : Promise.resolve({});
      keep = false;
      /** @type {any} */ (event).waitUntil(kept.then(
        more => channel.postMessage({ id, type, at, failureReason, ...more }),
        error => channel.postMessage({ id, type: 'error', at, failureReason: String(error) }),
      ));
    });
  }
}
