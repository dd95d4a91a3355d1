// Registrations of service workers that come and go.
import { begin, reportEnds } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

scenario('no active worker', { register: false }, async stage => {
  // It is being installed while this goes on.
  const code =
    'addEventListener("install", event => event.waitUntil(new Promise((_, reject) => { new BroadcastChannel("fail " + harness.scope).onmessage = reject; harness.report("installing"); })));';
  await stage.inPage(
    async ({ kept }, script) => {
      kept.registration = await navigator.serviceWorker.register(script);
    },
    `sw.js?${stage.variant}&script=${encodeURIComponent(code)}`,
  );
  await stage.worker.report('installing');
  return stage.inPage(
    async ({ probe, kept }, url) => {
      const { registration } = kept;
      const manager = registration.backgroundFetch;
      const seen = {
        fetch: await probe.outcome(() => manager.fetch('none', url), 2000),
        empty: await probe.outcome(() => manager.fetch('none', []), 2000),
        bad: await probe.outcome(() => manager.fetch('none', 'http://:x'), 2000),
        get: await probe.outcome(() => manager.get('none'), 2000),
        ids: await probe.outcome(() => manager.getIds(), 2000),
      };
      new BroadcastChannel(`fail ${registration.scope}`).postMessage('now');
      return seen;
    },
    stage.file('none', 10),
  );
});

scenario('unregistered', {}, async stage => {
  const seen = await stage.inPage(
    async ({ probe, registration, manager, kept }, held, url) => {
      kept.job = await manager.fetch('gone', held);
      const unregistered = await registration.unregister();
      // Until the last page has gone, the registration lives on.
      return {
        unregistered,
        ids: await probe.outcome(() => manager.getIds()),
        fetch: await probe.outcome(() => manager.fetch('more', url)),
        get: await probe.outcome(() => manager.get('nothing')),
        bad: await probe.outcome(() => manager.fetch('x', [])),
        abort: await probe.outcome(() => kept.job.abort()),
        state: probe.registration(kept.job),
      };
    },
    stage.held('held', 1000, { hold: 'head' }),
    stage.file('more', 10),
  );
  return seen;
});

scenario('unregistered and registered again', { script: reportEnds }, async stage => {
  await begin(stage, 'gone', [stage.held('held', 1000, { hold: 'head' })]);
  await stage.inPage(({ registration }) => registration.unregister());
  await stage.page.register(stage.script);
  const look = () =>
    stage.inPage(async ({ probe, manager }) => ({
      ids: await manager.getIds(),
      get: await probe.outcome(() => manager.get('gone')),
    }));
  const before = await look();
  stage.release();
  await stage.inPage(({ probe }) => probe.sleep(1000));
  return {
    before,
    after: await look(),
    events: stage.worker.events.map(({ type }) => type),
    first: await stage.inPage(async ({ probe, kept }) => probe.registration(kept.job)),
  };
});

scenario('two registrations', {}, async stage => {
  const urls = [
    stage.held('one', 1000, { hold: 'head' }),
    stage.held('two', 1000, { hold: 'head' }),
  ];
  return stage.inPage(async ({ probe, registration, manager }, urls) => {
    const other = /** @type {any} */ (
      await navigator.serviceWorker.register(registration.active.scriptURL, {
        scope: `${registration.scope}inner/`,
      })
    );
    const worker = other.installing ?? other.active;
    await new Promise(resolve => {
      const look = () => worker.state === 'activated' && resolve(undefined);
      worker.addEventListener('statechange', look);
      look();
    });
    const jobs = [
      await manager.fetch('same', urls[0]),
      await other.backgroundFetch.fetch('same', urls[1]),
    ];
    const seen = {
      ids: [await manager.getIds(), await other.backgroundFetch.getIds()],
      different: [jobs[0] !== jobs[1], manager !== other.backgroundFetch],
      aborted: await jobs[0].abort(),
      left: [await manager.getIds(), await other.backgroundFetch.getIds()],
      second: await jobs[1].abort(),
    };
    await probe.settled(jobs[1]);
    await other.unregister();
    return seen;
  }, urls);
});
