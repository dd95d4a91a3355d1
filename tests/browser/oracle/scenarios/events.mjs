// Functional events in the worker, and progress in the page.
import { handled } from '../handled.mjs';
import { begin, ended } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

handled(
  'waitUntil, nested and late',
  `
  addEventListener('backgroundfetchsuccess', async event => {
    const job = event.registration;
    const seen = [];
    const attempt = async (when, promise) => seen.push([when, await probe.outcome(() => event.waitUntil(promise)), job.recordsAvailable]);
    const inner = probe.sleep(120);
    attempt('at once', 'no promise');
    attempt('nothing', undefined);
    await null;
    attempt('in a microtask', probe.sleep(30).then(() => attempt('from within', inner)));
    await inner;
    attempt('when it has just settled', probe.sleep(30));
    await probe.sleep(10);
    seen.push(['readable', await probe.outcome(async () => (await job.matchAll()).length)]);
    for (let waited = 0; job.recordsAvailable && waited < 3000; waited += 10) await probe.sleep(10);
    await attempt('afterwards', probe.sleep(0));
    seen.push(['withdrawn', !job.recordsAvailable, await probe.outcome(() => job.matchAll()), await probe.outcome(() => job.match('x'))]);
    harness.report('seen', seen);
  });
`,
);

handled(
  'waitUntil in odd ways',
  `
  addEventListener('backgroundfetchsuccess', event => {
    const calls = [() => event.waitUntil(), () => event.waitUntil(1), () => event.waitUntil({ then: 1 }), () => event.waitUntil({ then(resolve) { setTimeout(resolve, 20); } }), () => event.waitUntil(Promise.resolve(), 1),
      () => event.waitUntil.call({}, Promise.resolve()), () => ExtendableEvent.prototype.waitUntil.call(new BackgroundFetchEvent('x', event), Promise.resolve()), () => event.waitUntil(() => { throw new Error('never called'); })];
    Promise.all(calls.map(call => probe.outcome(call))).then(seen => harness.report('seen', { seen, own: Object.hasOwn(event, 'waitUntil'), length: event.waitUntil.length }));
  });
`,
);

handled(
  'a handler that throws, one that rejects and one that goes on',
  `
  addEventListener('backgroundfetchsuccess', () => { throw new RangeError('thrown'); });
  addEventListener('backgroundfetchsuccess', event => event.waitUntil(Promise.reject(new SyntaxError('rejected'))));
  addEventListener('backgroundfetchsuccess', async () => { throw new EvalError('asynchronous'); });
  addEventListener('backgroundfetchsuccess', event => event.waitUntil(probe.sleep(100).then(async () => harness.report('seen', [event.registration.recordsAvailable, (await event.registration.matchAll()).length]))));
`,
);

handled(
  'handlers, listeners and their order',
  `
  const order = [];
  const note = name => function (event) { order.push([name, this === self, event.type, event.eventPhase, event.currentTarget === self, event.defaultPrevented]); };
  onbackgroundfetchsuccess = note('replaced');
  addEventListener('backgroundfetchsuccess', note('first'));
  onbackgroundfetchsuccess = note('handler');
  addEventListener('backgroundfetchsuccess', { handleEvent: note('object') });
  const twice = note('twice');
  addEventListener('backgroundfetchsuccess', twice);
  addEventListener('backgroundfetchsuccess', twice);
  addEventListener('backgroundfetchsuccess', note('once'), { once: true });
  addEventListener('backgroundfetchsuccess', note('capture'), true);
  const removed = note('removed');
  addEventListener('backgroundfetchsuccess', removed);
  removeEventListener('backgroundfetchsuccess', removed);
  onbackgroundfetchfail = note('fail');
  onbackgroundfetchabort = note('abort');
  onbackgroundfetchclick = note('click');
  addEventListener('backgroundfetchsuccess', event => { event.preventDefault(); event.waitUntil(Promise.resolve().then(() => order.push('microtask'))); });
  addEventListener('backgroundfetchsuccess', () => { order.push('after'); });
  addEventListener('backgroundfetchsuccess', event => setTimeout(() => harness.report('seen', { order, phase: event.eventPhase, target: event.target === self, current: event.currentTarget }), 50));
`,
);

