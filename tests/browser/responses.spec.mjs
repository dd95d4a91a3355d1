// Records: what they hold, which ones a query finds, and what a response says about itself, while the fetch runs and afterwards.
// https://wicg.github.io/background-fetch/#create-settled-fetches-algorithm
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { checksum } from '../../tools/faults/bytes.mjs';
import { begin, file, reportRecords, settled, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

/** Keeps the records until the page has seen them: the handler ends when it is told to. */
const keepRecords = `
  for (const type of ['success', 'fail', 'abort']) addEventListener('backgroundfetch' + type, event => {
    event.waitUntil(new Promise(resolve => { new BroadcastChannel('let go ' + harness.scope).onmessage = resolve; }));
    harness.report('kept');
  });
`;

/** @param {import('./page.mjs').Page} page @param {string} scope */
const letGo = (page, scope) => page.run(scope => new BroadcastChannel(`let go ${scope}`).postMessage(''), scope);

scenario('a response says what the network said', { script: keepRecords, native: false }, async ({ page, server, other, name, scope, worker }) => {
  const headers = { statusText: 'Fine', header: 'x-own:yes', type: 'audio/mpeg' };
  const direct = file(server, `${name}-1`, 1000, headers);
  const foreign = file(other, `${name}-2`, 1000, { ...headers, cors: '*', expose: 'X-Own' });
  const target = file(server, `${name}-3`, 1000);
  await begin(page, 'said', [direct.url, foreign.url, server.url(`/redirect?to=${encodeURIComponent(target.url)}`)]);
  await worker.report('kept');
  const seen = await page.run(async () => {
    const seen = [];
    for (const { responseReady } of await /** @type {any} */ (self).job.matchAll()) {
      const response = await responseReady;
      const copy = response.clone();
      for (const { url, type, redirected, status, statusText, ok, headers } of [response, copy]) {
        seen.push({ url, type, redirected, status, statusText, ok, own: headers.get('x-own'), length: headers.get('content-length'), mime: headers.get('content-type') });
      }
      seen.push([response.headers === response.headers, (await copy.blob()).type, (await response.arrayBuffer()).byteLength, Object.prototype.toString.call(response), Reflect.ownKeys(response).length]);
    }
    return seen;
  });
  const common = { status: 200, ok: true, length: '1000' };
  const facts = { ...common, redirected: false, statusText: 'Fine', own: 'yes', mime: 'audio/mpeg' };
  const last = { ...common, url: target.url, type: 'basic', redirected: true, statusText: 'OK', own: null, mime: 'application/octet-stream' };
  const rest = [true, 'audio/mpeg', 1000, '[object Response]', 0];
  assert.deepEqual(seen, [
    { ...facts, url: direct.url, type: 'basic' }, { ...facts, url: direct.url, type: 'basic' }, rest,
    { ...facts, url: foreign.url, type: 'cors' }, { ...facts, url: foreign.url, type: 'cors' }, rest,
    last, last, [true, 'application/octet-stream', ...rest.slice(2)],
  ]);
  await letGo(page, scope);
});

scenario('headers are those that the whole body has', { script: keepRecords, native: false }, async ({ page, server, name, scope, worker }) => {
  const { url } = file(server, name, 5000, { encoding: 'gzip', header: 'content-range:bytes 0-9/10' });
  await begin(page, 'headers', [url, file(server, `${name}-none`, 3000, { chunked: 1, ranges: 0 }).url]);
  await worker.report('kept');
  const seen = await page.run(async () => {
    const seen = [];
    for (const { responseReady } of await /** @type {any} */ (self).job.matchAll()) {
      const { headers } = await responseReady;
      seen.push([headers.get('content-length'), headers.get('content-encoding'), headers.get('content-range')]);
    }
    return seen;
  });
  // A length beside a coding would be that of the coded body, which nobody has any more.
  assert.deepEqual(seen, [[null, 'gzip', null], ['3000', null, null]]);
  await letGo(page, scope);
});

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

scenario('a cache refuses what it refuses from the network', { native: false, script: keepRecords }, async ({ page, server, name, scope, worker }) => {
  await begin(page, 'refuse', [file(server, name, 10, { vary: '*' }).url]);
  await worker.report('kept');
  const seen = await page.run(async name => {
    const cache = await caches.open(name);
    const { job } = /** @type {any} */ (self);
    const response = async () => (await (await job.match((await job.matchAll())[0].request, { ignoreVary: true })).responseReady);
    /** @param {Promise<unknown>} promise */
    const outcome = promise => promise.then(() => 'none', error => error.name);
    const used = await response();
    await used.text();
    const locked = await response();
    locked.body.getReader();
    const put = await outcome(cache.put('x', await response()));
    const post = await outcome(cache.put(new Request('x', { method: 'POST' }), await response()));
    const names = [put, post, await outcome(cache.put('x', used)), await outcome(cache.put('x', locked))];
    await caches.delete(name);
    return names;
  }, name);
  assert.deepEqual(seen, ['TypeError', 'TypeError', 'TypeError', 'TypeError']);
  await letGo(page, scope);
});

scenario('a request comes back as it was given', { script: keepRecords, native: false }, async ({ page, server, name, scope, worker }) => {
  const url = server.url(`/echo?tag=${name}#part`);
  const seen = await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    const form = new FormData();
    form.append('field', 'välue');
    const given = [
      new Request(url),
      new Request(url, { method: 'POST', body: 'text' }),
      new Request(url, { method: 'PUT', body: new Uint8Array([0, 255]), headers: { 'X-Own': 'a', Accept: 'b/c' } }),
      new Request(url, { method: 'POST', body: form }),
      new Request(url, { method: 'POST', body: new URLSearchParams({ a: '1', b: 'ü' }) }),
      new Request(url, { method: 'POST', body: new Blob(['x'.repeat(100_000)], { type: 'text/x-blob' }) }),
      new Request(url, { method: 'DELETE' }),
      new Request(url, { mode: 'same-origin', credentials: 'omit', cache: 'no-store', redirect: 'error', referrer: '', referrerPolicy: 'origin' }),
      new Request(url, { mode: 'cors', credentials: 'include', cache: 'reload', redirect: 'follow', referrer: '/from', referrerPolicy: 'unsafe-url', integrity: '' }),
    ];
    /** @param {Request} request */
    const facts = async ({ url, method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, headers }, /** @type {Request} */ request) =>
      JSON.stringify({ url, method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, headers: [...headers], body: await request.clone().text() });
    const before = [];
    for (const request of given) before.push(await facts(request, request.clone()));
    const job = await registration.backgroundFetch.fetch('requests', given);
    Object.assign(self, { job });
    const used = given.map(({ bodyUsed }) => bodyUsed);
    const records = await job.matchAll();
    const after = [];
    for (const { request } of records) after.push(await facts(request, request));
    return { before, after, used, same: records[0].request === records[0].request, real: records[0].request instanceof Request, total: job.uploadTotal };
  }, url);
  assert.deepEqual(seen.after, seen.before);
  // Methods with a body gave it away.
  assert.deepEqual(seen.used, [false, true, true, true, true, true, false, false, false]);
  assert.deepEqual([seen.same, seen.real], [true, true]);
  await worker.report('kept');
  // What the server got is what was given.
  const echoes = await page.run(async () => {
    const echoes = [];
    for (const { responseReady } of await /** @type {any} */ (self).job.matchAll()) {
      echoes.push(await (await responseReady).json());
    }
    return echoes;
  });
  const sent = seen.before.map(text => JSON.parse(text));
  assert.deepEqual(echoes.map(({ method }) => method), sent.map(({ method }) => method));
  assert.deepEqual(echoes.map(({ size = 0 }) => size), sent.map(({ body }, index) => index === 2 ? 2 : Buffer.byteLength(body)));
  assert.equal(echoes[2].headers['x-own'], 'a');
  assert.match(echoes[3].headers['content-type'], /^multipart\/form-data; boundary=/);
  assert.equal(seen.total, echoes.reduce((total, { size }) => total + (size ?? 0), 0));
  await letGo(page, scope);
});

