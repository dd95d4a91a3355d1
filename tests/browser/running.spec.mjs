// What can be done with a background fetch while it runs, and what is left of it afterwards.
import assert from 'node:assert/strict';
import { begin, file, reportRecords, settled, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

/** A file that stops half-way until the test lets it go on. @param {import('./support.mjs').Fixture} fixture @param {number} [size] */
function held({ server, name }, size = 2_000_000) {
  return file(server, name, size, { gate: name, hold: size / 2 });
}

/** Resolves when the server has sent the first half. @param {import('./support.mjs').Fixture} fixture */
const half = ({ server, name }) => server.log.until(log => log.of(name).find(({ sent, url }) => sent >= Number(url.searchParams.get('hold'))));

scenario('progress shows what is stored, and at last the result', { plain: true, script: reportRecords }, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  await begin(page, 'progress', [wanted.url], { downloadTotal: wanted.size });
  // The half that has arrived is shown before the rest is sent.
  await page.run(half => new Promise(resolve => {
    const { job } = /** @type {any} */ (self);
    const look = () => job.downloaded >= half && resolve(undefined);
    job.addEventListener('progress', look);
    look();
  }), wanted.size / 2);
  server.release(name);
  const { progress } = await settled(page);
  const shown = progress.map(({ downloaded }) => downloaded);
  assert.deepEqual(shown, [...shown].sort((a, b) => a - b), 'downloaded never goes back');
  assert.deepEqual([progress.at(-1)?.downloaded, progress.at(-1)?.result], [wanted.size, 'success']);
  assert.deepEqual(progress.slice(0, -1).filter(({ result }) => result), [], 'only the last one has a result');
  assert.deepEqual(await worker.report('records'), whole([wanted]));
});

scenario('get and getIds find what runs, also on a page that is loaded later', { plain: true }, async fixture => {
  const { page, server, name, worker, native } = fixture;
  const first = held(fixture);
  await begin(page, 'b', [first.url], { title: 'B', downloadTotal: first.size });
  await begin(page, 'a', [`${first.url}&second`]);
  await page.reload();
  const found = await page.run(async () => {
    const registration = await navigator.serviceWorker.ready;
    const manager = /** @type {any} */ (registration).backgroundFetch;
    const job = await manager.get('b');
    Object.assign(self, { registration, job });
    const { id, downloadTotal, result } = job;
    return { ids: await manager.getIds(), job: { id, downloadTotal, result }, same: job === await manager.get('b'), none: typeof await manager.get('c') };
  });
  // Native keeps no order, and makes an object for each call.
  const ours = native ? { ids: found.ids, same: false } : { ids: ['b', 'a'], same: true };
  assert.deepEqual(found, { ...ours, job: { id: 'b', downloadTotal: first.size, result: '' }, none: 'undefined' });
  server.release(name);
  const { result, downloaded } = await settled(page);
  assert.deepEqual({ result, downloaded }, { result: 'success', downloaded: first.size });
  await worker.event('backgroundfetchsuccess', 1);
  assert.deepEqual(await page.run(() => /** @type {any} */ (self).registration.backgroundFetch.getIds()), []);
});

scenario('calls are carried out in their order, however long each takes to look at its arguments', { native: false }, async ({ page, server, name }) => {
  const { url } = file(server, name, 10, { gate: name });
  const ids = await page.run(async url => {
    const { registration: { backgroundFetch: manager } } = /** @type {any} */ (self);
    const estimate = () => new Promise(resolve => setTimeout(resolve, 100, {}));
    Object.defineProperty(navigator, 'storage', { value: { estimate } });
    await Promise.all([manager.fetch('first', url, { downloadTotal: 10 }), manager.fetch('second', url)]);
    return manager.getIds();
  }, url);
  assert.deepEqual(ids, ['first', 'second']);
  server.release(name);
});

scenario('so are those of the worker', {
  native: false,
  script: `
    const estimate = () => new Promise(resolve => setTimeout(resolve, 100, {}));
    Object.defineProperty(navigator, 'storage', { value: { estimate } });
    new BroadcastChannel('call ' + harness.scope).onmessage = async ({ data: url }) => {
      const manager = registration.backgroundFetch;
      const outcomes = await Promise.allSettled([manager.fetch('same', url, { downloadTotal: 10 }), manager.fetch('same', url)]);
      harness.report('outcomes', outcomes.map(({ status }) => status));
    };
  `,
}, async ({ page, worker, server, scope, name }) => {
  const { url } = file(server, name, 10, { gate: name });
  await page.run((scope, url) => new BroadcastChannel(`call ${scope}`).postMessage(url), scope, url);
  assert.deepEqual(await worker.report('outcomes'), ['fulfilled', 'rejected']);
  server.release(name);
});

