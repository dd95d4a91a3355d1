// Functional events in the worker: https://wicg.github.io/background-fetch/#background-fetch-event
import assert from 'node:assert/strict';
import { begin, file } from './downloads.mjs';
import { scenario } from './support.mjs';

scenario('handlers and listeners of the worker run in the order in which they were added', {
  script: `
    const order = [];
    self.onbackgroundfetchsuccess = () => order.push('replaced');
    addEventListener('backgroundfetchsuccess', () => order.push('listener'));
    onbackgroundfetchsuccess = function (event) { order.push('handler ' + (this === self) + ' ' + (event instanceof BackgroundFetchUpdateUIEvent)); };
    addEventListener('backgroundfetchsuccess', () => order.push('removed'));
    self.onbackgroundfetchfail = () => order.push('never');
    addEventListener('backgroundfetchsuccess', { handleEvent(event) { order.push('object'); harness.report('order', order); } });
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'order', [file(server, name, 10).url]);
  assert.deepEqual(await worker.report('order'), ['handler true true', 'listener', 'removed', 'object']);
});

scenario('handlers and listeners from before the import are as good as later ones', {
  first: `
    const order = [];
    self.onbackgroundfetchsuccess = function (event) { order.push('handler ' + (this === self) + ' ' + event.registration.result); };
    addEventListener('backgroundfetchsuccess', () => order.push('listener'));
    var onbackgroundfetchabort = event => harness.report('declared', event.registration.failureReason);
  `,
  script: `addEventListener('backgroundfetchsuccess', () => harness.report('order', [order.sort(), typeof onbackgroundfetchsuccess]));`,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'before', [file(server, name, 10).url]);
  assert.deepEqual(await worker.report('order'), [['handler true success', 'listener'], 'function']);
  await begin(page, 'aborted', [file(server, name, 10, { gate: name }).url]);
  await page.run(() => /** @type {any} */ (self).job.abort());
  assert.equal(await worker.report('declared'), 'aborted');
});

scenario('a handler that is set to null and set again goes to the end', {
  script: `
    const order = [];
    onbackgroundfetchsuccess = () => order.push('handler');
    addEventListener('backgroundfetchsuccess', () => order.push('listener'));
    const handler = onbackgroundfetchsuccess;
    onbackgroundfetchsuccess = null;
    onbackgroundfetchsuccess = handler;
    addEventListener('backgroundfetchsuccess', () => harness.report('order', order));
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'again', [file(server, name, 10).url]);
  assert.deepEqual(await worker.report('order'), ['listener', 'handler']);
});

