// What can be seen of a background fetch, and when.
import { begin, ended, letGo, reportEnds, waitForPage } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

scenario('get and getIds in every phase', { script: waitForPage }, async stage => {
  /** @param {import('../stage.mjs').Context} context @param {string[]} ids */
  const look = async ({ probe, manager }, ids) => {
    const found = [];
    for (const id of ids)
      found.push(
        await manager
          .get(id)
          .then((/** @type {any} */ job) =>
            job ? [job.id, job.downloadTotal, job.result] : typeof job,
          ),
      );
    const list = await manager.getIds();
    return {
      found,
      list: [...list].sort(),
      order: list,
      frozen: Object.isFrozen(list),
      array: Array.isArray(list),
      fresh: list !== (await manager.getIds()),
      same: (await manager.get(ids[0])) === (await manager.get(ids[0])),
      none: await probe.outcome(() => manager.get('nothing')),
      numbers: await probe.outcome(() => manager.get(2)),
    };
  };
  const ids = ['b', '10', 'a', '2'];
  const both = async () => ({
    page: await stage.inPage(look, ids),
    worker: await stage.inWorker(look, ids),
  });
  const before = await both();
  for (const [index, id] of ids.entries()) {
    await stage.inPage(
      async ({ manager, kept }, id, url, downloadTotal) => {
        kept[id] = await manager.fetch(id, url, { downloadTotal });
      },
      id,
      stage.held(`file-${id}`, 1000),
      2000 + index,
    );
  }
  const during = await both();
  const kept = await stage.inPage(async ({ manager, kept }) => (await manager.get('a')) === kept.a);
  stage.release();
  for (const index of ids.keys()) await stage.worker.report('waiting', index);
  const inHandler = await both();
  await letGo(stage);
  await stage.inPage(async ({ probe, kept }) => {
    for (const job of Object.values(kept)) await probe.withdrawn(job);
  });
  return {
    before,
    during,
    kept,
    inHandler,
    after: await both(),
    events: stage.worker.events.map(({ type }) => type),
  };
});

scenario('odd arguments of get, getIds and abort', {}, async stage => {
  const url = stage.held('held', 1000, { hold: 'head' });
  return stage.inPage(async ({ self, probe, manager }, url) => {
    const job = await manager.fetch('null', url);
    /** @type {Record<string, string>} */
    const seen = {};
    const calls = {
      nothing: 'manager.get()',
      undefined: 'manager.get(undefined)',
      null: 'manager.get(null)',
      number: 'manager.get(1)',
      symbol: 'manager.get(Symbol())',
      object: 'manager.get({ toString: () => "null" })',
      throwing: 'manager.get({ toString() { throw new RangeError(); } })',
      more: 'manager.get("null", 1, 2)',
      surrogate: 'manager.get("\\ud800")',
      ids: 'manager.getIds(1, 2)',
      proto: 'manager.get("__proto__")',
      constructor: 'manager.get("constructor")',
      long: 'manager.get("x".repeat(10000))',
      detached: '(0, manager.get)("null")',
      detachedIds: '(0, manager.getIds)()',
      abort: 'job.abort({ any: "thing" })',
      detachedAbort: '(0, job.abort)()',
    };
    for (const [title, code] of Object.entries(calls))
      seen[title] = await probe.outcome(() =>
        self.Function('manager', 'job', `return ${code}`)(manager, job),
      );
    return seen;
  }, url);
});

scenario('half of it has arrived', { script: reportEnds }, async stage => {
  const beginning = await begin(stage, 'half', [stage.held('held', 2_000_000)], {
    downloadTotal: 2_000_000,
  });
  const half = await stage.inPage(async ({ probe, manager, kept }) => {
    const { job } = kept;
    for (let waited = 0; job.downloaded < 1_000_000 && waited < 10_000; waited += 10)
      await probe.sleep(10);
    return {
      state: probe.registration(job),
      found: probe.registration(await manager.get('half')),
      progress: probe.progress(job),
    };
  });
  const worker = await stage.inWorker(async ({ probe, manager }) =>
    probe.registration(await manager.get('half')),
  );
  stage.release();
  return {
    beginning,
    half,
    worker,
    end: await stage.worker.report('end'),
    page: await ended(stage),
  };
});

