// What can be done with a background fetch, and when.
import { begin, ended, reportEnds } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

/** @typedef {import('../stage.mjs').Stage} Stage */

/** Handlers that wait until the page says so. */
const wait = `
  const go = new Promise(resolve => { new BroadcastChannel('go ' + harness.scope).onmessage = resolve; });
  for (const type of ['success', 'fail', 'abort']) addEventListener('backgroundfetch' + type, event => {
    event.waitUntil(go);
    harness.report('waiting');
  });
`;

/** @param {Stage} stage */
const go = stage => stage.inPage(({ self }, scope) => { new self.BroadcastChannel(`go ${scope}`).postMessage('go'); }, stage.scope);

/**
 * Aborts in the page, twice, and tells in which order things happen there.
 *
 * @param {Stage} stage
 */
const abortTwice = stage => stage.inPage(async ({ self, probe, kept }) => {
  const { job } = kept;
  /** @type {string[]} */
  const log = [];
  const look = () => `${job.result} ${job.failureReason}`;
  job.addEventListener('progress', () => log.push(`progress ${look()}`));
  self.addEventListener('worker-event', (/** @type {CustomEvent} */ { detail: { type } }) => type.startsWith('background') && log.push(`worker ${type} ${look()}`));
  const promises = [job.abort(), job.abort()];
  log.push(`called ${look()}`);
  promises[0].then((/** @type {boolean} */ value) => log.push(`first ${value} ${look()}`));
  const second = await promises[1];
  await probe.settled(job);
  return { log, second, third: await probe.outcome(() => job.abort()) };
});

scenario('abort at once', { script: reportEnds }, async stage => {
  const beginning = await begin(stage, 'abort', [stage.held('abort', 1000, { hold: 'head' })]);
  return { beginning, aborted: await abortTwice(stage), worker: await stage.worker.report('end'), page: await ended(stage) };
});

scenario('abort half-way', { script: reportEnds }, async stage => {
  const beginning = await begin(stage, 'abort', [stage.file('whole', 1000), stage.held('half', 2_000_000)], { downloadTotal: 3_000_000 });
  await stage.inPage(async ({ probe, kept }) => {
    for (let waited = 0; kept.job.downloaded < 1_001_000 && waited < 10_000; waited += 10) await probe.sleep(10);
  });
  const { downloaded, ...worker } = await stage.inPage(async ({ probe, kept }) => probe.registration(kept.job));
  return { beginning, before: { ...worker, arrived: downloaded >= 1_000_000 }, aborted: await abortTwice(stage), worker: await stage.worker.report('end'), page: await ended(stage) };
});

scenario('abort between the end and the end of the handler, and later', { script: wait }, async stage => {
  await begin(stage, 'late', [stage.file('late', 1000)]);
  await stage.worker.report('waiting');
  const during = await abortTwice(stage);
  await go(stage);
  return { during, page: await ended(stage), events: stage.worker.events.map(({ type }) => type) };
});

scenario('abort by the worker', { script: reportEnds }, async stage => {
  await begin(stage, 'abort', [stage.held('abort', 1000, { hold: 'head' })]);
  const inWorker = await stage.inWorker(async ({ probe, manager }) => {
    const job = await manager.get('abort');
    const before = probe.registration(job);
    const outcomes = [await probe.outcome(() => job.abort()), await probe.outcome(() => job.abort())];
    return { before, outcomes, after: await probe.settled(job), ids: await manager.getIds() };
  });
  return { inWorker, worker: await stage.worker.report('end'), page: await ended(stage) };
});

scenario('an id that is taken, and free again', { script: wait }, async stage => {
  const [held, other] = [stage.held('held', 1000), stage.file('other', 500)];
  await begin(stage, 'same', [held]);
  const again = () => stage.inPage(async ({ probe, manager, kept }, url) => {
    const outcome = await probe.outcome(async () => kept.next = await manager.fetch('same', url));
    const found = await manager.get('same');
    return {
      outcome, ids: await manager.getIds(), different: kept.next && kept.next !== kept.job, first: probe.registration(kept.job).result,
      found: found && probe.registration(found),
    };
  }, other);
  const during = await again();
  stage.release();
  await stage.worker.report('waiting');
  const inHandler = await again();
  await stage.worker.report('waiting', 1);
  const both = await stage.inPage(async ({ probe, kept }) => ({
    first: probe.registration(kept.job), second: probe.registration(kept.next),
    records: [probe.urls(await kept.job.matchAll()), probe.urls(await kept.next.matchAll())],
    abort: await probe.outcome(() => kept.job.abort()),
  }));
  await go(stage);
  await ended(stage);
  return { during, inHandler, both, after: await again() };
});

scenario('get and getIds in every phase', { script: wait }, async stage => {
  /** @param {import('../stage.mjs').Context} context @param {string[]} ids */
  const look = async ({ probe, manager }, ids) => {
    const found = [];
    for (const id of ids) found.push(await manager.get(id).then((/** @type {any} */ job) => job ? [job.id, job.downloadTotal, job.result] : typeof job));
    const list = await manager.getIds();
    return {
      found, list: [...list].sort(), order: list, frozen: Object.isFrozen(list), array: Array.isArray(list),
      fresh: list !== await manager.getIds(), same: await manager.get(ids[0]) === await manager.get(ids[0]), none: await probe.outcome(() => manager.get('nothing')),
      numbers: await probe.outcome(() => manager.get(2)),
    };
  };
  const ids = ['b', '10', 'a', '2'];
  const both = async () => ({ page: await stage.inPage(look, ids), worker: await stage.inWorker(look, ids) });
  const before = await both();
  for (const [index, id] of ids.entries()) {
    await stage.inPage(async ({ manager, kept }, id, url, downloadTotal) => { kept[id] = await manager.fetch(id, url, { downloadTotal }); }, id, stage.held(`file-${id}`, 1000), 2000 + index);
  }
  const during = await both();
  const kept = await stage.inPage(async ({ manager, kept }) => await manager.get('a') === kept.a);
  stage.release();
  for (const index of ids.keys()) await stage.worker.report('waiting', index);
  const inHandler = await both();
  await go(stage);
  await stage.inPage(async ({ probe, kept }) => { for (const job of Object.values(kept)) await probe.withdrawn(job); });
  return { before, during, kept, inHandler, after: await both(), events: stage.worker.events.map(({ type }) => type) };
});