handled(
  'an event that is stopped',
  `
  const order = [];
  addEventListener('backgroundfetchsuccess', event => { order.push('first'); event.stopImmediatePropagation(); setTimeout(() => harness.report('seen', order), 50); });
  addEventListener('backgroundfetchsuccess', () => order.push('second'));
  onbackgroundfetchsuccess = () => order.push('handler');
`,
);

handled(
  'a handler set to null, and again',
  `
  const order = [];
  onbackgroundfetchsuccess = () => order.push('handler');
  addEventListener('backgroundfetchsuccess', () => order.push('listener'));
  const handler = onbackgroundfetchsuccess;
  onbackgroundfetchsuccess = null;
  onbackgroundfetchsuccess = handler;
  addEventListener('backgroundfetchsuccess', () => setTimeout(() => harness.report('seen', order), 20));
`,
);

handled(
  'microtasks between listeners',
  `
  const order = [];
  addEventListener('backgroundfetchsuccess', () => { order.push('first'); Promise.resolve().then(() => order.push('microtask of the first')); });
  addEventListener('backgroundfetchsuccess', () => { order.push('second'); setTimeout(() => harness.report('seen', order), 20); });
`,
);

scenario(
  'a handler that never ends, and the same id again',
  {
    script: `
    let first;
    addEventListener('backgroundfetchsuccess', event => {
      if (!first) {
        first = event.registration;
        event.waitUntil(new Promise(() => {}));
        return harness.report('first', [first.id, first.result]);
      }
      event.waitUntil((async () => harness.report('second', { same: event.registration === first, first: probe.registration(first), second: probe.registration(event.registration), firsts: (await first.matchAll()).length }))());
    });
  `,
  },
  async stage => {
    await begin(stage, 'again', [stage.file('first', 10)]);
    const first = await stage.worker.report('first');
    const again = await stage.inPage(
      async ({ probe, manager, kept }, url) =>
        probe.outcome(async () => (kept.next = probe.watch(await manager.fetch('again', url)))),
      stage.file('second', 20),
    );
    const second = await stage.worker.report('second');
    return {
      first,
      again,
      second,
      page: await stage.inPage(async ({ probe, kept }) => [
        await probe.settled(kept.next),
        probe.registration(kept.job),
      ]),
    };
  },
);

scenario('a worker without handlers', {}, async stage => {
  await begin(stage, 'nobody', [stage.file('file', 1000)]);
  const settled = await stage.inPage(async ({ probe, kept }) => probe.settled(kept.job));
  return { result: settled.result, page: await ended(stage) };
});

scenario('progress: handlers, listeners and their order', {}, async stage => {
  await begin(stage, 'progress', [stage.held('held', 100_000, { hold: 'head' })]);
  await stage.inPage(({ kept }) => {
    const { job } = kept;
    /** @type {unknown[]} */
    const order = (kept.order = []);
    const note = /** @param {string} name */ name =>
      /** @this {any} @param {Event} event */ function (event) {
        order.push([
          name,
          this === job,
          event.type,
          event.eventPhase,
          event.composedPath().length,
          job.result !== '',
        ]);
      };
    job.onprogress = note('replaced');
    job.addEventListener('progress', note('first'));
    job.onprogress = note('replacing');
    job.addEventListener('progress', { handleEvent: note('object') });
    job.addEventListener('progress', () => {
      throw new RangeError('thrown');
    });
    job.addEventListener('progress', note('last'));
  });
  stage.release();
  return stage.inPage(async ({ probe, kept }) => {
    const { job, order } = kept;
    await probe.settled(job);
    const last = order.slice(-4);
    order.length = 0;
    job.dispatchEvent(new Event('progress'));
    return { last, made: order };
  });
});