scenario('an event has its interface and its registration', {
  script: `
    for (const type of ['success', 'fail', 'abort']) addEventListener('backgroundfetch' + type, event => {
      harness.report('event', {
        type: event.type, shown: String(event), extendable: event instanceof ExtendableEvent,
        flags: [event.bubbles, event.cancelable, event.composed, event.target === self, event.eventPhase],
        registration: String(event.registration), same: event.registration === event.registration,
        updateUI: typeof event.updateUI, keys: Object.keys(event).filter(key => key !== 'isTrusted'),
        result: event.registration.result, reason: event.registration.failureReason,
      });
    });
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'a', [file(server, `${name}-a`, 10).url]);
  const common = { extendable: true, flags: [false, false, false, true, 2], registration: '[object BackgroundFetchRegistration]', same: true, keys: [] };
  const update = { shown: '[object BackgroundFetchUpdateUIEvent]', updateUI: 'function' };
  assert.deepEqual(await worker.report('event', 0), { type: 'backgroundfetchsuccess', ...common, ...update, result: 'success', reason: '' });
  await begin(page, 'b', [file(server, `${name}-b`, 10, { status: 404 }).url]);
  assert.deepEqual(await worker.report('event', 1), { type: 'backgroundfetchfail', ...common, ...update, result: 'failure', reason: 'bad-status' });
  await begin(page, 'c', [file(server, `${name}-c`, 10, { gate: name }).url]);
  assert.equal(await page.run(() => /** @type {any} */ (self).job.abort()), true);
  assert.equal(await page.run(() => /** @type {any} */ (self).job.abort()), false, 'once');
  assert.deepEqual(await worker.report('event', 2), {
    type: 'backgroundfetchabort', ...common, shown: '[object BackgroundFetchEvent]', updateUI: 'undefined', result: 'failure', reason: 'aborted',
  });
});

scenario('in the worker, too, a background fetch has one object, and its listeners are called', {
  // Newer versions of Chromium refuse to start one there.
  native: false,
  script: `
    let job;
    const progress = [];
    addEventListener('message', async ({ data }) => {
      if (data.type !== 'start') return;
      job = await registration.backgroundFetch.fetch('inside', data.url);
      job.addEventListener('progress', () => progress.push(job.result));
      const same = [job === await registration.backgroundFetch.get('inside'), (await registration.backgroundFetch.getIds()).join()];
      harness.report('started', same);
    });
    addEventListener('backgroundfetchsuccess', event => harness.report('ended', [event.registration === job, progress.at(-1), job.result]));
  `,
}, async ({ page, server, name, worker }) => {
  const { url } = file(server, name, 10_000, { gate: name, hold: 5000 });
  await page.run(url => /** @type {any} */ (self).registration.active.postMessage({ type: 'start', url }), url);
  assert.deepEqual(await worker.report('started'), [true, 'inside']);
  server.release(name);
  assert.deepEqual(await worker.report('ended'), [true, 'success', 'success']);
});

scenario('what the worker aborts has ended there when the event comes, and not before the answer', {
  native: false,
  script: `
    let job;
    const seen = [];
    addEventListener('message', event => {
      if (event.data.type !== 'start') return;
      event.waitUntil((async () => {
        job = await registration.backgroundFetch.fetch('own', event.data.url);
        job.addEventListener('progress', () => seen.push(job.failureReason));
        seen.push(await job.abort());
      })());
    });
    addEventListener('backgroundfetchabort', event => harness.report('ended', [...seen, event.registration === job, job.result]));
  `,
}, async ({ page, server, name, worker }) => {
  const { url } = file(server, name, 10, { gate: name, hold: 'head' });
  await page.run(url => /** @type {any} */ (self).registration.active.postMessage({ type: 'start', url }), url);
  assert.deepEqual(await worker.report('ended'), [true, 'aborted', true, 'failure']);
});

scenario('what goes wrong in handlers is reported, and ends nothing else', {
  script: `
    addEventListener('backgroundfetchsuccess', () => { throw new Error('thrown by the first'); });
    addEventListener('backgroundfetchsuccess', event => event.waitUntil(Promise.reject(new Error('rejected by the second'))));
    addEventListener('backgroundfetchsuccess', event => event.waitUntil(new Promise(resolve => setTimeout(resolve, 50)).then(() => harness.report('third', event.registration.recordsAvailable))));
  `,
}, async ({ page, server, name, worker, expectProblem }) => {
  expectProblem(/thrown by the first|rejected by the second/);
  await begin(page, 'wrong', [file(server, name, 10).url]);
  assert.equal(await worker.report('third'), true);
  await page.run(() => /** @type {any} */ (self).harness.flush());
  const problems = worker.problems.map(({ text }) => text).join('\n');
  assert.match(problems, /thrown by the first/);
  assert.match(problems, /rejected by the second/);
});

scenario('a rejection that waitUntil() hears of is reported, and not as unhandled', {
  native: false,
  script: `
    addEventListener('unhandledrejection', () => harness.report('unhandled'));
    addEventListener('backgroundfetchsuccess', event => {
      event.waitUntil(Promise.reject(new Error('rejected')));
      event.waitUntil(new Promise(resolve => setTimeout(resolve, 100)).then(() => harness.report('over')));
    });
  `,
}, async ({ page, server, name, worker, expectProblem }) => {
  expectProblem(/rejected/);
  await begin(page, 'heard', [file(server, name, 10).url]);
  await worker.report('over');
  await page.run(() => /** @type {any} */ (self).harness.flush());
  assert.deepEqual(worker.reports.map(({ name }) => name), ['over']);
  assert.deepEqual(worker.problems.map(({ text }) => /rejected/.test(text)), [true]);
});

scenario('the same id may be started again within the handler', {
  native: false,
  script: `
    const jobs = [];
    addEventListener('backgroundfetchsuccess', event => event.waitUntil((async () => {
      const { registration: job } = event;
      jobs.push(job);
      const url = (await job.matchAll())[0].request.url;
      if (jobs.length === 1) await registration.backgroundFetch.fetch(job.id, url + '&again');
      else harness.report('jobs', [jobs[0] !== jobs[1], jobs.map(({ id, result }) => id + result), url.endsWith('&again')]);
    })()));
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'loop', [file(server, name, 10).url]);
  assert.deepEqual(await worker.report('jobs'), [true, ['loopsuccess', 'loopsuccess'], true]);
});

