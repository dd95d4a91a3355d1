// Bodies of requests: whatever they are made of, the server gets them once and byte for byte.
// https://wicg.github.io/background-fetch/#background-fetch-manager-fetch
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { leftovers, outcomes } from './calls.mjs';
import { file, keepRecords, letGo, reportRecords } from './downloads.mjs';
import { scenario } from './support.mjs';

/** @param {Buffer | string} body */
const sum = body => createHash('sha256').update(body).digest('hex');

scenario('a batch of downloads and uploads sends each once, and counts what was sent', { native: false, script: keepRecords }, async ({ page, server, name, scope, worker }) => {
  const get = file(server, name, 5000);
  const seen = await page.run(async (get, echo) => {
    const { registration, harness } = /** @type {any} */ (self);
    const bytes = new Uint8Array(70_000).map((_, index) => index * 7);
    const bodies = ['text ü', new Uint8Array([0, 1, 2, 255]).buffer, new DataView(new ArrayBuffer(3)), new Blob([bytes], { type: 'a/b' }), new URLSearchParams({ q: 'ä b' })];
    const job = await registration.backgroundFetch.fetch('batch', [
      get, ...bodies.map((body, index) => new Request(`${echo}&no=${index}`, { method: index % 2 ? 'PUT' : 'POST', body })), new Request(`${echo}&no=none`, { method: 'POST' }),
    ]);
    const { uploadTotal } = job;
    const { result, uploaded, progress } = await harness.settled(job);
    return { uploadTotal, result, uploaded, backwards: progress.some((/** @type {any} */ { uploaded }, /** @type {number} */ index) => uploaded < (progress[index - 1]?.uploaded ?? 0)) };
  }, get.url, server.url(`/echo?tag=${name}`));
  const bytes = Buffer.from(new Uint8Array(70_000).map((_, index) => index * 7));
  const bodies = [Buffer.from('text ü'), Buffer.from([0, 1, 2, 255]), Buffer.alloc(3), bytes, Buffer.from('q=%C3%A4+b'), Buffer.alloc(0)];
  const total = bodies.reduce((total, { length }) => total + length, 0);
  assert.deepEqual(seen, { uploadTotal: total, result: 'success', uploaded: total, backwards: false });
  const sent = server.log.of(`tag=${name}`).sort((a, b) => a.url.href < b.url.href ? -1 : 1);
  assert.deepEqual(sent.map(({ method, upload }) => [method, upload?.sha256]), bodies.map((body, index) => [index % 2 && index < 5 ? 'PUT' : 'POST', sum(body)]));
  assert.deepEqual(sent.map(({ headers }) => headers['content-type'] ?? 'none'), [
    'text/plain;charset=UTF-8', 'none', 'none', 'a/b', 'application/x-www-form-urlencoded;charset=UTF-8', 'none',
  ]);
  await worker.report('kept');
  await letGo(page, scope);
});

scenario('64 MiB are uploaded as they are', { native: false, plain: true, seconds: 120 }, async ({ page, server, name }) => {
  const size = 64 << 20;
  const seen = await page.run(async (url, size) => {
    const { registration, harness } = /** @type {any} */ (self);
    const part = new Uint8Array(1 << 20).map((_, index) => index * 31 >> 3);
    const body = new Blob(Array(size >> 20).fill(part));
    const job = await registration.backgroundFetch.fetch('large', new Request(url, { method: 'POST', body }));
    const { uploadTotal } = job;
    const { result, uploaded } = await harness.settled(job);
    return { result, uploadTotal, uploaded };
  }, server.url(`/echo?tag=${name}`), size);
  assert.deepEqual(seen, { result: 'success', uploadTotal: size, uploaded: size });
  const part = Buffer.from(new Uint8Array(1 << 20).map((_, index) => index * 31 >> 3));
  const hash = createHash('sha256');
  for (let count = 0; count < size >> 20; count++) hash.update(part);
  assert.deepEqual(server.log.of(name).map(({ upload }) => upload), [{ size, sha256: hash.digest('hex') }]);
});

