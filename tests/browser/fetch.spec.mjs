// #background-fetch-manager-fetch and what follows from it, from the request to the stored bytes.
import assert from 'node:assert/strict';
import { begin, file, files, reportRecords, settled, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

const withRecords = { plain: true, script: reportRecords };

scenario('a small file arrives whole', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 4096);
  const started = await begin(page, 'small', [wanted.url], { title: 'Small', downloadTotal: 4096 });
  assert.deepEqual(started, {
    id: 'small', uploadTotal: 0, uploaded: 0, downloadTotal: 4096, downloaded: started.downloaded,
    result: '', failureReason: '', recordsAvailable: true,
  });
  const { result, failureReason, downloaded } = await settled(page);
  assert.deepEqual({ result, failureReason, downloaded }, { result: 'success', failureReason: '', downloaded: 4096 });
  const seen = await worker.event('backgroundfetchsuccess');
  assert.deepEqual(seen, { ...started, downloaded: 4096, result: 'success' });
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal(server.log.of(name).length, 1);
});

scenario('an empty body is a body', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 0);
  await begin(page, 'empty', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal((await settled(page)).result, 'success');
});

scenario('several records arrive in the order of the requests', withRecords, async ({ page, worker, server, name }) => {
  const wanted = [4096, 100_000, 1, 0, 3_000_000].map((size, index) => file(server, `${name}-${index}`, size));
  await begin(page, 'several', wanted.map(({ url }) => url));
  assert.deepEqual(await worker.report('records'), whole(wanted));
  assert.equal((await settled(page)).downloaded, 3_104_097);
});

scenario('the same address twice is two records', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 5000);
  await begin(page, 'twice', [wanted.url, wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted, wanted]));
});

scenario('a coded body arrives decoded', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 70_000, { encoding: 'gzip' });
  await begin(page, 'coded', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
});

scenario('a body of unknown length arrives whole', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 700_000, { chunked: 1, ranges: 0 });
  await begin(page, 'chunked', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
});

scenario('a redirect is followed, and the response has the address it led to', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 4096);
  const url = server.url(`/redirect?to=${encodeURIComponent(wanted.url)}&tag=${name}`);
  await begin(page, 'redirected', [url]);
  assert.deepEqual(await worker.report('records'), [{ ...whole([wanted])[0], url }]);
});

// Native drops the bodies of error responses, the specification keeps them.
scenario('a missing file fails the fetch with bad-status, and every response can be read', { ...withRecords, native: false }, async ({ page, worker, server, name }) => {
  const good = file(server, `${name}-good`, 4096);
  const bad = file(server, `${name}-bad`, 1000, { status: 404 });
  await begin(page, 'missing', [good.url, bad.url]);
  const seen = await worker.event('backgroundfetchfail');
  assert.deepEqual([seen.result, seen.failureReason], ['failure', 'bad-status']);
  assert.deepEqual(await worker.report('records'), whole([good, bad]).map((record, index) => ({ ...record, status: [200, 404][index] })));
  assert.equal((await settled(page)).failureReason, 'bad-status');
  assert.deepEqual(worker.events.map(({ type }) => type), ['backgroundfetchfail']);
});

scenario('256 MiB in one record arrive byte for byte', { ...withRecords, seconds: 240 }, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 256 << 20);
  await begin(page, 'large', [wanted.url], { downloadTotal: 256 << 20 });
  assert.deepEqual(await worker.report('records'), whole([wanted]));
});

// Native needs minutes for so many.
scenario('1000 records of 16 KiB arrive byte for byte', { ...withRecords, seconds: 180, native: false }, async ({ page, worker, server, name }) => {
  const wanted = files(1000, index => file(server, `${name}-${index}`, 16384));
  await begin(page, 'many', wanted.map(({ url }) => url), { downloadTotal: 16384 * 1000 });
  assert.deepEqual(await worker.report('records'), whole(wanted));
});

scenario('a body is uploaded once, and counted', withRecords, async ({ page, worker, server, name }) => {
  const url = server.url(`/echo?tag=${name}`);
  const started = await begin(page, 'upload', [{ url, method: 'POST', body: 'x'.repeat(100_000) }]);
  assert.equal(started.uploadTotal, 100_000);
  const seen = await worker.event('backgroundfetchsuccess');
  assert.equal(seen.uploaded, 100_000);
  const [record] = await worker.report('records');
  assert.deepEqual([record.url, record.method, record.status], [url, 'POST', 200]);
  assert.deepEqual(server.log.of(name).map(({ method, upload }) => [method, upload?.size]), [['POST', 100_000]]);
});

scenario('another origin that consents is read', withRecords, async ({ page, worker, other, name }) => {
  const wanted = file(other, name, 300_000, { cors: '*' });
  await begin(page, 'foreign', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted], 'cors'));
});

