// What a response says about itself: https://wicg.github.io/background-fetch/#create-settled-fetches-algorithm
import assert from 'node:assert/strict';
import { begin, file, keepRecords, letGo, reportRecords, settled, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

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

scenario('statuses without a body have none, and a redirect that was not followed is no success', { native: false, script: keepRecords }, async ({ page, server, name, scope, worker }) => {
  const target = file(server, `${name}-t`, 10).url;
  await page.run(async (urls, redirect) => {
    const { registration } = /** @type {any} */ (self);
    const job = await registration.backgroundFetch.fetch('bodiless', [...urls, new Request(urls[1], { method: 'HEAD' }), new Request(redirect, { redirect: 'manual' }), new Request(urls[3], { headers: { 'If-None-Match': '"x"' } })]);
    Object.assign(self, { job });
  }, [file(server, `${name}-1`, 0, { status: 204 }), file(server, `${name}-2`, 0), file(server, `${name}-3`, 0, { status: 205 }), file(server, `${name}-4`, 9, { status: 304 })].map(({ url }) => url), server.url(`/redirect?to=${encodeURIComponent(target)}&tag=${name}`));
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
  assert.deepEqual(seen, [[
    [204, true, 'basic', true, 0], [200, true, 'basic', false, 0], [205, true, 'basic', true, 0], [304, false, 'basic', true, 0],
    [200, true, 'basic', true, 0], [0, false, 'opaqueredirect', true, 0], [304, false, 'basic', true, 0],
  ], 'bad-status']);
  await letGo(page, scope);
});

scenario('a status that no constructor takes is that of its response', { native: false, script: keepRecords }, async ({ page, server, name, scope, worker }) => {
  await begin(page, 'strange', [file(server, name, 10, { status: 999 }).url]);
  await worker.report('kept');
  const seen = await page.run(async () => {
    const [record] = await /** @type {any} */ (self).job.matchAll();
    const response = await record.responseReady;
    const clone = response.clone();
    return [response.status, response.ok, clone.status, (await response.arrayBuffer()).byteLength];
  });
  assert.deepEqual(seen, [999, false, 999, 10]);
  await letGo(page, scope);
});

scenario('the worker hands records to caches as they are', { script: reportRecords }, async ({ page, server, name, worker }) => {
  const wanted = file(server, name, 300_000);
  await begin(page, 'records', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  await settled(page);
});