scenario('an upload, before its answer', { script: reportEnds }, async stage => {
  const beginning = await begin(stage, 'up', [
    { url: stage.held('post', 1000, { hold: 'head' }), method: 'POST', body: 'x'.repeat(100_000) },
    { url: stage.file('put', 1000), method: 'PUT', body: 'abc' },
  ]);
  const { server, tag } = stage;
  await server.log.until(log => log.of(tag).filter(({ upload }) => upload).length === 2);
  stage.release();
  return {
    beginning,
    end: await stage.worker.report('end'),
    page: await ended(stage),
    sent: server.log.of(tag).map(({ method, upload }) => [method, upload?.size]),
  };
});

scenario('records while it runs', { script: reportEnds }, async stage => {
  const [done, held] = [stage.file('done', 1000), stage.held('held', 2000)];
  await begin(stage, 'running', [done, held]);
  await stage.sent(2000);
  /** @param {import('../stage.mjs').Context} context @param {string} done @param {string} held */
  const look = async ({ probe, manager, kept }, done, held) => {
    const job = kept.job ?? (await manager.get('running'));
    const records = [...(await job.matchAll())].sort((a, b) =>
      a.request.url < b.request.url ? -1 : 1,
    );
    kept.records = records;
    kept.ready = records.map((/** @type {any} */ { responseReady }) => responseReady);
    const match = await job.match(held);
    return {
      urls: probe.urls(records),
      one: probe.urls([match]),
      none: await probe.outcome(() => job.match('/nothing')),
      some: probe.urls(await job.matchAll(done)),
      ready: await Promise.race([
        match.responseReady.then((/** @type {Response} */ { status }) => status),
        probe.sleep(3000).then(() => 'pending'),
      ]),
      requests: records.map((/** @type {any} */ { request }) => request instanceof Request),
      same: [
        records[0].responseReady === records[0].responseReady,
        records[0].request === records[0].request,
      ],
    };
  };
  const page = await stage.inPage(look, done, held);
  const worker = await stage.inWorker(look, done, held);
  stage.release();
  /** @param {import('../stage.mjs').Context} context */
  const later = async ({ probe, kept }) => {
    const seen = await probe.records(kept.records);
    return { seen, same: (await kept.ready[0]) === (await kept.records[0].responseReady) };
  };
  return {
    page,
    worker,
    laterInWorker: await stage.inWorker(later),
    later: await stage.inPage(later),
    end: await stage.worker.report('end'),
  };
});

scenario('the page is loaded again', { script: reportEnds }, async stage => {
  await begin(stage, 'reload', [stage.held('held', 100_000)], { downloadTotal: 150_000 });
  await stage.sent(50_000);
  await stage.load();
  const found = await stage.inPage(async ({ probe, manager, kept }) => {
    kept.job = probe.watch(await manager.get('reload'));
    kept.atEvent = [];
    const { downloaded: _, ...state } = probe.registration(kept.job);
    return { state, ids: await manager.getIds(), urls: probe.urls(await kept.job.matchAll()) };
  });
  stage.release();
  return { found, worker: await stage.worker.report('end'), page: await ended(stage) };
});

scenario('nobody is there when it ends', { script: reportEnds }, async stage => {
  await begin(stage, 'left', [stage.held('held', 100_000)]);
  await stage.sent(50_000);
  await stage.page.open(stage.other.url('/t/elsewhere/?native'));
  stage.release();
  const worker = await stage.worker.report('end');
  await stage.load();
  const back = await stage.inPage(async ({ probe, manager }) => ({
    ids: await manager.getIds(),
    get: await probe.outcome(() => manager.get('left')),
  }));
  return { worker, back, events: stage.worker.events.map(({ type }) => type) };
});

scenario('seven at a time', {}, async stage => {
  const urls = Array.from({ length: 7 }, (_, index) => stage.held(`held-${index}`, 1000));
  return stage.inPage(async ({ probe, manager }, urls) => {
    const outcomes = [];
    for (const [index, url] of urls.entries())
      outcomes.push(await probe.outcome(() => manager.fetch(`no-${index}`, url)));
    const ids = await manager.getIds();
    for (const id of ids) await (await manager.get(id)).abort();
    return { outcomes, ids: [...ids].sort() };
  }, urls);
});
