// What stays in the database: nothing, once a background fetch is over and nobody reads its bodies. And
// what happens when the storage fails, is taken away, or when strangers talk to the engine.
import assert from 'node:assert/strict';
import { begin, file, reportRecords, settled, stored, whole } from './downloads.mjs';
import { emptied, rows } from './rows.mjs';
import { scenario } from './support.mjs';

/** Ours only: what native stores is out of reach. */
const options = { plain: true, native: false };

scenario('after success nothing is left', options, async ({ page, worker, server, name }) => {
  await begin(page, 'success', [file(server, `${name}-0`, 3_000_000).url, file(server, `${name}-1`, 100).url]);
  await worker.event('backgroundfetchsuccess');
  await emptied(page);
});

scenario('after a failure nothing is left', options, async ({ page, worker, server, name }) => {
  await begin(page, 'failure', [file(server, name, 100_000).url, file(server, `${name}-bad`, 10, { status: 500 }).url]);
  await worker.event('backgroundfetchfail');
  await emptied(page);
});

/** The first tries to delete requests, which only happens when all is over, fail. */
const reluctant = `
  let refusals = 4;
  const { delete: remove } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.delete = function (key) {
    if (this.name === 'requests' && refusals-- > 0) throw new DOMException('Not now.', 'UnknownError');
    return remove.call(this, key);
  };
`;

scenario('what cannot be deleted at once is deleted later', { ...options, first: reluctant }, async ({ page, worker, server, name }) => {
  await begin(page, 'later', [file(server, name, 100_000).url]);
  await worker.event('backgroundfetchsuccess');
  await emptied(page);
});

/** There is no room for a buffer of that length. */
const cramped = `
  const Buffer = ArrayBuffer;
  self.ArrayBuffer = class extends Buffer {
    constructor(length) {
      if (length > 1 << 20) throw new RangeError('Array buffer allocation failed');
      super(length);
    }
  };
`;

scenario('where memory is scarce, what only helps the collector is left out', { ...options, first: cramped, script: reportRecords }, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 4_000_000);
  await begin(page, 'cramped', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
});

scenario('after an abort nothing is left', options, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 4_000_000, { gate: name, hold: 2_000_000 });
  await begin(page, 'abort', [wanted.url]);
  await stored(page);
  await page.run(() => /** @type {any} */ (self).job.abort());
  await worker.event('backgroundfetchabort');
  await emptied(page);
});

scenario('a refused id leaves the first one alone, and nothing of its own', options, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 1000, { gate: name });
  await begin(page, 'taken', [wanted.url]);
  const before = await rows(page);
  assert.deepEqual([before.fetches, before.requests], [1, 1]);
  await assert.rejects(begin(page, 'taken', [`${wanted.url}&other`, `${wanted.url}&third`]), { name: 'TypeError' });
  const { fetches, requests } = await rows(page);
  assert.deepEqual([fetches, requests], [1, 1]);
  server.release(name);
  await worker.event('backgroundfetchsuccess');
  await emptied(page);
});

const MiB = 1 << 20;

/** A file that stops half-way until its gate is opened. @param {import('./support.mjs').Fixture} fixture @param {string} [kind] */
const held = ({ server, name }, kind = '') => file(server, name + kind, 4 * MiB, { gate: name + kind, hold: 2 * MiB });

/** The handler of the first waits until a page has its body. */
const waiting = `
  self.addEventListener('backgroundfetchsuccess', event => {
    if (event.registration.id !== 'kept') return;
    event.waitUntil(new Promise(resolve => {
      new BroadcastChannel('taken ' + harness.scope).onmessage = resolve;
      harness.report('waiting');
    }));
  });
`;

scenario('a body that was handed out stays readable as long as its page is there', { ...options, script: waiting }, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 3 * MiB);
  await begin(page, 'kept', [wanted.url]);
  await worker.report('waiting');
  await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    const record = await job.match((await job.matchAll())[0].request);
    /** @type {any} */ (self).kept = await record.responseReady;
    new BroadcastChannel(`taken ${new URL('./', location.href).href}`).postMessage('taken');
  });
  // Rows go a second after the end: when those of a later one have gone, these had their turn.
  await begin(page, 'later', [file(server, `${name}-later`, 100).url]);
  await worker.event('backgroundfetchsuccess', 1);
  /** @type {Record<string, number>} */
  let left;
  do left = await rows(page);
  while (left.fetches !== 1);
  assert.equal(await page.run(() => /** @type {any} */ (self).harness.digest(/** @type {any} */ (self).kept)), wanted.sum);
  await page.reload();
  await emptied(page);
});

scenario('what a removed registration has handed out stays readable', { ...options, script: waiting }, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 3 * MiB);
  await begin(page, 'kept', [wanted.url]);
  await worker.report('waiting');
  const script = await page.run(async () => {
    const { job, registration } = /** @type {any} */ (self);
    const [record] = await job.matchAll();
    /** @type {any} */ (self).kept = await record.responseReady;
    const { scriptURL } = registration.active;
    await registration.unregister();
    return scriptURL;
  });
  await page.register(script);
  await begin(page, 'later', [file(server, `${name}-later`, 100).url]);
  await worker.event('backgroundfetchsuccess', 1);
  /** @type {Record<string, number>} */
  let left;
  do left = await rows(page);
  while (left.fetches !== 1);
  assert.equal(await page.run(() => /** @type {any} */ (self).harness.digest(/** @type {any} */ (self).kept)), wanted.sum);
  assert.equal(worker.events.length, 2, 'no event for what the removed one had');
  await page.reload();
  await emptied(page);
});

