// Workers that stop, and workers that are replaced, while a background fetch runs.
import { begin, ended, letGo, reportEnds, waitForPage } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

/** Stops the worker, as the browser itself would. @param {import('../stage.mjs').Stage} stage */
async function stop({ browser }) {
  await browser.cdp?.('ServiceWorker.enable');
  await browser.cdp?.('ServiceWorker.stopAllWorkers');
}

scenario('the worker stops while it downloads', { script: reportEnds }, async stage => {
  await begin(stage, 'stopped', [stage.file('done', 1000), stage.held('held', 100_000)], {
    downloadTotal: 200_000,
  });
  await stage.sent(51_000);
  await stop(stage);
  const found = await stage.inPage(async ({ probe, manager, kept }) => {
    const { downloaded: _, ...state } = probe.registration(await manager.get('stopped'));
    return { state, ids: await manager.getIds(), urls: (await kept.job.matchAll()).length };
  });
  stage.release();
  const worker = await stage.worker.report('end');
  return { found, worker, page: await ended(stage) };
});

scenario('abort when the worker has stopped', { script: reportEnds }, async stage => {
  await begin(stage, 'stopped', [stage.held('held', 1000, { hold: 'head' })]);
  await stop(stage);
  const aborted = await stage.inPage(({ probe, kept }) => probe.outcome(() => kept.job.abort()));
  return { aborted, worker: await stage.worker.report('end'), page: await ended(stage) };
});

scenario('a worker that is replaced while it downloads', { script: reportEnds }, async stage => {
  await begin(stage, 'replaced', [stage.held('held', 100_000)]);
  await stage.sent(50_000);
  const script = `
    addEventListener('install', () => skipWaiting());
    harness.report('version', 2);
    ${reportEnds.replaceAll("'end'", "'end of the second'")}
  `;
  await stage.replace(script);
  stage.release();
  const worker = await stage.worker.report('end of the second');
  return {
    worker,
    first: stage.worker.reports.filter(({ name }) => name === 'end').length,
    page: await ended(stage),
  };
});

scenario('progress and identity in the worker', { script: waitForPage }, async stage => {
  await begin(stage, 'inside', [stage.held('held', 100_000)], { downloadTotal: 150_000 });
  const before = await stage.inWorker(async ({ probe, manager, kept }) => {
    kept.found = probe.watch(await manager.get('inside'));
    const { downloaded: _, ...state } = probe.registration(kept.found);
    return state;
  });
  stage.release();
  await stage.worker.report('waiting');
  const during = await stage.inWorker(async ({ probe, manager, kept }) => ({
    same: kept.found === kept.job,
    found: probe.registration(kept.found),
    get: await probe.outcome(() => manager.get('inside')),
    progress: probe.progress(kept.found),
    records: (await kept.found.matchAll()).length,
  }));
  await letGo(stage);
  const page = await ended(stage);
  const after = await stage.inWorker(async ({ probe, kept }) => ({
    withdrawn: [await probe.withdrawn(kept.found), await probe.withdrawn(kept.job)],
    match: await probe.outcome(() => kept.found.matchAll()),
  }));
  return { before, during, page, after };
});

scenario('a page outside of the scope', { script: reportEnds }, async stage => {
  await begin(stage, 'inside', [stage.held('held', 1000, { hold: 'head' })]);
  const seen = await stage.inPage(async ({ self, probe, registration }, source) => {
    const frame = document.createElement('iframe');
    frame.src = self.location.href.replace('/t/', '/t/outside-');
    await new Promise(resolve => {
      frame.onload = resolve;
      document.body.append(frame);
    });
    const inside = /** @type {any} */ (frame.contentWindow);
    inside.eval(source);
    const { serviceWorker } = inside.navigator;
    const own = await serviceWorker.getRegistration();
    const manager = (await serviceWorker.getRegistration(registration.scope)).backgroundFetch;
    const job = await manager.get('inside');
    return {
      own: typeof own,
      ids: [...(await manager.getIds())],
      state: probe.registration(job),
      aborted: await probe.outcome(() => job.abort().then(String)),
      settled: await probe.settled(job),
    };
  }, stage.probeSource);
  return { seen, worker: await stage.worker.report('end'), page: await ended(stage) };
});
