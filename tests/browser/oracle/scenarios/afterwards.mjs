// What is kept of a background fetch when it is over.
import { begin, ended, letGo, reportEnds, waitForPage } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

scenario('records and responses that were kept', { script: waitForPage }, async stage => {
  await begin(stage, 'kept', [stage.file('one', 200_000), stage.file('two', 1000)]);
  await stage.worker.report('waiting');
  await stage.inPage(async ({ kept }) => {
    kept.records = [...(await kept.job.matchAll())].sort((a, b) =>
      a.request.url < b.request.url ? -1 : 1,
    );
    kept.response = await kept.records[0].responseReady;
    kept.copy = kept.response.clone();
  });
  await letGo(stage);
  const page = await ended(stage);
  const seen = await stage.inPage(async ({ probe, kept }) => {
    await probe.sleep(500);
    const [one, two] = kept.records;
    return {
      request: one.request.url,
      same: (await one.responseReady) === kept.response,
      body: await kept.response.blob().then(probe.digest, probe.error),
      copy: await kept.copy.blob().then(probe.digest, probe.error),
      second: await probe.outcome(async () => (await two.responseReady).status),
      match: await probe.outcome(() => kept.job.match(one.request)),
      abort: await probe.outcome(() => kept.job.abort()),
    };
  });
  return { page, seen };
});

scenario('the same id, once and again', { script: reportEnds }, async stage => {
  const runs = [];
  for (const label of ['first', 'second', 'third']) {
    await begin(stage, 'same', [stage.file(label, 1000)], { downloadTotal: 5000 });
    const end = await stage.worker.report('end', runs.length);
    runs.push({ requests: end.requests, count: end.count, page: await ended(stage) });
  }
  return { runs, events: stage.worker.events.map(({ type }) => type) };
});

scenario('the same id after a failure and after an abort', { script: reportEnds }, async stage => {
  await begin(stage, 'same', [stage.file('gone', 10, { status: 404 })]);
  const failed = await ended(stage);
  await begin(stage, 'same', [stage.held('held', 1000, { hold: 'head' })]);
  const again = await stage.inPage(async ({ probe, manager, kept }, url) => {
    const aborted = await kept.job.abort();
    // At once: the id is free as soon as it resolves.
    const outcome = await probe.outcome(async () => {
      kept.next = await manager.fetch('same', url);
    });
    const state = await probe.settled(kept.next);
    return { aborted, outcome, state, first: probe.outline(kept.job) };
  }, stage.file('third', 1000));
  return {
    failed: [failed.settled.result, failed.settled.failureReason],
    again,
    types: [
      (await stage.worker.report('end', 2)) && stage.worker.events.map(({ type }) => type).sort(),
    ],
  };
});

scenario('progress of one that has ended, while the same id runs again', {}, async stage => {
  await begin(stage, 'same', [stage.file('first', 1000)]);
  await ended(stage);
  return stage.inPage(async ({ probe, manager, kept }, url) => {
    let heard = 0;
    kept.job.addEventListener('progress', () => heard++);
    const before = probe.registration(kept.job);
    const next = await manager.fetch('same', url);
    await probe.settled(next);
    await probe.withdrawn(next);
    return { heard, before, after: probe.registration(kept.job), next: next === kept.job };
  }, stage.file('second', 2000));
});
