// Records: which ones a query finds, and what they hold while the fetch runs and afterwards.
// https://wicg.github.io/background-fetch/#create-settled-fetches-algorithm
import assert from 'node:assert/strict';
import { checksum } from '../../tools/faults/bytes.mjs';
import { begin, file, keepRecords, letGo } from './downloads.mjs';
import { scenario } from './support.mjs';

scenario('queries find records as they find entries of a cache', { script: keepRecords }, async ({ page, server, name, scope, worker, native }) => {
  const base = server.url(`/bytes/${name}`);
  const seen = await page.run(async base => {
    const { registration } = /** @type {any} */ (self);
    const given = [
      new Request(`${base}?size=1`), new Request(`${base}?size=2`), new Request(`${base}?size=1`, { method: 'POST', body: 'b' }),
      new Request(`${base}?size=3&vary=x-kind`, { headers: { 'x-kind': 'a' } }), new Request(`${base}?size=1`),
      new Request(`${base}?size=1`, { method: 'HEAD' }), new Request(`${base}?size=5&vary=*`), new Request(`${base}?size=6&vary=x-kind,+accept-language`),
      new Request(`${base}?size=7&vary=no+name`),
    ];
    Object.assign(self, { job: await registration.backgroundFetch.fetch('match', given) });
  }, base).then(() => worker.report('kept')).then(() => page.run(async base => {
    const { job } = /** @type {any} */ (self);
    const all = await job.matchAll();
    const known = all.map((/** @type {any} */ { request }) => request.url + request.method);
    /** @param {RequestInfo} [request] @param {CacheQueryOptions} [options] */
    const find = async (request, options) => (await job.matchAll(request, options)).map((/** @type {any} */ { request }) => `${request.method} ${new URL(request.url).search}`);
    return {
      count: known.length,
      url: await find(`${base}?size=1`),
      fragment: await find(`${base}?size=2#part`),
      post: await find(new Request(`${base}?size=1`, { method: 'POST' })),
      ignoreMethod: await find(new Request(`${base}?size=1`, { method: 'POST' }), { ignoreMethod: true }),
      ignoreSearch: (await find(base, { ignoreSearch: true })).length,
      both: (await find(base, { ignoreSearch: true, ignoreMethod: true })).length,
      vary: [
        await find(`${base}?size=3&vary=x-kind`),
        await find(new Request(`${base}?size=3&vary=x-kind`, { headers: { 'X-Kind': 'a' } })),
        await find(new Request(`${base}?size=3&vary=x-kind`, { headers: { 'X-Kind': 'b' } })),
        await find(`${base}?size=3&vary=x-kind`, { ignoreVary: true }),
      ],
      star: [await find(`${base}?size=5&vary=*`), await find(`${base}?size=5&vary=*`, { ignoreVary: true })],
      several: await find(new Request(`${base}?size=6&vary=x-kind,+accept-language`, { headers: { 'Accept-Language': 'de' } })),
      none: await find(`${base}?size=4`),
      match: (await job.match(`${base}?size=1`)).request.method,
      noMatch: String(await job.match(`${base}?size=4`)),
    };
  }, base));
  // Natively order is another, and records are told apart by URL and method only.
  if (!native) {
    assert.deepEqual(seen.url, ['GET ?size=1', 'GET ?size=1', 'HEAD ?size=1']);
    assert.deepEqual(seen.ignoreMethod, ['GET ?size=1', 'POST ?size=1', 'GET ?size=1', 'HEAD ?size=1']);
    assert.equal(seen.ignoreSearch, 6);
    assert.equal(seen.both, 7, 'two vary');
    assert.deepEqual([seen.star, seen.several], [[[], ['GET ?size=5&vary=*']], []]);
    assert.deepEqual(seen.vary, [[], ['GET ?size=3&vary=x-kind'], [], ['GET ?size=3&vary=x-kind']]);
  }
  assert.deepEqual([seen.count, seen.fragment, seen.post, seen.none, seen.match, seen.noMatch], [9, ['GET ?size=2'], [], [], 'GET', 'undefined']);
  await letGo(page, scope);
});

