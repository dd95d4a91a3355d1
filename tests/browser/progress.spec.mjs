// What pages see of a background fetch as it goes on: https://wicg.github.io/background-fetch/#update-background-fetch-instance-algorithm
import assert from 'node:assert/strict';
import { begin, file, settled, stored } from './downloads.mjs';
import { scenario } from './support.mjs';

scenario('progress comes after the properties have changed, the last one with the result, and none later', {
  script: `
    addEventListener('backgroundfetchsuccess', event => event.waitUntil(new Promise(resolve => setTimeout(resolve, 50))));
  `,
}, async ({ page, server, name, worker, native }) => {
  const { url, size } = file(server, name, 500_000, { rate: 1_000_000 });
  await begin(page, 'order', [url]);
  const seen = await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    /** @type {any[]} */
    const seen = [];
    /** @type {any[]} */
    const events = [];
    let last = job.downloaded;
    job.addEventListener('progress', (/** @type {any} */ event) => {
      seen.push({ grew: job.downloaded > last || job.result !== '', result: job.result });
      last = job.downloaded;
      events.push([event.constructor.name, event.type, event.target === job, event.bubbles, event.cancelable, Object.prototype.toString.call(event)]);
    });
    while (!job.result) await new Promise(resolve => job.addEventListener('progress', resolve, { once: true }));
    const count = seen.length;
    const available = job.recordsAvailable;
    // The records go without an event.
    while (job.recordsAvailable) await new Promise(resolve => setTimeout(resolve, 10));
    return { seen, kinds: [...new Set(events.map(event => JSON.stringify(event)))], available, more: seen.length - count };
  });
  assert.deepEqual(seen.kinds, [JSON.stringify(['Event', 'progress', true, false, false, '[object Event]'])]);
  assert.ok(seen.seen.length > 1, 'there was progress before the end');
  // Native reports its first progress twice.
  if (!native) assert.deepEqual(seen.seen.filter(({ grew }) => !grew), []);
  assert.deepEqual(seen.seen.map(({ result }) => result), [...seen.seen.slice(1).map(() => ''), 'success']);
  assert.deepEqual({ available: seen.available, more: seen.more }, { available: true, more: 0 });
  assert.equal((await worker.event('backgroundfetchsuccess')).downloaded, size);
});

scenario('of a short body, too, what has arrived shows, however swift the server was before', {}, async ({ page, server, name }) => {
  await begin(page, 'swift', [file(server, `${name}-swift`, 1000).url]);
  await settled(page);
  await begin(page, 'short', [file(server, name, 1000, { gate: name, hold: 400 }).url]);
  assert.equal(await stored(page), 400);
  server.release(name);
  assert.equal((await settled(page)).downloaded, 1000);
});

scenario('asking for what has not changed is no progress', { native: false }, async ({ page, server, name }) => {
  await begin(page, 'asked', [file(server, name, 1000, { gate: name, hold: 'head' }).url]);
  const seen = await page.run(async () => {
    const { job, registration: { backgroundFetch } } = /** @type {any} */ (self);
    let events = 0;
    job.addEventListener('progress', () => events++);
    const same = [];
    for (let i = 0; i < 3; i++) same.push(await backgroundFetch.get('asked') === job);
    return { events, same };
  });
  assert.deepEqual(seen, { events: 0, same: [true, true, true] });
  server.release(name);
  await settled(page);
});

scenario('the page knows the result before the worker gets its event', {
  script: `
    addEventListener('backgroundfetchsuccess', async event => {
      const ask = async () => {
        for (const client of await clients.matchAll({ includeUncontrolled: true })) client.postMessage({ type: 'ask', id: event.registration.id });
      };
      event.waitUntil(ask());
    });
  `,
}, async ({ page, server, name }) => {
  const results = await page.run(async urls => {
    const { registration } = /** @type {any} */ (self);
    /** @type {any[]} */
    const results = [];
    for (const [index, url] of urls.entries()) {
      const asked = new Promise(resolve => {
        navigator.serviceWorker.onmessage = ({ data }) => data.id === `known-${index}` && resolve(undefined);
      });
      const job = await registration.backgroundFetch.fetch(`known-${index}`, url);
      await asked;
      results.push([job.result, job.failureReason, job.downloaded, job.recordsAvailable]);
    }
    return results;
  }, Array.from({ length: 10 }, (_, index) => file(server, `${name}-${index}`, 1000 + index).url));
  assert.deepEqual(results.map(([result, reason, downloaded]) => [result, reason, downloaded]), results.map((_, index) => ['success', '', 1000 + index]));
});

scenario('onprogress keeps its place among the listeners', {}, async ({ page, server, name }) => {
  const { url } = file(server, name, 1000, { gate: name });
  await begin(page, 'handler', [url]);
  await page.run(() => {
    const { job } = /** @type {any} */ (self);
    /** @type {string[]} */
    const order = [];
    Object.assign(self, { order });
    job.onprogress = () => order.push('replaced');
    job.addEventListener('progress', () => order.push('listener'));
    job.onprogress = function (/** @type {Event} */ event) { order.push(`handler ${this === job} ${event.type}`); };
    job.addEventListener('progress', { handleEvent: () => order.push('object') });
  });
  server.release(name);
  await settled(page);
  const [order, handler] = await page.run(() => {
    const { order, job } = /** @type {any} */ (self);
    return [order, typeof job.onprogress];
  });
  assert.deepEqual(order.slice(0, 3), ['handler true progress', 'listener', 'object']);
  assert.equal(handler, 'function');
});