scenario('another origin that does not consent ends in fetch-error', { plain: true }, async ({ page, worker, other, name, expectProblem }) => {
  expectProblem(/CORS|access control/i);
  await begin(page, 'refused', [file(other, name, 1000).url]);
  const seen = await worker.event('backgroundfetchfail');
  assert.deepEqual([seen.result, seen.failureReason], ['failure', 'fetch-error']);
});

scenario('mixed content ends in fetch-error, at once and unsent', { plain: true, native: false, script: reportRecords }, async ({ page, worker }) => {
  // Names that do not resolve: a request would be tried again for minutes.
  await begin(page, 'mixed', ['http://mixed.invalid/', { url: 'http://mixed.invalid/upload', method: 'POST', body: 'b' }]);
  const seen = await worker.event('backgroundfetchfail');
  assert.deepEqual([seen.result, seen.failureReason, seen.uploaded, seen.uploadTotal], ['failure', 'fetch-error', 0, 1]);
  assert.deepEqual((await worker.report('records')).map((/** @type {any} */ { error }) => error), ['TypeError', 'TypeError']);
});

scenario('what CORS refuses is told at once, and costs the next one nothing', { native: false }, async ({ page, worker, other, name, expectProblem }) => {
  expectProblem(/CORS|access control/i);
  for (const index of [0, 1, 2, 3]) await begin(page, `refused ${index}`, [file(other, `${name}-${index}`, 10).url]).then(() => settled(page));
  await begin(page, 'allowed', [file(other, `${name}-allowed`, 10, { cors: '*' }).url]);
  assert.equal((await settled(page)).result, 'success');
  assert.equal((await worker.event('backgroundfetchfail', 3)).failureReason, 'fetch-error');
  // A request, a question without its method and its credentials, and a second try.
  const asked = other.log.of(name).filter(({ url }) => !url.href.includes('-allowed'));
  assert.deepEqual(asked.map(({ method }) => method), Array(4).fill(['GET', 'HEAD', 'GET']).flat());
});

scenario('a question to a server tells no more of who asks than the request', { native: false }, async ({ page, other, name, expectProblem }) => {
  expectProblem(/CORS|access control/i);
  await page.run(async url => {
    const { registration, harness } = /** @type {any} */ (self);
    await harness.settled(await registration.backgroundFetch.fetch('discreet', new Request(url, { referrerPolicy: 'no-referrer' })));
  }, file(other, name, 10).url);
  const asked = other.log.of(name).map(({ method, headers }) => [method, headers.referer]);
  assert.deepEqual(asked, [['GET', undefined], ['HEAD', undefined], ['GET', undefined]]);
});

scenario('a redirect that Fetch does not follow ends in fetch-error', { native: false, script: reportRecords }, async ({ page, worker, server, other, name, expectProblem }) => {
  expectProblem(/redirect|scheme|load|request|fetch|CORS/i);
  /** @param {typeof server} site @param {string} to @param {string} [more] */
  const redirect = (site, to, more = '') => site.url(`/redirect?${new URLSearchParams({ tag: name, to })}${more}`);
  server.alias(`/redirect-${name}`, `/redirect?to=/redirect-${name}`);
  const urls = [
    redirect(server, 'data:text/plain,x'),
    redirect(other, 'data:text/plain,x', '&cors=*'),
    redirect(server, `/redirect-${name}`),
  ];
  for (const [index, url] of urls.entries()) await begin(page, `redirect ${index}`, [url]);
  await begin(page, 'error', [redirect(server, file(server, name, 10).url)].map(url => ({ url, redirect: 'error' })));
  for (let index = 0; index <= urls.length; index++) {
    assert.equal((await worker.event('backgroundfetchfail', index)).failureReason, 'fetch-error');
    assert.deepEqual((await worker.report('records', index)).map((/** @type {any} */ { error }) => error), ['TypeError']);
  }
});

scenario('more bytes than downloadTotal fail the fetch', { plain: true }, async ({ page, worker, server, name }) => {
  await begin(page, 'too much', [file(server, name, 1_000_000).url], { downloadTotal: 500_000 });
  const seen = await worker.event('backgroundfetchfail');
  assert.deepEqual([seen.result, seen.failureReason], ['failure', 'download-total-exceeded']);
  const { downloaded, failureReason } = await settled(page);
  assert.equal(failureReason, 'download-total-exceeded');
  assert.ok(downloaded <= 500_000);
});

scenario('fewer bytes than downloadTotal are as good', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 10_000);
  await begin(page, 'less', [wanted.url], { downloadTotal: 1_000_000 });
  assert.deepEqual(await worker.report('records'), whole([wanted]));
});
