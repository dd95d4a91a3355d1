// What keeps a worker awake while there is work, and what makes one that was stopped take it up again.
import assert from 'node:assert/strict';
import { dispatchFunctionalEvent } from './drivers/functional-events.mjs';
import { begin, file, overhear, reportRecords, say, settled, starts, whole } from './downloads.mjs';
import { readRows } from './rows.mjs';
import { session } from './session.mjs';
import { scenario } from './support.mjs';

const MiB = 1 << 20;
const ours = { plain: true, native: false };

/** @typedef {import('./support.mjs').Fixture} Fixture */

/** A file whose every answer stops half-way, until the gate is opened. @param {Fixture} fixture */
const held = ({ server, name }) => file(server, name, 4 * MiB, { gate: name, hold: 2 * MiB });

/** Resolves with what is stored of the only record, once that is so much. @param {Fixture} fixture @param {number} bytes */
async function stored({ page, scope }, bytes) {
  for (;;) {
    const { records: [record] } = await page.run(readRows, scope);
    if (record && record.stored >= bytes) return record.stored;
  }
}

/** Events that no engine lets a test cause: the worker's script makes one, with the life of a message. */
const simulated = `${reportRecords}
  addEventListener('message', event => {
    if (event.data?.type !== 'harness:dispatch') return;
    const made = new ExtendableEvent(event.data.kind);
    made.waitUntil = promise => event.waitUntil(promise);
    dispatchEvent(made);
  });
`;

/**
 * Begins one of two records, of which the first is half stored, and every answer for the second waits for the gate.
 *
 * @param {Fixture} fixture
 */
async function beginHalf(fixture) {
  const { page, server, name } = fixture;
  const wanted = [held(fixture), file(server, `${name}-waits`, 1000, { gate: name, hold: 'head' })];
  await begin(page, 'half', wanted.map(({ url }) => url));
  const kept = await stored(fixture, MiB);
  const waiting = () => server.log.of(`${name}-waits`).length;
  await server.log.until(() => waiting() > 0);
  return {
    wanted,
    waiting,
    /** @param {number} before @param {string} kind */
    async resumed(before, kind) {
      await server.log.until(() => waiting() > before);
      assert.ok(starts(fixture).slice(1).every(first => first >= kept), `${kind}: ${starts(fixture)} after ${kept} were stored`);
    },
  };
}

scenario('a worker that is only run takes nothing up, and every functional event makes it', { native: false, script: simulated, seconds: 100 }, async fixture => {
  const { page, worker, server, name, stopWorker } = fixture;
  const { wanted, waiting, resumed } = await beginHalf(fixture);
  const bare = `${new URL(page.url).search}&native`;
  for (const kind of ['push', 'sync', 'periodicsync', 'notificationclick']) {
    // A page without the polyfill, which says nothing to the worker by itself; not even a farewell.
    await page.open(bare);
    await stopWorker();
    await page.open(bare);
    const before = waiting();
    await page.run(() => /** @type {any} */ (self).harness.flush());
    assert.equal(waiting(), before, 'the script has run, and nothing has begun');
    await page.run(async kind => {
      const registration = await navigator.serviceWorker.getRegistration();
      registration?.active?.postMessage({ type: 'harness:dispatch', kind });
    }, kind);
    await resumed(before, kind);
  }
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole(wanted));
});

scenario('the true events do so with no page of the scope open', { native: false, engines: ['chromium'], script: reportRecords }, async fixture => {
  const { page, worker, server, other, name, stopWorker } = fixture;
  const { wanted, waiting, resumed } = await beginHalf(fixture);
  await page.open(other.url('/t/elsewhere/?native'));
  for (const kind of /** @type {const} */ (['push', 'sync', 'periodicsync'])) {
    await stopWorker();
    const before = waiting();
    await dispatchFunctionalEvent(session.browser, server.origin, kind, 'test');
    await resumed(before, kind);
  }
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole(wanted));
  await page.open();
});

/** Offline as far as the worker knows, in the life that a message tells so; and what comes of registering for the end of that. */
const offline = `
  let online = true;
  Object.defineProperty(WorkerNavigator.prototype, 'onLine', { get: () => online });
  const { register } = SyncManager.prototype;
  SyncManager.prototype.register = function (tag) {
    const outcome = register.call(this, tag);
    outcome.then(() => harness.report('registered', tag), error => harness.report('registered', error.name));
    return outcome;
  };
  addEventListener('message', event => {
    if (event.data?.type !== 'harness:offline') return;
    online = false;
    dispatchEvent(new Event('offline'));
    event.ports[0].postMessage('done');
  });
`;
/** The application's listener sees its own tags only. */
const tags = `${reportRecords}
  addEventListener('sync', ({ tag }) => harness.report('sync', tag));
`;

scenario('what waits for a network is woken by Background Sync, and the application sees nothing of it', {
  native: false, engines: ['chromium'], first: offline, script: tags,
}, async fixture => {
  const { page, worker, server, other, name, stopWorker } = fixture;
  const own = 'background-fetch-polyfill';
  await page.run(() => new Promise(resolve => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    /** @type {any} */ (self).registration.active.postMessage({ type: 'harness:offline' }, [port2]);
  }));
  const wanted = file(server, name, 1000, { gate: name, hold: 'head' });
  await begin(page, 'offline', [wanted.url]);
  assert.equal(await worker.report('registered'), own);
  await page.open(other.url('/t/elsewhere/?native'));
  await stopWorker();
  const before = starts(fixture).length;
  for (const tag of [own, 'theirs']) await dispatchFunctionalEvent(session.browser, server.origin, 'sync', tag);
  await server.log.until(() => starts(fixture).length > before);
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal(await worker.report('sync'), 'theirs', 'the first that the application sees');
  await page.open();
});

