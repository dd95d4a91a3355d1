// #complete-a-record-algorithm when the network, the server or the worker fails: what is stored is not
// asked for again, and what does not belong together is not joined.
import assert from 'node:assert/strict';
import { begin, file, files, reportRecords, settled, stored, whole } from './downloads.mjs';
import { readRows } from './rows.mjs';
import { scenario } from './support.mjs';

const withRecords = { plain: true, native: false, script: reportRecords };
const MiB = 1 << 20;

/** The requests for a file that carried bytes or tried to. @param {import('./support.mjs').Fixture['server']} server @param {string} name */
const requests = (server, name) => server.log.of(name).filter(({ method }) => method === 'GET').map(({ headers }) => headers.range ?? 'all');

/**
 * A drop that has something to continue: WebKit throws away what a body holds unread when its connection
 * fails, as Streams has it, so the bytes must have been read before.
 */
const drop = { cut: 2 * MiB, times: 1, rate: 8 * MiB };

/** @param {string} range */
const start = range => Number(/^bytes=(\d+)-/.exec(range)?.[1]);

scenario('a dropped connection is continued where it stopped', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 3 * MiB, drop);
  await begin(page, 'dropped', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  const [first, second, ...more] = requests(server, name);
  assert.equal(first, 'all');
  assert.ok(start(second ?? '') > 0, `the rest is asked for, not all: ${second}`);
  assert.deepEqual(more, []);
  const [, { headers } = {}] = server.log.of(name);
  assert.equal(headers?.['if-range'], `"${name}"`, 'same-origin, the server is asked to check the validator as well');
  assert.equal((await settled(page)).downloaded, 3 * MiB);
});

scenario('a condition of the page itself does not stand beside that of a continuation', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 3 * MiB, drop);
  await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    await registration.backgroundFetch.fetch('condition', new Request(url, { headers: { 'If-Range': '"of old"' } }));
  }, wanted.url);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  const [first, second, ...more] = server.log.of(name).filter(({ method }) => method === 'GET');
  assert.equal(first?.headers['if-range'], '"of old"');
  assert.equal(second?.headers['if-range'], `"${name}"`);
  assert.ok(start(second?.headers.range ?? '') > 0, 'the rest is asked for');
  assert.deepEqual(more, []);
});

scenario('many drops in one large file lose nothing and repeat nothing that was stored', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 20 * MiB, { cut: 700_000, times: 8, rate: 4 * MiB });
  await begin(page, 'drops', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  const [first, ...starts] = requests(server, name).slice(1).map(start);
  assert.equal(first, 0, 'the first window');
  assert.ok(starts.length >= 8, 'every drop is followed by another request');
  assert.ok(starts.every(from => from > 0), `nothing starts over: ${starts}`);
});

scenario('without a validator a drop starts the record over', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 3 * MiB, { ...drop, etag: 'none', lastmod: 'none' });
  await begin(page, 'unproven', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.deepEqual(requests(server, name), ['all', 'all']);
  assert.equal((await settled(page)).downloaded, 3 * MiB);
});

scenario('a server that gives everything where the rest is to be compared is read from there', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 3 * MiB, { ...drop, etag: 'weak:1', ranges: 0 });
  await begin(page, 'rangeless', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  const [first, second, ...more] = requests(server, name);
  assert.equal(first, 'all');
  assert.ok(start(second ?? '') > 0, `the rest is asked for: ${second}`);
  assert.deepEqual(more, []);
});

scenario('a file that changed between two requests is not joined from two versions', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 3 * MiB, { ...drop, change: 1 });
  const changed = file(server, `${name} changed`, 3 * MiB);
  await begin(page, 'changed', [wanted.url]);
  const [record] = await worker.report('records');
  assert.deepEqual({ size: record.size, sum: record.sum }, { size: changed.size, sum: changed.sum });
});

scenario('a server that is busy half-way is asked again, and the rest only', withRecords, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 3 * MiB, { ...drop, busy: 1 });
  await begin(page, 'busy', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  const [first, second, third, ...more] = requests(server, name);
  assert.equal(first, 'all');
  assert.equal(second, third, 'the same rest, again');
  assert.deepEqual(more, []);
});

scenario('another origin whose validator is hidden is continued by comparing bytes', withRecords, async ({ page, worker, other, name }) => {
  const wanted = file(other, name, 3 * MiB, { ...drop, cors: '*' });
  await begin(page, 'hidden', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]).map(record => ({ ...record, type: 'cors' })));
  const log = other.log.of(name);
  assert.deepEqual(log.filter(({ method }) => method === 'OPTIONS'), [], 'no preflight');
  const [, second] = requests(other, name);
  assert.ok(start(second ?? '') > 0, `the rest and what overlaps: ${second}`);
});