// Where a Request takes no stream, it makes a text of it.
scenario('a stream is read whole before fetch() resolves', { native: false, engines: ['chromium'], script: reportRecords }, async ({ page, server, name, worker }) => {
  const seen = await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    let pulls = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (++pulls > 300) controller.close();
        else controller.enqueue(new Uint8Array(1000).fill(pulls));
      },
    });
    const job = await registration.backgroundFetch.fetch('stream', new Request(url, /** @type {any} */ ({ method: 'POST', body, duplex: 'half' })));
    const [record] = await job.matchAll();
    return { pulls, uploadTotal: job.uploadTotal, again: (await record.request.arrayBuffer()).byteLength };
  }, server.url(`/echo?tag=${name}`));
  assert.deepEqual(seen, { pulls: 301, uploadTotal: 300_000, again: 300_000 });
  await worker.report('records');
  const whole = Buffer.concat(Array.from({ length: 300 }, (_, index) => Buffer.alloc(1000, (index + 1) & 255)));
  assert.deepEqual(server.log.of(name).map(({ upload }) => upload?.sha256), [sum(whole)]);
});

scenario('a body that cannot be read rejects with TypeError, and nothing is stored or sent', { native: false }, async ({ page, server, name, engine }) => {
  const url = server.url(`/echo?tag=${name}`);
  const calls = {
    'a used body': '(async () => { const request = new Request(url, { method: "POST", body: "b" }); await request.text(); return manager.fetch("x", request); })()',
    'the same request twice': '(() => { const request = new Request(url, { method: "POST", body: "b" }); return manager.fetch("x", [request, request]); })()',
    'a stream that fails': 'manager.fetch("x", new Request(url, { method: "POST", duplex: "half", body: new ReadableStream({ pull(controller) { controller.error(new RangeError("so")); } }) }))',
    'a stream that fails beside a good one': 'manager.fetch("x", [new Request(url, { method: "POST", body: "good" }), new Request(url, { method: "POST", duplex: "half", body: new ReadableStream({ start(controller) { controller.enqueue(new Uint8Array(5)); setTimeout(() => controller.error(), 20); } }) })])',
    'a stream of something else': 'manager.fetch("x", new Request(url, { method: "POST", duplex: "half", body: new ReadableStream({ start(controller) { controller.enqueue("text"); controller.close(); } }) }))',
    'a body that is locked': 'manager.fetch("x", (() => { const request = new Request(url, { method: "POST", body: "b" }); request.body.getReader(); return request; })())',
  };
  const streams = engine === 'chromium';
  const chosen = Object.fromEntries(Object.entries(calls).filter(([title]) => streams || !/stream|locked/.test(title)));
  assert.deepEqual(await outcomes(page, chosen, url), Object.fromEntries(Object.keys(chosen).map(title => [title, 'TypeError'])));
  assert.equal(await leftovers(page), 0);
  assert.deepEqual(server.log.of(name), []);
});

scenario('integrity is that of the whole body, also after a drop', { native: false, script: reportRecords, seconds: 90 }, async ({ page, server, name, worker, expectProblem }) => {
  expectProblem(/integrity|digest/i);
  const wanted = file(server, name, 200_000, { cut: 100_000, times: 1 });
  const wrong = file(server, `${name}-wrong`, 1000);
  const seen = await page.run(async (url, wrong) => {
    const { registration, harness } = /** @type {any} */ (self);
    const plain = await (await fetch(`${url}&plain`.replace('cut=', 'x='))).arrayBuffer();
    const digest = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', plain))));
    const seen = [];
    for (const [id, target] of Object.entries({ right: url, wrong })) {
      const job = await registration.backgroundFetch.fetch(id, new Request(target, { integrity: `sha256-${digest}` }));
      const [{ request }] = await job.matchAll();
      const { result, failureReason } = await harness.settled(job);
      seen.push([result, failureReason, request.integrity === `sha256-${digest}`]);
    }
    return seen;
  }, wanted.url, wrong.url);
  assert.deepEqual(seen, [['success', '', true], ['failure', 'fetch-error', true]]);
  const [right] = await worker.report('records');
  assert.deepEqual([right.size, right.sum], [wanted.size, wanted.sum]);
  assert.equal((await worker.report('records', 1))[0].error, 'TypeError');
});
