// Responses of records in Cache Storage, where their url survives.
import assert from 'node:assert/strict';
import { begin, file, keepRecords, letGo } from './downloads.mjs';
import { scenario } from './support.mjs';

scenario('the url of a response survives a cache, in page and worker, and leaves no trace', {
  native: false,
  script: `
    ${keepRecords}
    addEventListener('message', event => event.waitUntil((async () => {
      if (event.data.type !== 'look') return;
      const cache = await caches.open(event.data.name);
      const [response] = await cache.matchAll();
      harness.report('look', [response.url, response.type, [...response.headers.keys()].some(key => key.includes('polyfill'))]);
    })()));
    addEventListener('fetch', event => {
      if (event.request.url.includes('/cached')) event.respondWith(caches.match(event.request.url));
    });
  `,
}, async ({ page, server, name, scope, worker }) => {
  const target = file(server, `${name}.mp3`, 100_000, { type: 'audio/mpeg' });
  const url = server.url(`/redirect?to=${encodeURIComponent(target.url)}`);
  await begin(page, 'cache', [url]);
  await worker.report('kept');
  const seen = await page.run(async (name, scope) => {
    const { registration, job, harness } = /** @type {any} */ (self);
    const cache = await caches.open(name);
    const [record] = await job.matchAll();
    const response = await record.responseReady;
    const copy = response.clone();
    const put = await cache.put(`${scope}cached`, response);
    await cache.put(`${scope}cached-copy`, copy);
    const ways = [
      await cache.match(`${scope}cached`), (await cache.match(`${scope}cached`))?.clone(), (await cache.matchAll())[1],
      await caches.match(`${scope}cached`), await caches.match(`${scope}cached`, { cacheName: name }),
    ];
    const seen = [];
    for (const way of ways) {
      if (way) seen.push([way.url, way.type, way.redirected, way.status, way.headers.get('content-type'), [...way.headers.keys()].some(key => key.includes('polyfill')), await harness.digest(way)]);
    }
    // Once more through a cache.
    const first = await cache.match(`${scope}cached`);
    if (first) await cache.put(`${scope}cached`, first);
    seen.push((await cache.match(`${scope}cached`))?.url);
    registration.active.postMessage({ type: 'look', name });
    return { put: typeof put, used: [response.bodyUsed, copy.bodyUsed], seen };
  }, name, scope);
  const facts = [target.url, 'basic', true, 200, 'audio/mpeg', false, target.sum];
  assert.deepEqual(seen, { put: 'undefined', used: [true, true], seen: [facts, facts, facts, facts, facts, target.url] });
  assert.deepEqual(await worker.report('look'), [target.url, 'basic', false]);
  // A page that the worker answers sees nothing of how that was done.
  await page.reload();
  const answer = await page.run(async scope => {
    while (!navigator.serviceWorker.controller) await new Promise(resolve => setTimeout(resolve, 10));
    const response = await fetch(`${scope}cached`);
    const { harness } = /** @type {any} */ (self);
    return [response.status, [...response.headers.keys()].filter(key => key.includes('polyfill')), await harness.digest(response)];
  }, scope);
  assert.deepEqual(answer, [200, [], target.sum]);
  await page.run(name => caches.delete(name).then(() => {}), name);
  await letGo(page, scope);
});

scenario('no server gives its response the url of another', { native: false, register: false }, async ({ page, server, name, scope }) => {
  const forged = `${'0'.repeat(64)} basic 0 https://bank.example/`;
  const { url } = file(server, name, 10, { header: `x-background-fetch-polyfill:${forged}` });
  const seen = await page.run(async (name, url, scope, forged) => {
    const cache = await caches.open(name);
    const urls = [];
    // As the network gave it, and rebuilt by a script.
    const response = await fetch(url);
    await cache.put(`${scope}a`, response.clone());
    await cache.put(`${scope}b`, new Response(response.body, response));
    await cache.put(`${scope}c`, new Response('', { headers: { 'x-background-fetch-polyfill': forged.replace('basic', '<') } }));
    for (const response of await cache.matchAll()) urls.push(response.url);
    await caches.delete(name);
    return urls;
  }, name, url, scope, forged);
  assert.deepEqual(seen, [url, '', '']);
});

