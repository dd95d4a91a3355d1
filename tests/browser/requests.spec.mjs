// Requests: they come back as they were given, and the server gets them as they were given.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { begin, file, keepRecords, letGo, reportRecords, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

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
      new Request(url, { keepalive: true }),
      new Request(url, { method: 'POST', body: 'x'.repeat(100_000), keepalive: true }),
    ];
    /** @param {Request} request */
    const facts = async ({ url, method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive, headers }, /** @type {Request} */ request) =>
      JSON.stringify({ url, method, mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive, headers: [...headers], body: await request.clone().text() });
    const before = [];
    for (const request of given) before.push(await facts(request, request.clone()));
    const job = await registration.backgroundFetch.fetch('requests', given);
    Object.assign(self, { job });
    const used = given.map(({ bodyUsed }) => bodyUsed);
    const records = await job.matchAll();
    const after = [];
    for (const { request } of records) after.push(await facts(request, request));
    return { before, after, used, same: records[0].request === records[0].request && records[0].responseReady === records[0].responseReady, real: records[0].request instanceof Request, total: job.uploadTotal };
  }, url);
  assert.deepEqual(seen.after, seen.before);
  // Methods with a body gave it away.
  assert.deepEqual(seen.used, [false, true, true, true, true, true, false, false, false, false, true]);
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

scenario('a body that is replaced by an empty one is not sent', { script: keepRecords, native: false }, async ({ page, server, name, scope, worker }) => {
  await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    const file = new Request(url, { method: 'POST', body: new Blob(['file']) });
    await registration.backgroundFetch.fetch('empty', [new Request(file, { body: '' }), new Request(url, { method: 'POST', body: new Blob(['kept']) })]);
  }, server.url(`/echo?tag=${name}`));
  await worker.report('kept');
  assert.deepEqual(server.log.of(name).map(({ upload }) => upload?.size ?? 0).sort(), [0, 4]);
  await letGo(page, scope);
});

scenario('a fetch() of the application is not asked', {
  native: false,
  script: `${reportRecords}
    const native = self.fetch;
    self.fetch = (url, init) => String(url).includes('/bytes/') ? Promise.resolve(new Response('mine')) : native(url, init);
  `,
}, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 10_000);
  await begin(page, 'replaced', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
});