scenario('odd arguments of get, getIds and abort', {}, async stage => {
  const url = stage.held('held', 1000, { hold: 'head' });
  return stage.inPage(async ({ self, probe, manager }, url) => {
    const job = await manager.fetch('null', url);
    /** @type {Record<string, string>} */
    const seen = {};
    const calls = {
      nothing: 'manager.get()', undefined: 'manager.get(undefined)', null: 'manager.get(null)', number: 'manager.get(1)', symbol: 'manager.get(Symbol())', object: 'manager.get({ toString: () => "null" })',
      throwing: 'manager.get({ toString() { throw new RangeError(); } })', more: 'manager.get("null", 1, 2)', surrogate: 'manager.get("\\ud800")', ids: 'manager.getIds(1, 2)', proto: 'manager.get("__proto__")',
      constructor: 'manager.get("constructor")', long: 'manager.get("x".repeat(10000))', detached: '(0, manager.get)("null")', detachedIds: '(0, manager.getIds)()', abort: 'job.abort({ any: "thing" })', detachedAbort: '(0, job.abort)()',
    };
    for (const [title, code] of Object.entries(calls)) seen[title] = await probe.outcome(() => self.Function('manager', 'job', `return ${code}`)(manager, job));
    return seen;
  }, url);
});

scenario('half of it has arrived', { script: reportEnds }, async stage => {
  const beginning = await begin(stage, 'half', [stage.held('held', 2_000_000)], { downloadTotal: 2_000_000 });
  const half = await stage.inPage(async ({ probe, manager, kept }) => {
    const { job } = kept;
    for (let waited = 0; job.downloaded < 1_000_000 && waited < 10_000; waited += 10) await probe.sleep(10);
    return { state: probe.registration(job), found: probe.registration(await manager.get('half')), progress: probe.progress(job) };
  });
  const worker = await stage.inWorker(async ({ probe, manager }) => probe.registration(await manager.get('half')));
  stage.release();
  return { beginning, half, worker, end: await stage.worker.report('end'), page: await ended(stage) };
});

scenario('an upload, before its answer', { script: reportEnds }, async stage => {
  const beginning = await begin(stage, 'up', [{ url: stage.held('post', 1000, { hold: 'head' }), method: 'POST', body: 'x'.repeat(100_000) }, { url: stage.file('put', 1000), method: 'PUT', body: 'abc' }]);
  const { server, tag } = stage;
  await server.log.until(log => log.of(tag).filter(({ upload }) => upload).length === 2);
  stage.release();
  return { beginning, end: await stage.worker.report('end'), page: await ended(stage), sent: server.log.of(tag).map(({ method, upload }) => [method, upload?.size]) };
});

scenario('records while it runs', { script: reportEnds }, async stage => {
  const [done, held] = [stage.file('done', 1000), stage.held('held', 2000)];
  await begin(stage, 'running', [done, held]);
  await stage.sent(2000);
  /** @param {import('../stage.mjs').Context} context @param {string} done @param {string} held */
  const look = async ({ probe, manager, kept }, done, held) => {
    const job = kept.job ?? await manager.get('running');
    const records = [...await job.matchAll()].sort((a, b) => a.request.url < b.request.url ? -1 : 1);
    kept.records = records;
    kept.ready = records.map((/** @type {any} */ { responseReady }) => responseReady);
    const match = await job.match(held);
    return {
      urls: probe.urls(records), one: probe.urls([match]), none: await probe.outcome(() => job.match('/nothing')), some: probe.urls(await job.matchAll(done)),
      ready: await Promise.race([match.responseReady.then((/** @type {Response} */ { status }) => status), probe.sleep(3000).then(() => 'pending')]),
      requests: records.map((/** @type {any} */ { request }) => request instanceof Request),
      same: [records[0].responseReady === records[0].responseReady, records[0].request === records[0].request],
    };
  };
  const page = await stage.inPage(look, done, held);
  const worker = await stage.inWorker(look, done, held);
  stage.release();
  /** @param {import('../stage.mjs').Context} context */
  const later = async ({ probe, kept }) => {
    const seen = await probe.records(kept.records);
    return { seen, same: (await kept.ready[0]) === await kept.records[0].responseReady };
  };
  return { page, worker, laterInWorker: await stage.inWorker(later), later: await stage.inPage(later), end: await stage.worker.report('end') };
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
  const back = await stage.inPage(async ({ probe, manager }) => ({ ids: await manager.getIds(), get: await probe.outcome(() => manager.get('left')) }));
  return { worker, back, events: stage.worker.events.map(({ type }) => type) };
});

scenario('seven at a time', {}, async stage => {
  const urls = Array.from({ length: 7 }, (_, index) => stage.held(`held-${index}`, 1000));
  return stage.inPage(async ({ probe, manager }, urls) => {
    const outcomes = [];
    for (const [index, url] of urls.entries()) outcomes.push(await probe.outcome(() => manager.fetch(`no-${index}`, url)));
    const ids = await manager.getIds();
    for (const id of ids) await (await manager.get(id)).abort();
    return { outcomes, ids: [...ids].sort() };
  }, urls);
});