scenario('abort ends it: the event, the connection, the id', { plain: true, script: reportRecords }, async fixture => {
  const { page, worker, server, name } = fixture;
  await begin(page, 'abort', [held(fixture).url]);
  await half(fixture);
  assert.deepEqual(await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    return [await job.abort(), await job.abort()];
  }), [true, false]);
  const { result, failureReason } = await worker.event('backgroundfetchabort');
  assert.deepEqual([result, failureReason], ['failure', 'aborted']);
  assert.deepEqual((await worker.report('records')).map((/** @type {any} */ { error }) => error), ['AbortError']);
  assert.equal((await settled(page)).failureReason, 'aborted');
  await server.log.until(log => log.of(name).every(({ closed }) => closed));
  assert.deepEqual(await page.run(() => /** @type {any} */ (self).registration.backgroundFetch.getIds()), []);
  assert.deepEqual(worker.events.map(({ type }) => type), ['backgroundfetchabort']);
});

scenario('whoever waits for abort hears of the end afterwards', { native: false, plain: true }, async fixture => {
  const { page } = fixture;
  await begin(page, 'afterwards', [held(fixture).url]);
  assert.deepEqual(await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    const seen = [await job.abort(), job.result];
    await new Promise(resolve => job.addEventListener('progress', resolve, { once: true }));
    return [...seen, job.result, job.failureReason];
  }), [true, '', 'failure', 'aborted']);
});

scenario('an id that is taken is refused, and free again after the end', { plain: true }, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  await begin(page, 'same', [wanted.url]);
  await assert.rejects(begin(page, 'same', [wanted.url]), { name: 'TypeError' });
  server.release(name);
  await worker.event('backgroundfetchsuccess');
  await page.run(() => { /** @type {any} */ (self).former = /** @type {any} */ (self).job; });
  await begin(page, 'same', [`${wanted.url}&again`]);
  assert.ok(await page.run(() => /** @type {any} */ (self).former !== /** @type {any} */ (self).job));
  await worker.event('backgroundfetchsuccess', 1);
});

scenario('an id that is taken is refused before any body is read', {}, async fixture => {
  const { page, worker, server, name } = fixture;
  await begin(page, 'same', [held(fixture).url]);
  // Where requests take no streams, this is a short text.
  const seen = await page.run(url => {
    const body = new ReadableStream();
    const endless = new Request(url, /** @type {any} */ ({ method: 'POST', body, duplex: 'half' }));
    return /** @type {any} */ (self).registration.backgroundFetch.fetch('same', endless).catch((/** @type {Error} */ error) => error.name);
  }, server.url('/echo'));
  assert.equal(seen, 'TypeError');
  server.release(name);
  await worker.event('backgroundfetchsuccess');
});

scenario('a page reads the records until the handler is done', {
  plain: true,
  // Done when the page says so.
  script: `
    self.addEventListener('backgroundfetchsuccess', event => {
      event.waitUntil(new Promise(resolve => {
        new BroadcastChannel('done ' + harness.scope).onmessage = resolve;
        harness.report('waiting');
      }));
    });
  `,
}, async ({ page, worker, server, scope, name }) => {
  const wanted = [file(server, `${name}-0`, 40_000), file(server, `${name}-1`, 50_000)];
  await begin(page, 'read', wanted.map(({ url }) => url));
  await worker.report('waiting');
  const read = await page.run(async (url, absent) => {
    const { harness, job } = /** @type {any} */ (self);
    return {
      all: await harness.received(await job.matchAll()),
      some: await harness.received(await job.matchAll(url)),
      one: await harness.received([await job.match(url)]),
      none: [typeof await job.match(absent), (await job.matchAll(absent)).length],
    };
  }, wanted[1]?.url ?? '', server.url('/elsewhere'));
  const [, second] = whole(wanted);
  assert.deepEqual(read, { all: whole(wanted), some: [second], one: [second], none: ['undefined', 0] });
  const after = await page.run(async scope => {
    const { job } = /** @type {any} */ (self);
    new BroadcastChannel(`done ${scope}`).postMessage('done');
    // No event tells of it.
    while (job.recordsAvailable) await new Promise(resolve => setTimeout(resolve, 10));
    return job.matchAll().then(() => 'readable', (/** @type {Error} */ { name }) => name);
  }, scope);
  assert.equal(after, 'InvalidStateError');
});