/** Time between prompts passes fifty times as fast. The worker says which messages keep it alive, and when it no longer wants any. */
const impatient = `${overhear}
  const { setInterval: every, clearInterval: end } = self;
  let pings = 0;
  self.setInterval = (act, delay) => every(act, delay / 50);
  self.clearInterval = timer => {
    end(timer);
    pings = 0;
    let ticks = 0;
    const ticking = every(() => {
      if (++ticks < 10) return;
      end(ticking);
      harness.report('rests', pings);
    }, 200);
  };
  overhear(data => {
    if (data?.type === 'background-fetch-polyfill:ping') harness.report('ping', ++pings);
  });
`;

scenario('a page sends the worker short messages as long as there is work, and none then', { ...ours, first: impatient }, async ({ page, worker, server, name }) => {
  await begin(page, 'pings', [file(server, name, 1000, { gate: name, hold: 'head' }).url]);
  await worker.report('ping', 4);
  server.release(name);
  assert.equal((await settled(page)).result, 'success');
  // One may have been on its way.
  const late = await worker.report('rests');
  assert.ok(late <= 1, `${late} pings after the end`);
});

/** The clock goes on by an hour when it is told to. */
const forgetful = `
  let later = 0;
  const { now } = Performance.prototype;
  Performance.prototype.now = function () { return now.call(this) + later; };
  new BroadcastChannel('words ' + new URL('./', location.href)).onmessage = ({ data }) => {
    if (data !== 'later') return;
    later = 3_600_000;
    harness.report('later');
  };
`;

scenario('a page that was silent for an hour is known again by its next download', { ...ours, first: forgetful + impatient, seconds: 40 }, async ({ page, worker, server, name }) => {
  await begin(page, 'earlier', [file(server, name, 1000).url]);
  assert.equal((await settled(page)).result, 'success');
  await worker.report('rests');
  await say(page, 'later');
  await worker.report('later');
  await page.run(() => {
    const { now } = Performance.prototype;
    Performance.prototype.now = function () { return now.call(this) + 3_600_000; };
    // Until it no longer watches a worker that has nothing to do.
    const { clearInterval } = globalThis;
    return new Promise(resolve => {
      globalThis.clearInterval = timer => {
        clearInterval(timer);
        resolve(undefined);
      };
    });
  });
  const before = worker.reports.filter(({ name }) => name === 'ping').length;
  await begin(page, 'later', [file(server, `${name}-later`, 1000, { gate: name, hold: 'head' }).url]);
  await worker.report('ping', before + 3);
  server.release(name);
  assert.equal((await settled(page)).result, 'success');
});

/** Says when the page's farewell begins to be waited for, and when that is over. */
const farewell = `${overhear}
  const { waitUntil } = ExtendableEvent.prototype;
  ExtendableEvent.prototype.waitUntil = function (promise) {
    waitUntil.call(this, promise);
    this.waited = promise;
    tell(this);
  };
  overhear((data, ports, event) => {
    event.left = data?.type === 'background-fetch-polyfill:leave';
    tell(event);
  });
  const tell = ({ left, waited }) => {
    if (!left || !waited) return;
    harness.report('left');
    waited.then(() => harness.report('let go', handled));
  };
  let handled = false;
  addEventListener('backgroundfetchsuccess', () => { handled = true; });
`;

scenario('the farewell of the last page is waited for until the work is done', { ...ours, first: farewell, script: reportRecords }, async fixture => {
  const { page, worker, server, other, name } = fixture;
  const wanted = held(fixture);
  await begin(page, 'farewell', [wanted.url]);
  await stored(fixture, MiB);
  await page.open(other.url(`/t/elsewhere/${new URL(page.url).search}&native`));
  await worker.report('left');
  server.release(name);
  assert.equal(await worker.report('let go'), true, 'not before the event');
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  await page.open();
});

/** No end is announced to everybody: what a page knows of it, it must have asked for. */
const silent = `
  const { postMessage } = BroadcastChannel.prototype;
  BroadcastChannel.prototype.postMessage = function (message) {
    if (!message?.state?.result) postMessage.call(this, message);
  };
`;

scenario('a page that was in the cache of pages while it subscribed is told of progress', ours, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  const seen = await page.run(async url => {
    const realm = /** @type {any} */ (self);
    const Channel = BroadcastChannel;
    const left = new Promise(resolve => {
      realm.BroadcastChannel = class extends Channel {
        /** @param {string} name */
        constructor(name) {
          super(name);
          realm.BroadcastChannel = Channel;
          queueMicrotask(() => {
            for (const type of ['pagehide', 'pageshow']) dispatchEvent(new PageTransitionEvent(type, { persisted: true }));
            resolve(undefined);
          });
        }
      };
    });
    realm.job = await realm.registration.backgroundFetch.fetch('left early', url);
    await left;
    while (!realm.job.downloaded) await new Promise(resolve => realm.job.addEventListener('progress', resolve, { once: true }));
    return realm.job.result;
  }, wanted.url);
  assert.equal(seen, '', 'before the end');
  server.release(name);
  await worker.event('backgroundfetchsuccess');
});

scenario('a page that comes back from the cache of pages asks what has happened', { ...ours, first: silent }, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  // It would look by itself after some seconds; frozen, it does not.
  await page.run(() => { /** @type {any} */ (self).setInterval = () => 0; });
  await begin(page, 'cached', [wanted.url]);
  await page.run(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  server.release(name);
  await worker.event('backgroundfetchsuccess');
  assert.equal(await page.run(() => /** @type {any} */ (self).job.result), '');
  await page.run(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  const { result, downloaded } = await settled(page);
  assert.deepEqual({ result, downloaded }, { result: 'success', downloaded: wanted.size });
});