scenario('events can be made with a registration, and with nothing else', {
  script: `
    addEventListener('backgroundfetchsuccess', ({ registration }) => {
      const attempt = make => { try { return make(); } catch (error) { return error.name; } };
      const order = [];
      const init = new Proxy({ registration, cancelable: true }, { get(target, key) { order.push(key); return target[key]; } });
      const made = new BackgroundFetchUpdateUIEvent('made', init);
      class Derived extends BackgroundFetchEvent { extra = 1; }
      const derived = new Derived('derived', { registration });
      harness.report('made', {
        type: made.type, same: made.registration === registration, cancelable: made.cancelable, bubbles: made.bubbles, trusted: made.isTrusted,
        order, derived: [derived instanceof BackgroundFetchEvent, derived.extra, derived.registration === registration],
        errors: [
          () => new BackgroundFetchEvent(), () => new BackgroundFetchEvent('x'), () => new BackgroundFetchEvent('x', undefined),
          () => new BackgroundFetchEvent('x', null), () => new BackgroundFetchEvent('x', 1), () => new BackgroundFetchEvent('x', {}),
          () => new BackgroundFetchEvent('x', { registration: null }), () => new BackgroundFetchEvent('x', { registration: {} }),
          () => new BackgroundFetchEvent('x', { registration: Object.create(registration) }), () => new BackgroundFetchEvent(Symbol(), { registration }),
          () => BackgroundFetchEvent('x', { registration }), () => new BackgroundFetchUpdateUIEvent('x'),
          () => new BackgroundFetchEvent({ toString() { throw new RangeError('converted'); } }),
        ].map(attempt),
      });
    });
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'made', [file(server, name, 10).url]);
  assert.deepEqual(await worker.report('made'), {
    type: 'made', same: true, cancelable: true, bubbles: false, trusted: false,
    order: ['bubbles', 'cancelable', 'composed', 'registration'],
    derived: [true, 1, true],
    errors: Array(13).fill('TypeError'),
  });
});

scenario('a click on the display is an event, while the fetch is active and as long as it is shown', {
  native: false,
  script: `
    addEventListener('backgroundfetchclick', event => harness.report('click', [String(event), event.type, typeof event.updateUI, event.registration.id, event.registration.result]));
    addEventListener('backgroundfetchsuccess', event => event.waitUntil(new Promise(resolve => { addEventListener('backgroundfetchclick', () => resolve()); })));
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'click', [file(server, name, 10, { gate: name }).url]);
  /** @param {string} id */
  const click = id => page.run(id => /** @type {any} */ (self).backgroundFetchPolyfill.click(id).then(String, (/** @type {Error} */ error) => error.name), id);
  assert.equal(await click('click'), 'undefined');
  assert.deepEqual(await worker.report('click'), ['[object BackgroundFetchEvent]', 'backgroundfetchclick', 'undefined', 'click', '']);
  server.release(name);
  await worker.event('backgroundfetchsuccess');
  assert.equal(await click('click'), 'undefined');
  assert.deepEqual((await worker.report('click', 1)).slice(3), ['click', 'success']);
  assert.equal(await click('unknown'), 'NotFoundError');
});
