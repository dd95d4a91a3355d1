// The harness itself: what the other specs rely on.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { checksum } from '../../tools/faults/bytes.mjs';
import { session } from './session.mjs';
import { scenario } from './support.mjs';

scenario('a function runs in the page and its result comes back', { plain: true, register: false }, async ({ page }) => {
  assert.deepEqual(await page.run(async (a, b) => ({ sum: a + b, host: location.protocol }), 1, 2), { sum: 3, host: 'http:' });
  await assert.rejects(page.run(() => { throw new TypeError('so'); }), { name: 'TypeError', message: 'so' });
});

// Firefox once loaded a page a second time, for its picture in new tabs, and took the work of the first.
if (session.options.plain) scenario('a second page that asks for work is given none', { plain: true, register: false }, async ({ page }) => {
  await page.run(() => {
    const frame = document.createElement('iframe');
    frame.src = `${location.href}&second`;
    document.body.append(frame);
  });
  while (!String(session.control.recent).includes('second')) await sleep(20);
  assert.equal(await page.run(() => location.search.includes('second')), false);
  await page.reload();
  assert.equal(await page.run(() => document.querySelector('iframe')), null);
});

scenario('the worker reports to the test', { plain: true, script: 'harness.report("here", registration.scope)' }, async ({ worker, scope }) => {
  assert.equal(await worker.report('here'), scope);
});

scenario('problems of page and worker are collected', {
  plain: true,
  script: 'self.addEventListener("message", event => { if (event.data === "fail") Promise.reject(new Error("in the worker")); });',
}, async ({ page, worker, expectProblem }) => {
  expectProblem(/in the worker|in the page/);
  await page.run(() => {
    console.error('in the page');
    /** @type {any} */ (self).registration.active.postMessage('fail');
  });
  await page.run(() => /** @type {any} */ (self).harness.flush());
  assert.deepEqual(worker.problems.map(({ where }) => where).sort(), ['page', 'worker']);
});

scenario('the server sends the bytes of the seed, whole and from any offset', { plain: true, register: false }, async ({ page, server, name }) => {
  const url = server.url(`/bytes?size=3000000&seed=${name}`);
  const load = async (/** @type {string} */ url, /** @type {Record<string, string>} */ headers) => {
    const response = await fetch(url, { headers });
    return [response.status, await /** @type {any} */ (self).harness.digest(response)];
  };
  assert.deepEqual(await page.run(load, url, {}), [200, checksum(name, 3000000)]);
  assert.deepEqual(await page.run(load, url, { range: 'bytes=1234567-' }), [206, checksum(name, 3000000 - 1234567, 1234567)]);
  assert.deepEqual(server.log.of(name).map(({ sent }) => sent), [3000000, 3000000 - 1234567]);
});

scenario('a cut connection delivers what came before it, and then fails', { plain: true, register: false }, async ({ page, server, name }) => {
  // WebKit forgets what it has not yet handed on when the end comes at once: the cut waits for the page.
  await page.run(async url => {
    const reader = /** @type {ReadableStream<Uint8Array>} */ ((await fetch(url)).body).getReader();
    for (let size = 0; size < 100000;) size += (await reader.read()).value?.length ?? NaN;
    /** @type {any} */ (self).last = reader.read().then(() => 'more', ({ name }) => name);
  }, server.url(`/bytes?size=300000&cut=100000&gate=${name}&hold=100000`));
  server.release(name);
  assert.equal(await page.run(() => /** @type {any} */ (self).last), 'TypeError');
});

scenario('a response waits at its gate', { plain: true, register: false }, async ({ page, server, name }) => {
  await page.run(url => {
    /** @type {any} */ (self).answer = fetch(url).then(response => response.arrayBuffer()).then(({ byteLength }) => byteLength);
  }, server.url(`/bytes?size=200000&gate=${name}&hold=50000`));
  await server.log.until(log => log.of(name)[0]?.sent === 50000);
  server.release(name);
  assert.equal(await page.run(() => /** @type {any} */ (self).answer), 200000);
});

scenario('another origin is refused without its consent', { register: false, plain: true }, async ({ page, other, name }) => {
  await assert.rejects(page.run(url => fetch(url).then(() => {}), other.url(`/bytes?size=1&tag=${name}`)), { name: 'TypeError' });
  assert.equal(await page.run(url => fetch(url).then(({ status }) => status), other.url('/bytes?size=1&cors=*')), 200);
});
