// How long an event is active, and what may be done until then: https://wicg.github.io/background-fetch/#background-fetch-update-ui-event
import assert from 'node:assert/strict';
import { begin, file } from './downloads.mjs';
import { scenario } from './support.mjs';

scenario('waitUntil extends the event, also from a microtask and from within what it waits for, and then no more', {
  script: `
    addEventListener('backgroundfetchsuccess', async event => {
      const { registration } = event;
      const attempts = [];
      const attempt = (when, promise) => {
        try { attempts.push([when, event.waitUntil(promise) === undefined]); } catch (error) { attempts.push([when, error.name]); }
      };
      const later = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
      /** A promise and what settles it: a busy machine must not change the order. */
      const gate = () => { let open; const promise = new Promise(resolve => { open = resolve; }); return { promise, open }; };
      const [first, second, third] = [gate(), gate(), gate()];
      attempt('at once', 'no promise at all');
      await null;
      attempt('in a microtask', first.promise.then(() => attempt('from within', second.promise)));
      await later(10);
      first.open();
      await later(10);
      second.open();
      await second.promise;
      attempt('when it has just settled', third.promise);
      await later(10);
      attempts.push(['readable meanwhile', registration.recordsAvailable, (await registration.matchAll()).length]);
      third.open();
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