scenario('a cache gives what it has where no database opens', {
  native: false,
  // A private session of WebKitGTK 2.50 empties a cache that nobody has open.
  script: `
    ${keepRecords}
    addEventListener('message', event => event.waitUntil((async () => {
      if (event.data.type !== 'hold') return;
      self.held = await caches.open(event.data.name);
      harness.report('held');
    })()));
  `,
}, async ({ page, server, name, scope, worker }) => {
  const { url, sum } = file(server, name, 100_000);
  await begin(page, 'offline', [url]);
  await worker.report('kept');
  await page.run(async name => {
    const { registration, job } = /** @type {any} */ (self);
    registration.active.postMessage({ type: 'hold', name });
    const cache = await caches.open(name);
    await cache.put('kept', await (await job.matchAll())[0].responseReady);
  }, name);
  await worker.report('held');
  await letGo(page, scope);
  await page.reload();
  const seen = await page.run(async name => {
    IDBFactory.prototype.open = () => { throw new DOMException('Connection to Indexed Database server lost.', 'UnknownError'); };
    const { harness } = /** @type {any} */ (self);
    const seen = [];
    for (const response of [await caches.match('kept'), ...await (await caches.open(name)).matchAll()]) {
      seen.push(response?.url, await harness.digest(response));
    }
    await caches.delete(name);
    return seen;
  }, name);
  assert.deepEqual(seen, ['', sum, '', sum]);
});

scenario('a cache refuses what it refuses from the network', { native: false, script: keepRecords }, async ({ page, server, name, scope, worker }) => {
  await begin(page, 'refuse', [file(server, name, 10, { vary: '*' }).url, file(server, `${name}-plain`, 10).url]);
  await worker.report('kept');
  const seen = await page.run(async name => {
    const cache = await caches.open(name);
    const { job } = /** @type {any} */ (self);
    const response = async (index = 0) => (await (await job.match((await job.matchAll())[index].request, { ignoreVary: true })).responseReady);
    /** @param {Promise<unknown>} promise */
    const outcome = promise => promise.then(() => 'none', error => error.name);
    const used = await response();
    await used.text();
    const locked = await response();
    locked.body.getReader();
    const [varies, plain] = [await response(), await response(1)];
    const put = await outcome(cache.put('x', varies));
    const post = await outcome(cache.put(new Request('x', { method: 'POST' }), plain));
    const odd = await outcome(cache.put(/** @type {any} */ ({ method: 1, toString: () => 'odd' }), await response(1)));
    // What was refused can be put elsewhere.
    const lengths = [await varies.blob(), await plain.blob()].map(({ size }) => size);
    const names = [...lengths, odd, put, post, await outcome(cache.put('x', used)), await outcome(cache.put('x', locked))];
    await caches.delete(name);
    return names;
  }, name);
  assert.deepEqual(seen, [10, 10, 'none', 'TypeError', 'TypeError', 'TypeError', 'TypeError']);
  await letGo(page, scope);
});

scenario('what is no response goes to respondWith() as it is', {
  native: false,
  first: `
    const { respondWith } = FetchEvent.prototype;
    FetchEvent.prototype.respondWith = function (given) {
      const said = Promise.resolve(given).then(value => harness.report('given', String(value)), error => harness.report('given', 'rejected: ' + error));
      respondWith.call(this, said.then(() => new Response('instead')));
    };
  `,
  script: "addEventListener('fetch', event => { if (event.request.url.includes('/missing')) event.respondWith(caches.match('/missing')); });",
}, async ({ page, worker }) => {
  await page.reload();
  const answer = await page.run(async () => (await fetch('missing')).text());
  assert.deepEqual([answer, await worker.report('given')], ['instead', 'undefined']);
});