scenario('a form with files arrives as a form with files', { script: keepRecords, native: false }, async ({ page, server, name, scope, worker }) => {
  const url = server.url(`/echo?tag=${name}`);
  const boundary = await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    const form = new FormData();
    form.append('field "1"', 'line\nline');
    form.append('file', new Blob(['content'], { type: 'text/x-own' }), 'näme.txt');
    form.append('other', new File(['\0\xff'.repeat(1000)], 'b'));
    const request = new Request(url, { method: 'POST', body: form });
    form.append('late', 'not part of it');
    Object.assign(self, { job: await registration.backgroundFetch.fetch('form', request.clone()) });
    return /boundary=(.*)/.exec(request.headers.get('content-type') ?? '')?.[1] ?? '';
  }, url);
  const body = Buffer.concat([
    `--${boundary}\r\nContent-Disposition: form-data; name="field %221%22"\r\n\r\nline\r\nline\r\n`,
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="näme.txt"\r\nContent-Type: text/x-own\r\n\r\ncontent\r\n`,
    `--${boundary}\r\nContent-Disposition: form-data; name="other"; filename="b"\r\nContent-Type: application/octet-stream\r\n\r\n${'\0\xff'.repeat(1000)}\r\n`,
    `--${boundary}--\r\n`,
  ].map(part => Buffer.from(part)));
  await worker.report('kept');
  const [entry] = server.log.of(name);
  assert.equal(entry?.headers['content-type'], `multipart/form-data; boundary=${boundary}`);
  assert.deepEqual(entry?.upload, { size: body.length, sha256: createHash('sha256').update(body).digest('hex') });
  const again = await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    const [{ request }] = await job.matchAll();
    const form = await request.formData();
    return [job.uploadTotal, [...form.keys()].length, form.get('file').name, await form.get('file').text(), form.get('other').size];
  });
  assert.deepEqual(again, [body.length, 3, 'näme.txt', 'content', 3000]);
  await letGo(page, scope);
});

scenario('queries find records as they find entries of a cache', { script: keepRecords }, async ({ page, server, name, scope, worker, native }) => {
  const base = server.url(`/bytes/${name}`);
  const seen = await page.run(async base => {
    const { registration } = /** @type {any} */ (self);
    const given = [
      new Request(`${base}?size=1`), new Request(`${base}?size=2`), new Request(`${base}?size=1`, { method: 'POST', body: 'b' }),
      new Request(`${base}?size=3&vary=x-kind`, { headers: { 'x-kind': 'a' } }), new Request(`${base}?size=1`),
      new Request(`${base}?size=1`, { method: 'HEAD' }),
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
      none: await find(`${base}?size=4`),
      match: (await job.match(`${base}?size=1`)).request.method,
      noMatch: String(await job.match(`${base}?size=4`)),
    };
  }, base));
  // Natively order is another, and records are told apart by URL and method only.
  if (!native) {
    assert.deepEqual(seen.url, ['GET ?size=1', 'GET ?size=1', 'HEAD ?size=1']);
    assert.deepEqual(seen.ignoreMethod, ['GET ?size=1', 'POST ?size=1', 'GET ?size=1', 'HEAD ?size=1']);
    assert.equal(seen.ignoreSearch, 4);
    assert.equal(seen.both, 5, 'one varies');
    assert.deepEqual(seen.vary, [[], ['GET ?size=3&vary=x-kind'], [], ['GET ?size=3&vary=x-kind']]);
  }
  assert.deepEqual([seen.count, seen.fragment, seen.post, seen.none, seen.match, seen.noMatch], [6, ['GET ?size=2'], [], [], 'GET', 'undefined']);
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

scenario('statuses without a body have none, and a redirect that was not followed is no success', { native: false, script: keepRecords }, async ({ page, server, name, scope, worker }) => {
  const target = file(server, `${name}-t`, 10).url;
  await page.run(async (urls, redirect) => {
    const { registration } = /** @type {any} */ (self);
    const job = await registration.backgroundFetch.fetch('bodiless', [...urls, new Request(urls[1], { method: 'HEAD' }), new Request(redirect, { redirect: 'manual' })]);
    Object.assign(self, { job });
  }, [file(server, `${name}-1`, 0, { status: 204 }).url, file(server, `${name}-2`, 0).url], server.url(`/redirect?to=${encodeURIComponent(target)}&tag=${name}`));
  await worker.report('kept');
  const seen = await page.run(async () => {
    const seen = [];
    for (const { responseReady } of await /** @type {any} */ (self).job.matchAll()) {
      const response = await responseReady;
      seen.push([response.status, response.ok, response.type, response.body === null, (await response.text()).length]);
    }
    return [seen, /** @type {any} */ (self).job.failureReason];
  });
  // An engine without bodies on responses says undefined.
  assert.deepEqual(seen, [[[204, true, 'basic', true, 0], [200, true, 'basic', false, 0], [200, true, 'basic', true, 0], [0, false, 'opaqueredirect', true, 0]], 'bad-status']);
  await letGo(page, scope);
});

scenario('the worker hands records to caches as they are', { script: reportRecords }, async ({ page, server, name, worker }) => {
  const wanted = file(server, name, 300_000);
  await begin(page, 'records', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  await settled(page);
});
