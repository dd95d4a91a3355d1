// In the page: starts a background fetch or a peer in the worker, and watches the page's own main thread.

/** Puts `bench` on the page. */
export function pageSide() {
  const page = /** @type {any} */ (self);
  if (page.bench) return;
  const { scope } = page.registration;
  /** @type {Map<string, any>} */
  const ended = new Map();
  /** @type {Map<string, (end: any) => void>} */
  const waiting = new Map();
  const channel = new BroadcastChannel(`bench ${scope}`);
  channel.onmessage = ({ data }) => {
    ended.set(data.id, data);
    waiting.get(data.id)?.(data);
  };
  /** @param {number} time */
  const sleep = time => new Promise(resolve => setTimeout(resolve, time));

  page.bench = {
    /** Has the worker do something: when it was asked, how long it took, what it gave. @param {string} what @param {string[]} [urls] */
    ask(what, urls = []) {
      const { port1, port2 } = new MessageChannel();
      return new Promise((resolve, reject) => {
        // Finer than Date.now(), and comparable between a page and its worker.
        const start = performance.timeOrigin + performance.now();
        port1.onmessage = ({ data }) => {
          if (data.error) reject(new Error(data.error));
          else resolve({ at: start, time: data.at - start, value: data.value });
        };
        page.registration.active.postMessage({ bench: what, urls }, [port2]);
      });
    },
    /** Starts a background fetch. @param {string} id @param {string[]} urls */
    async begin(id, urls) {
      const at = Date.now();
      page.job = await page.registration.backgroundFetch.fetch(id, urls);
      return { at, registered: Date.now() - at };
    },
    /** How a background fetch ended, or nothing when that takes longer. @param {string} id @param {number} limit */
    async end(id, limit) {
      const end = new Promise(resolve => waiting.set(id, resolve));
      return ended.get(id) ?? await Promise.race([end, sleep(limit)]);
    },
    /** Wakes the engine up by a question. @param {string} id */
    async wake(id) {
      const at = Date.now();
      page.job = await page.registration.backgroundFetch.get(id);
      return { at, opened: performance.timeOrigin };
    },
    /** Says that now is a good moment to try again. */
    retry() {
      const at = Date.now();
      page.backgroundFetchPolyfill.retry();
      return { at };
    },
    abort: () => page.job.abort(),
    pause: () => page.job.pause(),
    /** Resolves when the rows of what is over are gone, or it takes too long. @param {string} name */
    async drained(name) {
      const all = await indexedDB.databases?.() ?? [];
      if (!all.some(database => database.name === name)) return;
      for (let tries = 0; tries < 25; tries++) {
        const rows = await new Promise((resolve, reject) => {
          const opening = indexedDB.open(name);
          opening.onerror = reject;
          opening.onsuccess = () => {
            const database = opening.result;
            const counting = database.transaction('fetches').objectStore('fetches').count();
            counting.onsuccess = () => resolve(counting.result);
            counting.onerror = reject;
            database.close();
          };
        });
        if (rows === 0) return;
        await sleep(200);
      }
    },
    /** How long the page's own small requests take, until `stop` is called. @param {string} url */
    probe(url) {
      /** @type {number[]} */
      const times = [];
      let on = true;
      const done = (async () => {
        while (on) {
          const start = performance.now();
          await (await fetch(`${url}&at=${start}`)).arrayBuffer();
          times.push(performance.now() - start);
          await sleep(20);
        }
      })();
      page.benchProbe = async () => {
        on = false;
        await done;
        return times;
      };
    },
    stopProbe: () => page.benchProbe(),
    /** Watches for long tasks, and for how late the main thread is. */
    watchTasks() {
      let worst = 0;
      let last = performance.now();
      const timer = setInterval(() => {
        const now = performance.now();
        worst = Math.max(worst, now - last - 10);
        last = now;
      }, 10);
      /** @type {number[]} */
      const long = [];
      const known = PerformanceObserver.supportedEntryTypes?.includes('longtask');
      const observer = known ? new PerformanceObserver(list => long.push(...list.getEntries().map(entry => entry.duration))) : undefined;
      observer?.observe({ type: 'longtask' });
      page.benchTasks = () => {
        clearInterval(timer);
        observer?.disconnect();
        return { worst, long: known ? long : null };
      };
    },
    stopTasks: () => page.benchTasks(),
  };
}
