// More than one page, and calls of the worker's own.
import { begin, ended, reportEnds } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

/** @typedef {import('../stage.mjs').Stage} Stage */

/** Opens a second page, in a frame, with the probe. @param {Stage} stage */
const openFrame = stage =>
  stage.inPage(async ({ self, kept }, source) => {
    const frame = document.createElement('iframe');
    frame.src = self.location.href;
    await new Promise(resolve => {
      frame.onload = resolve;
      document.body.append(frame);
    });
    kept.frame = frame.contentWindow;
    kept.frame.eval(source);
    kept.theirs = (await kept.frame.navigator.serviceWorker.getRegistration()).backgroundFetch;
  }, stage.probeSource);

scenario('two pages', { script: reportEnds }, async stage => {
  await openFrame(stage);
  await begin(stage, 'two', [stage.held('held', 100_000)], { downloadTotal: 200_000 });
  const found = await stage.inPage(async ({ probe, kept }) => {
    kept.found = kept.frame.probe.watch(await kept.theirs.get('two'));
    const { downloaded: _, ...state } = probe.registration(kept.found);
    return {
      state,
      ids: await kept.theirs.getIds(),
      class: kept.found instanceof kept.frame.BackgroundFetchRegistration,
      same: kept.found === kept.job,
    };
  });
  stage.release();
  const worker = await stage.worker.report('end');
  const page = await ended(stage);
  const frame = await stage.inPage(async ({ probe, kept }) => ({
    settled: await probe.settled(kept.found),
    withdrawn: await probe.withdrawn(kept.found),
    progress: kept.frame.probe.progress(kept.found),
  }));
  return { found, worker, page, frame };
});

scenario('abort by another page', { script: reportEnds }, async stage => {
  await openFrame(stage);
  await begin(stage, 'two', [stage.held('held', 1000, { hold: 'head' })]);
  const aborted = await stage.inPage(async ({ probe, kept }) => {
    kept.found = await kept.theirs.get('two');
    return [
      await probe.outcome(() => kept.found.abort().then(String)),
      await probe.outcome(() => kept.job.abort()),
    ];
  });
  return {
    aborted,
    worker: await stage.worker.report('end'),
    page: await ended(stage),
    frame: await stage.inPage(async ({ probe, kept }) => probe.settled(kept.found)),
  };
});

scenario('fetch by a frame', {}, async stage => {
  await openFrame(stage);
  return stage.inPage(
    async ({ probe, manager, kept }, url) => {
      const outcome = await probe.outcome(() =>
        kept.theirs
          .fetch('framed', url)
          .then((/** @type {any} */ job) => ((kept.job = job), job.id)),
      );
      const ids = await manager.getIds();
      return {
        outcome,
        ids,
        abort: kept.job && (await probe.outcome(() => kept.job.abort().then(String))),
        errors: await kept.theirs
          .fetch()
          .catch((/** @type {any} */ error) => error instanceof kept.frame.TypeError),
      };
    },
    stage.held('held', 1000, { hold: 'head' }),
  );
});

scenario('the worker itself', {}, async stage =>
  stage.inWorker(
    async ({ self, probe, registration, manager, kept }, url) => {
      const outcome = await probe.outcome(async () => {
        kept.job = await manager.fetch('own', url);
      });
      const errors = {
        empty: await probe.outcome(() => manager.fetch('own', [])),
        url: await probe.outcome(() => manager.fetch('own', 'http://:x')),
        few: await probe.outcome(() => manager.fetch('own')),
      };
      const seen = {
        outcome,
        errors,
        ids: await manager.getIds(),
        get: await probe.outcome(() => manager.get('own')),
        same: registration.backgroundFetch === manager,
        own: Object.hasOwn(self, 'BackgroundFetchManager'),
      };
      await kept.job?.abort();
      return seen;
    },
    stage.held('held', 1000, { hold: 'head' }),
  ),
);

scenario(
  'a worker that answers fetches',
  {
    script: `
    addEventListener('fetch', event => { if (event.request.url.includes('/bytes/')) { harness.report('asked', event.request.url); event.respondWith(new Response('from the worker')); } });
    ${reportEnds}
  `,
  },
  async stage => {
    await begin(stage, 'passing', [stage.file('file', 1000)]);
    return {
      worker: await stage.worker.report('end'),
      asked: stage.worker.reports.filter(({ name }) => name === 'asked').length,
      page: await ended(stage),
    };
  },
);