for (const place of /** @type {const} */ (['page', 'worker'])) {
  const follow = `async job => {
    const [first, second] = await job.matchAll();
    const response = await first.responseReady;
    harness.report('headers', [response.url.includes('/bytes/'), response.status, response.headers.get('x-own'), response.headers.get('content-length')]);
    let pending = 'pending';
    second.responseReady.then(() => { pending = 'there'; });
    const reader = response.body.getReader();
    let size = 0;
    const parts = [];
    const kinds = new Set();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (size < 500_000 && size + value.length >= 500_000) harness.report('half', pending);
      size += value.length;
      parts.push(value);
      kinds.add(Object.prototype.toString.call(value));
    }
    await second.responseReady;
    harness.report('whole', { size, kinds: [...kinds], pending, sum: await harness.digest(new Response(new Blob(parts))) });
  }`;
  scenario(`while a fetch runs, its bodies can be read as they come, in the ${place}`, {
    plain: true,
    native: false, // There, responses wait until everything has arrived.
    script: `
      addEventListener('message', event => {
        if (event.data.type === 'follow') event.waitUntil(registration.backgroundFetch.get('live').then(${follow}));
      });
    `,
  }, async ({ page, server, name, worker }) => {
    const first = file(server, `${name}-1`, 1_000_000, { gate: name, hold: 500_000, header: 'x-own:yes' });
    const second = file(server, `${name}-2`, 1000, { gate: `${name}-2`, hold: 'head' });
    await begin(page, 'live', [first.url, second.url]);
    /** @type {(name: string) => Promise<any>} */
    let report;
    if (place === 'worker') {
      report = name => worker.report(name);
      await page.run(() => /** @type {any} */ (self).registration.active.postMessage({ type: 'follow' }));
    } else {
      await page.run(follow => {
        const { job, harness: { digest } } = /** @type {any} */ (self);
        /** @type {Record<string, { promise: Promise<any>, resolve: (value: any) => void, reject: (error: any) => void }>} */
        const said = {};
        for (const name of ['headers', 'half', 'whole']) {
          const later = /** @type {any} */ ({});
          later.promise = new Promise((resolve, reject) => Object.assign(later, { resolve, reject }));
          said[name] = later;
        }
        Object.assign(self, { said });
        const harness = { digest, report: (/** @type {string} */ name, /** @type {any} */ value) => said[name]?.resolve(value) };
        /** @type {any} */ (self).Function('harness', `return ${follow}`)(harness)(job)
          .catch((/** @type {any} */ error) => Object.values(said).forEach(({ reject }) => reject(error)));
      }, follow);
      report = name => page.run(name => /** @type {any} */ (self).said[name].promise, name);
    }
    assert.deepEqual(await report('headers'), [true, 200, 'yes', null]);
    assert.equal(await report('half'), 'pending');
    server.release(name);
    server.release(`${name}-2`);
    assert.deepEqual(await report('whole'), { size: 1_000_000, kinds: ['[object Uint8Array]'], pending: 'there', sum: checksum(first.url.match(/seed=([^&]*)/)?.[1] ?? '', 1_000_000) });
    await worker.event('backgroundfetchsuccess');
  });
}

scenario('a body that is stored in buffers and in Blobs is one body', { plain: true, native: false, script: keepRecords }, async ({ page, server, name, scope, worker }) => {
  // Small parts of it are stored as buffers, which is faster; large ones as Blobs, which take no memory.
  const wanted = file(server, name, 1_000_000, { gate: name, hold: 999_000 });
  await begin(page, 'mixed', [wanted.url]);
  await page.run(async half => {
    const { job } = /** @type {any} */ (self);
    while (job.downloaded < half) await new Promise(resolve => job.addEventListener('progress', resolve, { once: true }));
    Object.assign(self, { live: (await job.match((await job.matchAll())[0].request)).responseReady.then((/** @type {Response} */ response) => response.arrayBuffer()) });
  }, 999_000);
  server.release(name);
  await worker.report('kept');
  const { kinds, sums } = await page.run(async scope => {
    const { job, live, harness } = /** @type {any} */ (self);
    const database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open(`background-fetch-polyfill ${scope}`);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = reject;
    });
    const chunks = await new Promise((resolve, reject) => {
      const reading = database.transaction('chunks').objectStore('chunks').getAll();
      reading.onsuccess = () => resolve(reading.result);
      reading.onerror = reject;
    });
    database.close();
    const [record] = await job.matchAll();
    return {
      kinds: [...new Set(chunks.map((/** @type {object} */ chunk) => chunk.constructor.name))].sort(),
      sums: [await harness.digest(new Response(await live)), await harness.digest(await record.responseReady)],
    };
  }, scope);
  // Private sessions of WebKit hold no Blobs.
  assert.ok(kinds.includes('ArrayBuffer') && kinds.length <= 2, `${kinds}`);
  assert.deepEqual(sums, [wanted.sum, wanted.sum]);
  await letGo(page, scope);
});

scenario('a body that is cancelled while it waits for more is looked for no longer', { plain: true, native: false, script: keepRecords }, async ({ page, server, name, scope, worker }) => {
  await begin(page, 'cancelled', [file(server, name, 1_000_000, { gate: name, hold: 500_000 }).url]);
  const [before, after] = await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    const [record] = await job.matchAll();
    const reader = (await record.responseReady).body.getReader();
    let size = 0;
    const reading = (async () => {
      for (let step; !(step = await reader.read()).done;) size += step.value.length;
    })();
    let looks = 0;
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...args) {
      looks++;
      return Reflect.apply(transaction, this, args);
    };
    while (size < 500_000 || looks < 2) await new Promise(resolve => setTimeout(resolve, 20));
    await reader.cancel();
    await reading;
    // The one that is on its way.
    await new Promise(resolve => setTimeout(resolve, 1000));
    const before = looks;
    await new Promise(resolve => setTimeout(resolve, 1000));
    return [before, looks];
  });
  assert.equal(after, before);
  server.release(name);
  await worker.report('kept');
  await letGo(page, scope);
});