scenario('a POST is never sent again', withRecords, async ({ page, worker, server, name, expectProblem }) => {
  expectProblem(/./);
  const wanted = file(server, name, 3 * MiB, { cut: 2 * MiB });
  await begin(page, 'post', [{ url: wanted.url, method: 'POST', body: 'once' }]);
  assert.equal((await worker.event('backgroundfetchfail')).failureReason, 'fetch-error');
  assert.equal(server.log.of(name).length, 1);
});

scenario('a worker that is stopped continues at the next visit', { native: false, script: reportRecords, seconds: 90 }, async ({ page, worker, server, name, stopWorker }) => {
  const wanted = file(server, name, 6 * MiB, { gate: name, hold: 3 * MiB, times: 1 });
  await begin(page, 'stopped', [wanted.url]);
  await page.run(() => new Promise(resolve => {
    const { job } = /** @type {any} */ (self);
    const look = () => job.downloaded >= 2_000_000 && resolve(undefined);
    job.addEventListener('progress', look);
    look();
  }));
  const kept = await page.run(() => /** @type {any} */ (self).job.downloaded);
  await stopWorker();
  server.release(name);
  await page.reload();
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  const starts = requests(server, name).slice(1).map(start);
  assert.ok(starts.length > 0 && starts.every(from => from >= kept), `${starts} from ${kept}`);
});

for (const [speed, rate] of /** @type {const} */ ([['slow', MiB / 4], ['swift', 3 * MiB]])) {
  scenario(`an answer that stalls is stored as far as it came, and a worker that is stopped then loses nothing: ${speed}`, {
    native: false, engines: ['chromium', 'firefox'], script: reportRecords,
  }, async ({ page, worker, server, name, stopWorker }) => {
    const far = speed === 'slow' ? 1.5 * MiB : 4 * MiB;
    const wanted = file(server, name, far + MiB / 4, { rate, stall: far, times: 1 });
    await begin(page, 'lost', [wanted.url]);
    const kept = await stored(page, far);
    await stopWorker();
    await page.reload();
    assert.deepEqual(await worker.report('records'), whole([wanted]));
    assert.deepEqual(requests(server, name).slice(1).map(start), [kept]);
  });
}

/**
 * Every point of a record's life at once, because a stop takes WebKit 12 seconds: no head yet, in the body, in
 * windows of which a later one has come further than the first, complete.
 */
scenario('a worker that is stopped at any point of a record asks for no stored byte again', { native: false, seconds: 120, script: `
  self.addEventListener('backgroundfetchsuccess', event => {
    event.waitUntil(event.registration.matchAll().then(harness.received).then(records => harness.report(event.registration.id, records)));
  });
` }, async ({ page, worker, server, scope, name, stopWorker }) => {
  const gate = { gate: name };
  /** @type {Record<string, ReturnType<typeof file>[]>} */
  const jobs = {
    small: files(10, index => file(server, `${name}-small-${index}`, 20_000 + index, index < 8 ? {} : { ...gate, hold: 'head' })),
    body: [file(server, `${name}-body`, 6 * MiB, { ...gate, hold: 3 * MiB })],
    windows: [file(server, `${name}-windows`, 24 * MiB, { ...gate, hold: MiB / 2 })],
  };
  for (const [id, wanted] of Object.entries(jobs)) await begin(page, id, wanted.map(({ url }) => url));
  const read = async () => {
    const { fetches, records } = await page.run(readRows, scope);
    const rows = records.map(({ no, index, stored, result }) => ({ id: fetches.find(row => row.no === no)?.id ?? '', index, stored, result }));
    return rows.filter(({ id }) => id in jobs);
  };
  const enough = (/** @type {Awaited<ReturnType<typeof read>>} */ rows) => rows.filter(({ id, result }) => id === 'small' && result).length === 8
    && rows.some(({ id, stored }) => id === 'body' && stored >= 2 * MiB) && rows.some(({ id, stored }) => id === 'windows' && stored > 0);
  let rows = await read();
  while (!enough(rows)) rows = await read();
  const before = server.log.entries.length;
  await stopWorker();
  server.release(name);
  await page.reload();
  for (const [id, wanted] of Object.entries(jobs)) assert.deepEqual(await worker.report(id), whole(wanted), id);
  const asked = server.log.entries.slice(before).filter(({ method }) => method === 'GET');
  for (const { id, index, stored, result } of rows) {
    const wanted = jobs[id]?.[index];
    const again = asked.filter(({ url }) => url.href === wanted?.url).map(({ headers }) => (headers.range ? start(headers.range) : 0));
    assert.ok(result ? again.length === 0 : again.length > 0 && again.every(from => from >= stored), `${id} ${index}: ${stored} stored, asked from ${again}`);
  }
});
