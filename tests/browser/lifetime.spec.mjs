// Pages and service workers come and go: closed pages, stops in mid-event, two pages at once. What is under
// way goes on, what has ended is told, and nothing happens twice.
import assert from 'node:assert/strict';
import { begin, file, reportRecords, say, settled, starts, whole } from './downloads.mjs';
import { readRows } from './rows.mjs';
import { session } from './session.mjs';
import { scenario } from './support.mjs';

const MiB = 1 << 20;
const ours = { plain: true, native: false };
/** Where a worker can be stopped at will. */
const stoppable = { native: false, seconds: 90 };

/** Every dispatch waits until it is allowed, as if the worker had not come so far. */
const delayed = `
  const dispatch = self.dispatchEvent;
  const channel = new BroadcastChannel('words ' + harness.scope);
  self.dispatchEvent = event => {
    if (!event.type.startsWith('backgroundfetch')) return dispatch.call(self, event);
    event.waitUntil(new Promise(resolve => {
      channel.onmessage = ({ data }) => data === 'dispatch' && resolve(dispatch.call(self, event));
      harness.report('due', event.type);
    }));
    return true;
  };
`;

scenario('a worker that is stopped between the end and its event tells it in its next life', { ...stoppable, first: delayed, script: reportRecords }, async fixture => {
  const { page, worker, server, name, stopWorker } = fixture;
  const wanted = file(server, name, 100_000);
  await begin(page, 'due', [wanted.url]);
  await worker.report('due');
  await stopWorker();
  assert.equal(worker.events.length, 0);
  await page.reload();
  await worker.report('due', 1);
  await say(page, 'dispatch');
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.deepEqual(worker.events.map(({ type }) => type), ['backgroundfetchsuccess']);
  assert.deepEqual(starts(fixture), [0], 'what is complete is not asked for again');
});

/** Handlers wait until they are allowed to end. */
const lingering = `
  const channel = new BroadcastChannel('words ' + harness.scope);
  self.addEventListener('backgroundfetchsuccess', event => {
    event.waitUntil((async () => {
      const records = await harness.received(await event.registration.matchAll());
      const ended = new Promise(resolve => { channel.onmessage = ({ data }) => data === 'end' && resolve(); });
      harness.report('handling', records);
      await ended;
      harness.report('handled', records.map(({ url }) => url));
    })());
  });
`;

scenario('a worker that is stopped in its handler is told again, with its own records although the id is taken', { ...stoppable, script: lingering }, async fixture => {
  const { page, worker, server, name, stopWorker } = fixture;
  const first = file(server, `${name}-first`, 100_000);
  const second = file(server, `${name}-second`, 50_000, { gate: name, hold: 'head' });
  await begin(page, 'same', [first.url]);
  assert.deepEqual(await worker.report('handling'), whole([first]));
  await begin(page, 'same', [second.url]);
  await stopWorker();
  await page.reload();
  assert.deepEqual(await worker.report('handling', 1), whole([first]), 'the background fetch that has ended, not the one that has taken its id');
  await say(page, 'end');
  assert.deepEqual(await worker.report('handled'), [first.url]);
  server.release(name);
  assert.deepEqual(await worker.report('handling', 2), whole([second]));
  await say(page, 'end');
  assert.deepEqual(await worker.report('handled', 1), [second.url]);
  assert.deepEqual(starts(fixture, `${name}-first`), [0]);
});

/** The handler changes the title, and ends in the worker's second life only. */
const retitling = `
  addEventListener('backgroundfetchsuccess', event => event.waitUntil(event.updateUI({ title: 'done' }).then(async () => {
    const words = new BroadcastChannel('words ' + harness.scope);
    const ended = new Promise(resolve => { words.onmessage = resolve; });
    harness.report('retitled', event.registration.recordsAvailable);
    await ended;
    harness.report('handled');
  })));
`;

