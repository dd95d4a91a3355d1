// Progress in pages, and functional events in the worker: https://wicg.github.io/background-fetch/#background-fetch-event
import assert from 'node:assert/strict';
import { begin, file, settled } from './downloads.mjs';
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

scenario('waitUntil extends the event, also from a microtask and from within what it waits for, and then no more', {
  script: `
    addEventListener('backgroundfetchsuccess', async event => {
      const { registration } = event;
      const attempts = [];
      const attempt = (when, promise) => {
        try { attempts.push([when, event.waitUntil(promise) === undefined]); } catch (error) { attempts.push([when, error.name]); }
      };
      const later = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
      const second = later(60);
      attempt('at once', 'no promise at all');
      await null;
      attempt('in a microtask', later(20).then(() => attempt('from within', second)));
      await second;
      attempt('when it has just settled', later(20));
      await later(10);
      attempts.push(['readable meanwhile', registration.recordsAvailable, (await registration.matchAll()).length]);
      while (registration.recordsAvailable) await later(10);
      attempt('afterwards', later(0));
      const records = await registration.matchAll().catch(error => error.name);
      harness.report('attempts', [...attempts, ['records', records]]);
    });
  `,
}, async ({ page, server, name, worker, native }) => {
  await begin(page, 'wait', [file(server, name, 10).url]);
  const attempts = await worker.report('attempts');
  assert.deepEqual(attempts, [
    ['at once', true], ['in a microtask', true], ['from within', true], ['when it has just settled', true],
    ['readable meanwhile', true, 1], ['afterwards', 'InvalidStateError'], ['records', 'InvalidStateError'],
  ], native ? 'natively' : 'ours');
});

scenario('waitUntil needs its argument, and an event that is active', {
  script: `
    addEventListener('backgroundfetchsuccess', event => {
      const errors = [];
      const attempt = act => { try { act(); errors.push('none'); } catch (error) { errors.push(error.name); } };
      attempt(() => event.waitUntil());
      attempt(() => event.waitUntil.call({}, 1));
      const made = new BackgroundFetchEvent('made', { registration: event.registration });
      attempt(() => made.waitUntil(Promise.resolve()));
      addEventListener('made', ({ waitUntil }) => attempt(() => waitUntil.call(made, Promise.resolve())));
      dispatchEvent(made);
      setTimeout(() => {
        attempt(() => event.waitUntil(Promise.resolve()));
        harness.report('errors', errors);
      }, 0);
    });
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'need', [file(server, name, 10).url]);
  assert.deepEqual(await worker.report('errors'), ['TypeError', 'TypeError', 'InvalidStateError', 'InvalidStateError', 'InvalidStateError']);
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
  const problems = worker.problems.map(({ text }) => text).join('\n');
  assert.match(problems, /thrown by the first/);
  assert.match(problems, /rejected by the second/);
});

scenario('a handler that never finishes holds up no other event, and its id is free', {
  script: `
    let first;
    addEventListener('backgroundfetchsuccess', event => {
      if (event.registration.id !== 'again') return;
      if (first) return harness.report('second', [event.registration === first, first.result, first.recordsAvailable]);
      first = event.registration;
      event.waitUntil(new Promise(() => {}));
      harness.report('first');
    });
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'again', [file(server, `${name}-1`, 10).url]);
  await worker.report('first');
  await begin(page, 'again', [file(server, `${name}-2`, 20).url]);
  assert.deepEqual(await worker.report('second'), [false, 'success', true]);
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

scenario('updateUI may be called once, while its event is active', {
  script: `
    addEventListener('backgroundfetchfail', event => {
      const seen = {};
      const outcome = promise => Promise.resolve(promise).then(value => String(value), error => error.name);
      event.waitUntil((async () => {
        seen.wrong = await outcome(event.updateUI(1));
        seen.icons = await outcome(event.updateUI({ icons: 1 }));
        seen.first = await outcome(event.updateUI({ title: 'done', icons: [{ src: 'icon.png' }] }));
        seen.second = await outcome(event.updateUI({ title: 'again' }));
        seen.receiver = await outcome(event.updateUI.call(new BackgroundFetchEvent('x', event)));
        seen.made = await outcome(new BackgroundFetchUpdateUIEvent('x', event).updateUI());
      })().then(() => harness.report('seen', seen)));
    });
    addEventListener('backgroundfetchsuccess', event => {
      event.waitUntil(Promise.resolve());
      setTimeout(() => event.updateUI({ title: 'late' }).then(() => 'none', error => error.name).then(name => harness.report('late', name)), 0);
    });
  `,
}, async ({ page, server, name, worker, native }) => {
  await begin(page, 'ui', [file(server, `${name}-1`, 10, { status: 404 }).url]);
  assert.deepEqual(await worker.report('seen'), {
    wrong: 'TypeError', icons: 'TypeError', first: 'undefined', second: 'InvalidStateError', receiver: 'TypeError',
    // Natively it resolves; the text says otherwise.
    made: native ? 'undefined' : 'InvalidStateError',
  });
  await begin(page, 'late', [file(server, `${name}-2`, 10).url]);
  assert.equal(await worker.report('late'), 'InvalidStateError');
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
    errors: Array(12).fill('TypeError'),
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

for (const place of /** @type {const} */ (['first', 'script'])) {
  scenario(`the application's message handlers see nothing of ours, added ${place === 'first' ? 'before' : 'after'} the import`, {
    native: false,
    [place]: `
      const heard = [];
      self.onmessage = event => { heard.push(event.data.type ?? event.data); if (event.data === 'tell') harness.report('heard', heard); };
      ${place === 'first' ? '' : "addEventListener('message', event => heard.push('listener ' + event.data));"}
    `,
  }, async ({ page, server, name, worker }) => {
    const inPage = await page.run(async url => {
      const { registration } = /** @type {any} */ (self);
      /** @type {unknown[]} */
      const heard = [];
      navigator.serviceWorker.onmessage = event => heard.push(event.data);
      addEventListener('message', event => heard.push(event.data));
      const job = await registration.backgroundFetch.fetch('quiet', url);
      while (!job.result) await new Promise(resolve => job.addEventListener('progress', resolve, { once: true }));
      await registration.backgroundFetch.getIds();
      registration.active.postMessage('tell');
      return heard;
    }, file(server, name, 10_000).url);
    assert.deepEqual(inPage, []);
    assert.deepEqual(await worker.report('heard'), ['tell']);
  });
}

scenario('a listener that was added before the import still sees what is its own', {
  native: false,
  first: `
    const order = [];
    addEventListener('message', event => { if (event.data === 'tell') order.push('listener'); });
    self.onmessage = event => { order.push('handler'); harness.report('order', order); };
  `,
}, async ({ page, worker }) => {
  await page.run(() => /** @type {any} */ (self).registration.active.postMessage('tell'));
  assert.deepEqual(await worker.report('order'), ['listener', 'handler']);
});
