// Several realms on one registration: frames that come and go, pages that nobody controls, and scopes below
// the script.
import assert from 'node:assert/strict';
import { begin, file, keepRecords, letGo, reportRecords, settled, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

/** Adds a frame with the script to the page. @param {import('./page.mjs').Page} page @param {Record<string, string>} [attributes] */
const addFrame = (page, attributes = {}) => page.run(async attributes => {
  const frame = Object.assign(document.createElement('iframe'), { src: './' });
  for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
  const loaded = new Promise(resolve => { frame.onload = resolve; });
  document.body.append(frame);
  await loaded;
  Object.assign(self, { frame });
}, attributes);

scenario('a frame has objects and errors of its own realm', { native: false }, async ({ page, server, name }) => {
  await addFrame(page);
  const seen = await page.run(async url => {
    const { frame, registration } = /** @type {any} */ (self);
    const inner = frame.contentWindow;
    const theirs = await inner.navigator.serviceWorker.getRegistration();
    const promise = theirs.backgroundFetch.fetch('framed', url);
    const job = await promise;
    const outer = await registration.backgroundFetch.get('framed');
    const error = await theirs.backgroundFetch.fetch('framed', url).catch((/** @type {unknown} */ error) => error);
    const denied = await theirs.backgroundFetch.fetch('large', url, { downloadTotal: Number.MAX_SAFE_INTEGER }).catch((/** @type {unknown} */ error) => error);
    const [record] = await job.matchAll();
    return [
      promise instanceof inner.Promise, job instanceof inner.BackgroundFetchRegistration, outer instanceof /** @type {any} */ (self).BackgroundFetchRegistration,
      job !== outer, error instanceof inner.TypeError, denied instanceof inner.DOMException, denied.name,
      record instanceof inner.BackgroundFetchRecord, record.request instanceof inner.Request, Array.isArray(await theirs.backgroundFetch.getIds()),
      await theirs.backgroundFetch.getIds() instanceof inner.Array,
    ];
  }, file(server, name, 1000, { gate: name }).url);
  assert.deepEqual(seen, [true, true, true, true, true, true, 'QuotaExceededError', true, true, true, true]);
  server.release(name);
});

// WebKit shows such a frame no registrations.
scenario('a frame that was written and not loaded has the API as well', { native: false, engines: ['chromium', 'firefox'] }, async ({ page, worker, server, name }) => {
  const result = await page.run(async url => {
    const { scope } = /** @type {any} */ (self).registration;
    const frame = document.createElement('iframe');
    // Its own policy is one for the origin that it has of its parent.
    frame.srcdoc = '<!doctype html><meta http-equiv="Content-Security-Policy" content="connect-src \'self\'"><script>self.backgroundFetchPolyfill = { force: true };</script><script src="/dist/background-fetch.js"></script>';
    const loaded = new Promise(resolve => { frame.onload = resolve; });
    document.body.append(frame);
    await loaded;
    const inner = /** @type {any} */ (frame.contentWindow);
    const theirs = await inner.navigator.serviceWorker.getRegistration(scope);
    const job = await theirs.backgroundFetch.fetch('written', url);
    while (!job.result) await new Promise(resolve => { job.addEventListener('progress', resolve, { once: true }); });
    return job.result;
  }, file(server, name, 1000).url);
  assert.equal(result, 'success');
  await worker.event('backgroundfetchsuccess');
});

scenario('every page sees progress and result before the worker speaks to it', {
  native: false,
  script: `
    for (const type of ['success', 'fail', 'abort']) addEventListener('backgroundfetch' + type, event => event.waitUntil((async () => {
      const copy = {};
      for (const key in event.registration) if (typeof event.registration[key] !== 'function') copy[key] = event.registration[key];
      for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage({ type: event.type, kind: event.constructor.name, copy });
    })()));
  `,
}, async ({ page, server, name }) => {
  await addFrame(page);
  for (const [index, url] of [file(server, `${name}-0`, 1000).url, file(server, `${name}-1`, 10, { status: 404 }).url].entries()) {
    const seen = await page.run(async (id, url) => {
      const { frame, registration } = /** @type {any} */ (self);
      const inner = (await frame.contentWindow.navigator.serviceWorker.getRegistration()).backgroundFetch;
      /** @type {any[]} */
      const jobs = [];
      const heard = [self, frame.contentWindow].map((realm, place) => new Promise(resolve => {
        realm.navigator.serviceWorker.addEventListener('message', (/** @type {MessageEvent} */ { data }) => {
          if (data.copy?.id === id) resolve([data.type, data.kind, data.copy, jobs[place] && [jobs[place].result, jobs[place].downloaded]]);
        });
        realm.navigator.serviceWorker.startMessages();
      }));
      jobs.push(await registration.backgroundFetch.fetch(id, url));
      jobs.push(await inner.get(id));
      return Promise.all(heard);
    }, `job ${index}`, url);
    const [type, kind, copy, [result, downloaded]] = /** @type {any[]} */ (seen)[0];
    assert.deepEqual([type, kind], [index ? 'backgroundfetchfail' : 'backgroundfetchsuccess', 'BackgroundFetchUpdateUIEvent']);
    assert.deepEqual(copy, {
      id: `job ${index}`, uploadTotal: 0, uploaded: 0, downloadTotal: 0, downloaded: copy.downloaded, result, failureReason: index ? 'bad-status' : '', recordsAvailable: true, onprogress: null,
    });
    assert.deepEqual([result, downloaded], [index ? 'failure' : 'success', index ? 10 : 1000]);
    // The other realm may have been too late to find it.
    const other = /** @type {any[]} */ (seen)[1][3];
    if (other) assert.equal(other[0], result);
  }
});

scenario('a frame that is removed leaves its background fetch behind, and it ends well', { native: false, script: keepRecords }, async ({ page, server, name, worker, scope }) => {
  const wanted = file(server, name, 400_000, { gate: name, hold: 200_000 });
  await addFrame(page);
  await page.run(async url => {
    const { frame } = /** @type {any} */ (self);
    const { backgroundFetch } = await frame.contentWindow.navigator.serviceWorker.getRegistration();
    await backgroundFetch.fetch('orphan', url);
  }, wanted.url);
  await server.log.until(log => log.of(name)[0]?.sent === 200_000);
  await page.run(() => /** @type {any} */ (self).frame.remove());
  await page.run(async () => {
    const { registration } = /** @type {any} */ (self);
    Object.assign(self, { job: await registration.backgroundFetch.get('orphan') });
  });
  server.release(name);
  assert.equal((await settled(page)).result, 'success');
  await worker.report('kept');
  const sum = await page.run(async () => {
    const { job, harness } = /** @type {any} */ (self);
    return harness.digest(await (await job.matchAll())[0].responseReady);
  });
  assert.equal(sum, wanted.sum);
  await letGo(page, scope);
});

scenario('the registration of a frame that is gone can be removed as ever', { native: false }, async ({ page }) => {
  await addFrame(page);
  assert.equal(await page.run(async () => {
    const { frame } = /** @type {any} */ (self);
    const theirs = await frame.contentWindow.navigator.serviceWorker.getRegistration();
    frame.remove();
    const removed = theirs.unregister();
    removed.catch(() => {}); // Browsers differ in that.
    return typeof removed.then;
  }), 'function');
});

scenario('a frame without an origin loads the script and is none the worse for it', { native: false }, async ({ page }) => {
  const said = await page.run(async () => {
    // Of a script that it may not read a document reports no rejections.
    const script = await (await fetch('/dist/background-fetch.js')).text();
    return new Promise(resolve => {
      /** @type {string[]} */
      const said = [];
      addEventListener('message', ({ data }) => data === 'end' ? resolve(said) : said.push(data));
      const frame = document.createElement('iframe');
      frame.setAttribute('sandbox', 'allow-scripts');
      frame.srcdoc = `<script>
        const say = text => parent.postMessage(String(text), '*');
        for (const level of ['error', 'warn']) console[level] = say;
        addEventListener('error', ({ message }) => say(message));
        addEventListener('unhandledrejection', ({ reason }) => say(reason));
        self.backgroundFetchPolyfill = { force: true };
      </script>
      <script>${script}</script>
      <script>
        say(typeof BackgroundFetchManager);
        // What the script itself may ask for is refused by then.
        (async () => navigator.serviceWorker.getRegistration())().catch(() => {}).then(() => setTimeout(() => say('end')));
      </script>`;
      document.body.append(frame);
    });
  });
  assert.deepEqual(said, ['function']);
});

scenario('a scope below the script, used, removed and used again at once', { register: false, native: false }, async ({ page, server, name, worker, scope }) => {
  const urls = [0, 1, 2, 3].map(index => file(server, `${name}-${index}`, 1000 + index).url);
  const seen = await page.run(async (urls, scope) => {
    /** @type {unknown[]} */
    const seen = [];
    for (const [index, url] of urls.entries()) {
      const registration = await navigator.serviceWorker.register(`sw.js${location.search}&script=${encodeURIComponent(`
        for (const type of ['success', 'fail', 'abort']) addEventListener('backgroundfetch' + type, event => event.waitUntil((async () => {
          const { id, result, failureReason, recordsAvailable } = event.registration;
          const sizes = await Promise.all((await event.registration.matchAll()).map(async ({ responseReady }) => (await (await responseReady).blob()).size));
          for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage({ type: event.type, id, result, failureReason, recordsAvailable, sizes });
        })()));
      `)}`, { scope: `${scope}below/` });
      const worker = registration.installing ?? registration.waiting ?? registration.active;
      while (worker?.state !== 'activated') await new Promise(resolve => worker?.addEventListener('statechange', resolve, { once: true }));
      const manager = /** @type {any} */ (registration).backgroundFetch;
      const before = await manager.getIds();
      const told = new Promise(resolve => { navigator.serviceWorker.onmessage = ({ data }) => resolve(data); });
      const job = await manager.fetch('same id', url);
      seen.push([before, job.id, await told, job.result, job.downloaded]);
      // One that is under way goes with its registration.
      if (index % 2) await manager.fetch('left behind', `${url}&gate=${index}&hold=500`);
      await registration.unregister();
    }
    return seen;
  }, urls, scope);
  for (const [index, one] of seen.entries()) {
    assert.deepEqual(one, [[], 'same id', {
      type: 'backgroundfetchsuccess', id: 'same id', result: 'success', failureReason: '', recordsAvailable: true, sizes: [1000 + index],
    }, 'success', 1000 + index]);
  }
  assert.deepEqual(worker.problems, []);
});

scenario('calls at the same time are answered each for itself', { native: false }, async ({ page, server, name, worker }) => {
  const urls = Array.from({ length: 6 }, (_, index) => file(server, `${name}-${index}`, 1000, { gate: name }).url);
  const seen = await page.run(async urls => {
    const manager = /** @type {any} */ (self).registration.backgroundFetch;
    /** @param {Promise<any>} promise */
    const outcome = promise => promise.then(value => value, error => error.name);
    const jobs = await Promise.all(urls.map((url, index) => manager.fetch(`job ${index}`, url)));
    const twins = (await Promise.all([outcome(manager.fetch('twin', urls[0])), outcome(manager.fetch('twin', urls[0]))])).map(value => value.id ?? value);
    const ids = await manager.getIds();
    const [first] = jobs;
    const found = await Promise.all([manager.get('job 0'), manager.get('job 0'), manager.get('nothing')]);
    const aborts = await Promise.all([first.abort(), first.abort(), jobs[1].abort()]);
    return {
      ids: jobs.map(({ id }) => id), twins: twins.sort(), listed: ids, same: found.map(job => job === first), none: found[2] === undefined, aborts,
      left: await manager.getIds(), gone: await manager.get('job 0') === undefined, late: await first.abort(),
    };
  }, urls);
  const ids = urls.map((_, index) => `job ${index}`);
  assert.deepEqual(seen, {
    ids, twins: ['TypeError', 'twin'], listed: [...ids, 'twin'], same: [true, true, false], none: true, aborts: [true, false, true],
    left: [...ids.slice(2), 'twin'], gone: true, late: false,
  });
  server.release(name);
  for (let count = 0; count < 5; count++) await worker.event('backgroundfetchsuccess', count);
  assert.deepEqual(worker.events.map(({ type }) => type).sort(), [...Array(2).fill('backgroundfetchabort'), ...Array(5).fill('backgroundfetchsuccess')]);
});

scenario('what is begun by one page is heard of by another that only listens', { native: false }, async ({ page, server, name }) => {
  await addFrame(page);
  const { url } = file(server, name, 500_000, { gate: name, hold: 250_000 });
  await begin(page, 'heard', [url]);
  const heard = page.run(async () => {
    const { frame } = /** @type {any} */ (self);
    const job = await (await frame.contentWindow.navigator.serviceWorker.getRegistration()).backgroundFetch.get('heard');
    /** @type {any[]} */
    const seen = [];
    job.onprogress = () => seen.push([job.downloaded, job.result]);
    Object.assign(self, { theirs: job, seen });
  });
  await heard;
  server.release(name);
  await settled(page);
  const seen = await page.run(async () => {
    const { theirs, seen } = /** @type {any} */ (self);
    while (!theirs.result) await new Promise(resolve => theirs.addEventListener('progress', resolve, { once: true }));
    return seen;
  });
  assert.deepEqual(seen.at(-1), [500_000, 'success']);
});

// In WebKit a worker stops only when there is no page of its scope any more.
scenario('a page that was there before goes on with what a page that has gone began', {
  native: false, engines: ['chromium', 'firefox'], script: reportRecords, seconds: 90,
}, async fixture => {
  const { page, worker, server, name, stopWorker } = fixture;
  const wanted = file(server, name, 4 << 20, { gate: name, hold: 2 << 20 });
  await page.open(`${new URL(page.url).search}&native`);
  // Minutes are short here.
  await page.run(() => {
    const every = setInterval;
    Object.assign(self, {
      backgroundFetchPolyfill: { force: true },
      setInterval: (/** @type {() => void} */ code, /** @type {number} */ delay) => every(code, delay === 60_000 ? 200 : delay),
    });
  });
  await page.load('/dist/background-fetch.js');
  await addFrame(page, { src: `./${new URL(page.url).search.replace('&native', '')}` });
  await page.run(async url => {
    const { frame } = /** @type {any} */ (self);
    const registration = await frame.contentWindow.navigator.serviceWorker.getRegistration();
    await registration.backgroundFetch.fetch('left', url);
  }, wanted.url);
  await server.log.until(log => log.of(name).length > 0);
  const asked = server.log.of(name).length;
  await page.run(() => /** @type {any} */ (self).frame.remove());
  await stopWorker();
  server.release(name);
  await server.log.until(log => log.of(name).length > asked);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
});
