// Registrations that are removed: their background fetches go with them, and no call waits for a worker that has.
import assert from 'node:assert/strict';
import { begin, file, reportRecords, settled, starts, stored } from './downloads.mjs';
import { scenario } from './support.mjs';

const MiB = 1 << 20;
const ours = { plain: true, native: false };

/** @typedef {import('./support.mjs').Fixture} Fixture */

/** A file of which the first answer stops half-way, until the gate is opened. @param {Fixture} fixture */
const held = ({ server, name }) => file(server, name, 6 * MiB, { gate: name, hold: 3 * MiB });

for (const by of ['by a page', 'by a stranger']) {
  scenario(`with its registration removed ${by} a background fetch is gone, also for the next registration`, ours, async fixture => {
    const { page, server, name } = fixture;
    await begin(page, 'removed', [held(fixture).url]);
    await stored(page, MiB);
    const script = await page.run(async by => {
      const { harness, registration } = /** @type {any} */ (self);
      const { scriptURL } = registration.active;
      if (by === 'by a stranger') await harness.unregister(registration);
      else await registration.unregister();
      return scriptURL;
    }, by);
    const before = starts(fixture).length;
    await page.register(script);
    const ids = await page.run(() => /** @type {any} */ (self).registration.backgroundFetch.getIds());
    assert.deepEqual({ ids, requests: starts(fixture).length }, { ids: [], requests: before });
    // The old worker may still be alive, and get the rest. It has nowhere to put it.
    server.release(name);
    const { result, failureReason } = await settled(page);
    assert.deepEqual({ result, failureReason }, { result: 'failure', failureReason: 'aborted' });
  });
}

scenario('who removes a registration ends its background fetches, without an event', ours, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  await begin(page, 'ended', [wanted.url]);
  await stored(page, MiB);
  assert.equal(await page.run(() => /** @type {any} */ (self).registration.unregister()), true);
  const { result, failureReason, recordsAvailable } = await settled(page);
  assert.deepEqual({ result, failureReason, recordsAvailable }, { result: 'failure', failureReason: 'aborted', recordsAvailable: false });
  // The server still waits for its gate: only the worker can have hung up.
  await server.log.until(log => log.of(name).every(({ closed }) => closed));
  assert.equal(await page.run(async () => {
    const { registration, job } = /** @type {any} */ (self);
    while ((await registration.backgroundFetch.getIds()).length) await new Promise(resolve => setTimeout(resolve, 20));
    return job.abort();
  }), false);
  assert.deepEqual(worker.events, []);
});

// In Firefox and WebKit, the state of a worker whose registration was removed stays "activated" for itself.
scenario('who removes a registration without a word ends its background fetches, too', { ...ours, engines: ['chromium'] }, async fixture => {
  const { page, worker, server, name } = fixture;
  await begin(page, 'removed', [held(fixture).url]);
  await stored(page, MiB);
  await page.run(() => {
    const { harness, registration } = /** @type {any} */ (self);
    return harness.unregister(registration);
  });
  const { result, failureReason } = await settled(page);
  assert.deepEqual({ result, failureReason }, { result: 'failure', failureReason: 'aborted' });
  await server.log.until(log => log.of(name).every(({ closed }) => closed));
  assert.deepEqual(worker.events, []);
});

scenario('a page that knows of no download ends it with the registration', ours, async fixture => {
  const { page, server, name } = fixture;
  await page.run(async url => {
    const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), { src: './' + location.search }));
    await new Promise(resolve => { frame.onload = resolve; });
    const registration = /** @type {any} */ (await frame.contentWindow?.navigator.serviceWorker.getRegistration());
    Object.assign(self, { job: await registration.backgroundFetch.fetch('unknown here', url) });
  }, held(fixture).url);
  await stored(page, MiB);
  await page.run(() => /** @type {any} */ (self).registration.unregister());
  const { result, failureReason } = await settled(page);
  assert.deepEqual({ result, failureReason }, { result: 'failure', failureReason: 'aborted' });
  await server.log.until(log => log.of(name).every(({ closed }) => closed));
});

for (const [moment, held] of /** @type {const} */ ([['greets', 'hello'], ['answers', 'answer']])) {
  scenario(`a call whose worker goes with its registration before it ${moment} is settled by that`, {
    ...ours,
    script: reportRecords,
    // A registration is not removed while its worker waits for a command.
    first: `
      const { setTimeout: after } = self;
      self.setTimeout = (act, delay, ...rest) => after(act, delay / 50, ...rest);
    `,
  }, async fixture => {
    const { page, server, name } = fixture;
    await begin(page, 'goes', [file(server, name, 1000, { gate: name, hold: 'head' }).url]);
    const { aborted, asked } = await page.run(async held => {
      const { registration, job } = /** @type {any} */ (self);
      const { active } = registration;
      const gone = new Promise(resolve => {
        active.addEventListener('statechange', () => active.state === 'redundant' && resolve(undefined));
      });
      // Here what a worker says as it goes arrives late, everywhere, always: a greeting after it has gone, an answer never.
      const own = /** @type {Required<PropertyDescriptor>} */ (Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage'));
      const arrived = new Promise(resolve => {
        Object.defineProperty(MessagePort.prototype, 'onmessage', {
          ...own,
          set(handler) {
            own.set.call(this, async (/** @type {MessageEvent} */ event) => {
              if (event?.data?.type === held) {
                resolve(undefined);
                await gone;
                if (held === 'answer') return;
              }
              handler(event);
            });
          },
        });
      });
      // And nobody looks again later.
      let asked = 0;
      self.setInterval = /** @type {any} */ (() => { asked++; });
      const aborting = job.abort();
      await arrived;
      await registration.unregister();
      Object.assign(self, { registration: undefined });
      return { aborted: await aborting, asked: asked > 0 };
    }, held);
    assert.deepEqual({ aborted, asked }, { aborted: false, asked: held === 'answer' });
    server.release(name);
  });
}