scenario('after an abort, what is pending rejects with AbortError', { native: false, script: keepRecords }, async ({ page, server, name, scope, worker }) => {
  const half = file(server, `${name}-1`, 1_000_000, { gate: name, hold: 500_000 });
  const none = file(server, `${name}-2`, 1000, { gate: name, hold: 'head' });
  const done = file(server, `${name}-3`, 1000);
  await begin(page, 'abort', [half.url, none.url, done.url]);
  const seen = await page.run(async done => {
    const { job } = /** @type {any} */ (self);
    const [first, second] = await job.matchAll();
    const response = await first.responseReady;
    const reader = response.body.getReader();
    await reader.read();
    /** @param {Promise<unknown>} promise */
    const outcome = promise => promise.then(() => 'none', error => `${error.constructor.name} ${error.name}`);
    const pending = outcome(second.responseReady);
    const read = outcome((async () => { while (!(await reader.read()).done); })());
    while (!(await (await job.match(done)).responseReady).headers.has('content-length')) await new Promise(resolve => setTimeout(resolve, 10));
    const aborted = await job.abort();
    const outcomes = [aborted, await pending, await read];
    while (!job.result) await new Promise(resolve => job.addEventListener('progress', resolve, { once: true }));
    const again = await job.matchAll();
    // What had arrived is still there.
    outcomes.push(await outcome(again[0].responseReady), await outcome(again[1].responseReady), (await (await again[2].responseReady).blob()).size);
    return outcomes;
  }, done.url);
  const error = 'DOMException AbortError';
  assert.deepEqual(seen, [true, error, error, error, error, 1000]);
  assert.equal((await worker.event('backgroundfetchabort')).failureReason, 'aborted');
  await letGo(page, scope);
});

scenario('a failed fetch hands out what arrived, and TypeErrors for the rest', { native: false, script: keepRecords }, async ({ page, server, other, name, scope, worker, expectProblem }) => {
  expectProblem(/CORS|access control/i);
  await begin(page, 'failed', [file(server, `${name}-1`, 1000).url, file(other, `${name}-2`, 1000).url, file(server, `${name}-3`, 70, { status: 410 }).url]);
  await worker.report('kept');
  const seen = await page.run(async () => {
    const seen = [];
    for (const { responseReady } of await /** @type {any} */ (self).job.matchAll()) {
      seen.push(await responseReady.then(async (/** @type {Response} */ response) => [response.status, (await response.blob()).size], (/** @type {Error} */ error) => error.name));
    }
    return seen;
  });
  assert.deepEqual(seen, [[200, 1000], 'TypeError', [410, 70]]);
  await letGo(page, scope);
});

scenario('a body that was handed out stays readable when the records are gone', { plain: true, native: false, script: keepRecords }, async ({ page, server, name, scope, worker }) => {
  const wanted = [file(server, `${name}-1`, 3_000_000), file(server, `${name}-2`, 10_000)];
  await begin(page, 'stay', wanted.map(({ url }) => url));
  await worker.report('kept');
  await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    const records = await job.matchAll();
    Object.assign(self, { responses: [await records[0].responseReady, await records[1].responseReady] });
  });
  await letGo(page, scope);
  const sums = await page.run(async () => {
    const { job, responses, harness } = /** @type {any} */ (self);
    while (job.recordsAvailable) await new Promise(resolve => setTimeout(resolve, 10));
    await new Promise(resolve => setTimeout(resolve, 500));
    const sums = [];
    for (const response of responses) sums.push(await harness.digest(response));
    return [await job.matchAll().catch((/** @type {Error} */ error) => error.name), ...sums];
  });
  assert.deepEqual(sums, ['InvalidStateError', ...wanted.map(({ sum }) => sum)]);
});

scenario('who asks for records while the event is active gets them, even if it is over by then', {
  native: false,
  script: `
    addEventListener('backgroundfetchsuccess', ({ registration: job }) => {
      const over = new Promise(resolve => {
        const look = () => job.recordsAvailable ? setTimeout(look, 5) : resolve();
        look();
      });
      // The lease is there in time, and what is read under it is read late.
      const { request } = LockManager.prototype;
      navigator.locks.request = function (name, options, callback) {
        return request.call(this, name, options, options.mode === 'shared' ? async lock => { await over; return callback(lock); } : callback);
      };
      job.matchAll().then(harness.received).then(records => harness.report('late', records), error => harness.report('late', error.name));
    });
  `,
}, async ({ page, server, name, worker }) => {
  const wanted = file(server, name, 5000);
  await begin(page, 'late', [wanted.url]);
  const [record] = await worker.report('late');
  assert.deepEqual([record.status, record.sum], [200, wanted.sum]);
});