scenario('a worker that is stopped after updateUI() is told again', { ...stoppable, script: retitling }, async ({ page, worker, server, name, stopWorker }) => {
  await begin(page, 'retitled', [file(server, name, 1000).url]);
  assert.equal(await worker.report('retitled'), true);
  await stopWorker();
  await page.reload();
  assert.equal(await worker.report('retitled', 1), true);
  await say(page, 'end');
  await worker.report('handled');
});

scenario('with its last page closed a download goes on, and a page that is opened later sees how it ended', { ...ours, script: lingering }, async fixture => {
  const { page, worker, server, other, name } = fixture;
  const wanted = file(server, name, 2 * MiB, { gate: name, hold: MiB });
  await begin(page, 'closed', [wanted.url]);
  await server.log.until(() => server.log.of(name).some(({ sent }) => sent >= MiB));
  const elsewhere = new URL(page.url);
  await page.open(other.url(`/t/elsewhere/${elsewhere.search}&native`));
  server.release(name);
  assert.deepEqual(await worker.report('handling'), whole([wanted]));
  await page.reload();
  assert.deepEqual(await page.run(async () => {
    const registration = await navigator.serviceWorker.ready;
    return /** @type {any} */ (registration).backgroundFetch.getIds();
  }), []);
  await say(page, 'end');
  await worker.report('handled');
  assert.equal(worker.events.length, 1);
});

/** A second page of the scope, in a frame: `self.second`. @param {import('./page.mjs').Page} page */
const openSecond = page => page.run(async () => {
  const url = new URL(location.href);
  url.searchParams.delete('plain');
  const frame = document.createElement('iframe');
  frame.src = url.href;
  await new Promise(resolve => {
    frame.onload = resolve;
    document.documentElement.append(frame);
  });
  const inner = /** @type {any} */ (frame.contentWindow);
  inner.registration = await inner.navigator.serviceWorker.getRegistration();
  /** @type {any} */ (self).second = inner;
});

scenario('of two pages that start the same id at once, one gets it', { ...ours, script: reportRecords }, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = file(server, name, 1000);
  await openSecond(page);
  const outcomes = await page.run(async url => {
    const { registration, second } = /** @type {any} */ (self);
    const both = [registration, second.registration].map(({ backgroundFetch }) => backgroundFetch.fetch('both', url));
    return (await Promise.all(both.map(asked => asked.then(() => 'started', (/** @type {Error} */ { name }) => name)))).sort();
  }, wanted.url);
  assert.deepEqual(outcomes, ['TypeError', 'started']);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.deepEqual(starts(fixture), [0]);
});

scenario('what one page aborts has ended in the other', ours, async fixture => {
  const { page, worker, server, name } = fixture;
  await openSecond(page);
  await begin(page, 'shared', [file(server, name, 6 * MiB, { gate: name, hold: 3 * MiB }).url]);
  await server.log.until(() => server.log.of(name).some(({ sent }) => sent >= 3 * MiB));
  assert.equal(await page.run(async () => {
    const { registration } = /** @type {any} */ (self).second;
    return (await registration.backgroundFetch.get('shared')).abort();
  }), true);
  const { result, failureReason } = await settled(page);
  assert.deepEqual({ result, failureReason }, { result: 'failure', failureReason: 'aborted' });
  await worker.event('backgroundfetchabort');
  assert.deepEqual((await page.run(readRows, fixture.scope)).fetches.map(({ result }) => result), ['failure']);
});

scenario('a page that was frozen meanwhile knows how it ended when it thaws', { native: false, engines: ['chromium'] }, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = file(server, name, 2 * MiB, { gate: name, hold: MiB });
  await begin(page, 'frozen', [wanted.url]);
  await server.log.until(() => server.log.of(name).some(({ sent }) => sent >= MiB));
  await session.browser.cdp?.('Page.setWebLifecycleState', { state: 'frozen' });
  server.release(name);
  await worker.event('backgroundfetchsuccess');
  await session.browser.cdp?.('Page.setWebLifecycleState', { state: 'active' });
  const { result, downloaded } = await settled(page);
  assert.deepEqual({ result, downloaded }, { result: 'success', downloaded: wanted.size });
});
