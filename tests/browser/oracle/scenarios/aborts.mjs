// abort(), early and late, and ids that are taken.
import { begin, ended, letGo, reportEnds, waitForPage } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

/** @typedef {import('../stage.mjs').Stage} Stage */

/**
 * Aborts in the page, twice, and tells in which order things happen there.
 *
 * @param {Stage} stage
 */
const abortTwice = stage =>
  stage.inPage(async ({ self, probe, kept }) => {
    const { job } = kept;
    /** @type {string[]} */
    const log = [];
    const look = () => `${job.result} ${job.failureReason}`;
    job.addEventListener('progress', () => log.push(`progress ${look()}`));
    self.addEventListener(
      'worker-event',
      (/** @type {CustomEvent} */ { detail: { type } }) =>
        type.startsWith('background') && log.push(`worker ${type} ${look()}`),
    );
    const promises = [job.abort(), job.abort()];
    log.push(`called ${look()}`);
    promises[0].then((/** @type {boolean} */ value) => log.push(`first ${value} ${look()}`));
    const second = await promises[1];
    await probe.settled(job);
    return { log, second, third: await probe.outcome(() => job.abort()) };
  });

scenario('abort at once', { script: reportEnds }, async stage => {
  const beginning = await begin(stage, 'abort', [stage.held('abort', 1000, { hold: 'head' })]);
  return {
    beginning,
    aborted: await abortTwice(stage),
    worker: await stage.worker.report('end'),
    page: await ended(stage),
  };
});

scenario('abort half-way', { script: reportEnds }, async stage => {
  const beginning = await begin(
    stage,
    'abort',
    [stage.file('whole', 1000), stage.held('half', 2_000_000)],
    { downloadTotal: 3_000_000 },
  );
  await stage.inPage(async ({ probe, kept }) => {
    for (let waited = 0; kept.job.downloaded < 1_001_000 && waited < 10_000; waited += 10)
      await probe.sleep(10);
  });
  const { downloaded, ...worker } = await stage.inPage(async ({ probe, kept }) =>
    probe.registration(kept.job),
  );
  return {
    beginning,
    before: { ...worker, arrived: downloaded >= 1_000_000 },
    aborted: await abortTwice(stage),
    worker: await stage.worker.report('end'),
    page: await ended(stage),
  };
});

scenario(
  'abort between the end and the end of the handler, and later',
  { script: waitForPage },
  async stage => {
    await begin(stage, 'late', [stage.file('late', 1000)]);
    await stage.worker.report('waiting');
    const during = await abortTwice(stage);
    await letGo(stage);
    return {
      during,
      page: await ended(stage),
      events: stage.worker.events.map(({ type }) => type),
    };
  },
);

scenario('abort by the worker', { script: reportEnds }, async stage => {
  await begin(stage, 'abort', [stage.held('abort', 1000, { hold: 'head' })]);
  const inWorker = await stage.inWorker(async ({ probe, manager }) => {
    const job = await manager.get('abort');
    const before = probe.registration(job);
    const outcomes = [
      await probe.outcome(() => job.abort()),
      await probe.outcome(() => job.abort()),
    ];
    return { before, outcomes, after: await probe.settled(job), ids: await manager.getIds() };
  });
  return { inWorker, worker: await stage.worker.report('end'), page: await ended(stage) };
});

scenario('an id that is taken, and free again', { script: waitForPage }, async stage => {
  // The other one is still under way when somebody looks.
  const [held, other] = [stage.held('held', 1000), stage.file('other', 500, { delay: 300 })];
  await begin(stage, 'same', [held]);
  const again = () =>
    stage.inPage(async ({ probe, manager, kept }, url) => {
      const outcome = await probe.outcome(
        async () => (kept.next = await manager.fetch('same', url)),
      );
      const found = await manager.get('same');
      return {
        outcome,
        ids: await manager.getIds(),
        different: kept.next && kept.next !== kept.job,
        first: probe.registration(kept.job).result,
        // How far it has come by now is a matter of moments.
        found: found && [found.id, found.downloadTotal],
      };
    }, other);
  const during = await again();
  stage.release();
  await stage.worker.report('waiting');
  const inHandler = await again();
  await stage.worker.report('waiting', 1);
  const both = await stage.inPage(async ({ probe, kept }) => ({
    first: probe.registration(kept.job),
    second: probe.registration(kept.next),
    records: [probe.urls(await kept.job.matchAll()), probe.urls(await kept.next.matchAll())],
    abort: await probe.outcome(() => kept.job.abort()),
  }));
  await letGo(stage);
  await ended(stage);
  return { during, inHandler, both, after: await again() };
});

scenario('abort while a response is waited for', { script: reportEnds }, async stage => {
  await begin(stage, 'waiting', [stage.held('held', 1000, { hold: 'head' })]);
  const seen = await stage.inPage(async ({ probe, kept }) => {
    const [record] = await kept.job.matchAll();
    const ready = probe.describeResponseReady(record, 3000);
    const aborted = await kept.job.abort();
    return { aborted, ready: await ready };
  });
  return { seen, worker: await stage.worker.report('end'), page: await ended(stage) };
});

scenario('abort one of several', { script: reportEnds }, async stage => {
  await stage.inPage(
    async ({ probe, manager, kept }, urls) => {
      kept.jobs = [];
      for (const [index, url] of urls.entries())
        kept.jobs.push(probe.watch(await manager.fetch(`no-${index}`, url)));
    },
    ['a', 'b', 'c', 'd'].map(label => stage.held(label, 1000, { hold: 'head' })),
  );
  const seen = await stage.inPage(async ({ probe, manager, kept }) => [
    await probe.outcome(() => kept.jobs[3].abort()),
    await probe.outcome(() => kept.jobs[1].abort()),
    [...(await manager.getIds())].sort(),
  ]);
  stage.release();
  const ends = [];
  for (let index = 0; index < 4; index++) {
    const { event, atEvent, ids } = await stage.worker.report('end', index);
    ends.push([atEvent.id, event.type, atEvent.failureReason, ids.includes(atEvent.id)]);
  }
  const states = await stage.inPage(async ({ probe, kept }) =>
    Promise.all(kept.jobs.map((/** @type {any} */ job) => probe.settled(job))),
  );
  return { seen, ends: ends.sort(), states };
});

scenario(
  'records in the handler of an abort',
  {
    script: `
    addEventListener('backgroundfetchabort', event => event.waitUntil((async () => {
      const list = await event.registration.matchAll();
      const one = await event.registration.match(list[0].request);
      harness.report('seen', {
        count: list.length, one: probe.urls([one]).length,
        requests: list.map(({ request }) => request instanceof Request),
        ready: (await probe.records(list)).map(({ response }) => response),
        state: probe.registration(event.registration), again: await probe.outcome(() => event.registration.abort()),
      });
    })()));
  `,
  },
  async stage => {
    await begin(stage, 'aborted', [
      stage.held('one', 1000, { hold: 'head' }),
      stage.held('two', 1000, { hold: 'head' }),
    ]);
    await stage.inPage(({ kept }) => kept.job.abort());
    return { seen: await stage.worker.report('seen'), page: await ended(stage) };
  },
);