scenario('a list of databases that the browser refuses to give is done without', {
  ...options,
  first: "IDBFactory.prototype.databases = () => Promise.reject(new DOMException('no list', 'UnknownError'));",
}, async ({ page, worker, server, name }) => {
  await page.run(() => {
    IDBFactory.prototype.databases = () => Promise.reject(new DOMException('no list', 'UnknownError'));
  });
  assert.deepEqual(await page.run(() => /** @type {any} */ (self).registration.backgroundFetch.getIds()), []);
  await begin(page, 'unlisted', [file(server, name, 1000).url]);
  await worker.event('backgroundfetchsuccess');
  await page.reload();
  await emptied(page);
});

scenario('a database that is deleted in mid-download ends it everywhere, and its id can be used again', options, async fixture => {
  const { page, worker, server, name, expectProblem } = fixture;
  expectProblem(/./);
  await begin(page, 'deleted', [held(fixture).url]);
  await stored(page);
  await page.run(() => new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(`background-fetch-polyfill ${new URL('./', location.href).href}`);
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error);
  }));
  server.release(name);
  const { result, failureReason } = await settled(page);
  assert.deepEqual({ result, failureReason }, { result: 'failure', failureReason: 'fetch-error' });
  const again = file(server, `${name}-again`, 1000);
  await begin(page, 'deleted', [again.url]);
  assert.equal((await settled(page)).result, 'success');
  await worker.event('backgroundfetchsuccess');
  await emptied(page);
});

scenario('a full storage refuses a page and the worker with the same error', {
  ...options,
  // Nothing of this background fetch fits.
  first: `
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (value) {
      if (value.id === 'full') throw new DOMException('', 'QuotaExceededError');
      return Reflect.apply(put, this, arguments);
    };
    const isFull = error => [error.name, error.constructor === (self.QuotaExceededError ?? DOMException)];
    addEventListener('message', event => {
      if (event.data === 'fill') event.waitUntil(registration.backgroundFetch.fetch('full', './').catch(error => harness.report('refused', isFull(error))));
    });
  `,
}, async ({ page, worker }) => {
  const expected = ['QuotaExceededError', true];
  assert.deepEqual(await page.run(async () => {
    const { registration, QuotaExceededError = DOMException } = /** @type {any} */ (self);
    const error = await registration.backgroundFetch.fetch('full', './').catch((/** @type {Error} */ error) => error);
    registration.active.postMessage('fill');
    return [error.name, error.constructor === QuotaExceededError];
  }), expected);
  assert.deepEqual(await worker.report('refused'), expected);
  await emptied(page);
});

scenario('messages from strangers change nothing', { ...options, script: reportRecords }, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  await begin(page, 'calm', [wanted.url]);
  await stored(page);
  await page.run(async () => {
    const { registration } = /** @type {any} */ (self);
    const { active, scope } = registration;
    const prefix = 'background-fetch-polyfill:';
    const wrong = [null, 0, '', 'connect', [], {}, { type: 1 }, { type: prefix }, { type: `${prefix}abort`, no: 1 }, { type: `${prefix}connect` },
      { type: `${prefix}connect`, protocol: NaN, no: 1 }, { type: 'abort', no: 1 }, { type: 'settle', state: { no: 1, result: 'failure' } }];
    for (const message of wrong) active.postMessage(message);
    // Handshakes without a command, commands that are none, and commands about what is not there.
    const commands = [undefined, null, 7, 'abort', {}, { type: 'nothing' }, { type: 'abort' }, { type: 'abort', no: '1' }, { type: 'abort', no: -1 },
      { type: 'abort', no: 2 ** 60 }, { type: 'get' }, { type: 'subscribe' }, { type: 'subscribe', nos: 'all' }, { type: 'fetch' },
      { type: 'fetch', request: { id: 'half' } }, { type: '__proto__' }];
    for (const command of commands) {
      const { port1, port2 } = new MessageChannel();
      active.postMessage({ type: `${prefix}connect`, protocol: 1 }, [port2]);
      port1.postMessage(command);
    }
    // Floods, and weights.
    for (let count = 0; count < 2000; count++) active.postMessage({ type: `${prefix}ping`, protocol: 1 });
    for (let count = 0; count < 200; count++) active.postMessage({ type: `${prefix}connect`, protocol: 1 }, [new MessageChannel().port2]);
    active.postMessage({ type: `${prefix}ping`, weight: new Uint8Array(32 << 20) });
    // What pages hear of each other must not end anything either.
    const hints = new BroadcastChannel(`background-fetch-polyfill ${scope}`);
    for (const hint of [null, 3, {}, { type: 'progress' }, { type: 'progress', state: null }, { type: 'progress', state: 'done' }, { type: 'start' }]) hints.postMessage(hint);
  });
  const { ids, result } = await page.run(async () => {
    const { job, registration } = /** @type {any} */ (self);
    return { ids: await registration.backgroundFetch.getIds(), result: (await registration.backgroundFetch.get('calm')).result + job.result };
  });
  assert.deepEqual({ ids, result }, { ids: ['calm'], result: '' });
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal((await settled(page)).result, 'success');
});
