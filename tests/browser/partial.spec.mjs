// Answers with status 206: https://wicg.github.io/background-fetch/#validate-partial-response-algorithm
//
// What each one means to a record is in tests/core/partial_response.rs; here is what a page sees of it.
import assert from 'node:assert/strict';
import { begin, file, keepRecords, letGo, reportRecords, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

/** A file of ten bytes that is always answered as a part. @param {import('./support.mjs').Fixture} fixture @param {string} kind @param {string} [range] */
const part = ({ server, name }, kind, range) =>
  file(server, `${name}-${kind}`, 10, { status: 206, ...range !== undefined && { header: `content-range:${range}` } });

/**
 * What became of background fetches of one record each: result, reason, and the record.
 *
 * @param {import('./page.mjs').Page} page
 * @param {Record<string, string>} urls
 */
const outcomes = (page, urls) => page.run(async urls => {
  const { registration, harness } = /** @type {any} */ (self);
  const ended = Object.entries(urls).map(async ([id, url]) => {
    const job = await registration.backgroundFetch.fetch(id, url);
    await harness.settled(job);
    const [record] = await job.matchAll();
    const shown = await record.responseReady.then(
      async (/** @type {Response} */ response) => [response.status, response.headers.get('content-range'), (await response.blob()).size],
      (/** @type {Error} */ error) => error.name,
    );
    return [id, [job.result, job.failureReason, shown]];
  });
  return Object.fromEntries(await Promise.all(ended));
}, urls);

scenario('a first answer that is a part counts when it is the whole', { native: false, script: keepRecords }, async fixture => {
  const { page, scope } = fixture;
  const urls = {
    whole: part(fixture, 'whole', 'bytes 0-9/10').url,
    'other case': part(fixture, 'case', 'Bytes 0-9/10').url,
  };
  const success = ['success', '', [206, null, 10]];
  assert.deepEqual(await outcomes(page, urls), { whole: success, 'other case': success });
  await letGo(page, scope);
});

scenario('an answer that is no part of what was asked for fails with fetch-error', { native: false, script: keepRecords }, async fixture => {
  const { page, scope, server, name } = fixture;
  const ranges = {
    'another start': 'bytes 5-14/20', 'another unit': 'items 0-9/10', 'no range': '', 'no numbers': 'bytes */10', 'no length': 'bytes 0-9',
    'backwards': 'bytes 9-0/10', 'beyond its length': 'bytes 0-9/5', 'several': 'bytes 0-4/10, 5-9/10', 'negative': 'bytes -10-9/10', 'words': 'bytes a-b/c',
  };
  const urls = Object.fromEntries(Object.entries(ranges).map(([kind, range], index) => [kind, part(fixture, `${index}`, range).url]));
  const seen = await outcomes(page, urls);
  assert.deepEqual(seen, Object.fromEntries(Object.keys(ranges).map(kind => [kind, ['failure', 'fetch-error', 'TypeError']])));
  for (const index of Object.keys(Object.keys(ranges))) assert.equal(server.log.of(`${name}-${index}?`).length, 1);
  await letGo(page, scope);
});

scenario('the rest of a first part is asked for', { native: false, script: keepRecords }, async ({ page, scope, server, name }) => {
  const { url } = file(server, name, 100_000);
  const seen = await page.run(async url => {
    const { registration, harness } = /** @type {any} */ (self);
    // The page asks for a part itself; the text adds a range of its own to that when it goes on.
    const job = await registration.backgroundFetch.fetch('rest', new Request(url, { headers: { range: 'bytes=0-999' } }));
    const { result, failureReason, downloaded } = await harness.settled(job);
    return [result, failureReason, downloaded];
  }, url);
  const asked = server.log.of(name).map(({ headers }) => headers.range);
  assert.equal(asked[0], 'bytes=0-999');
  assert.deepEqual([seen, asked], [['success', '', 100_000], ['bytes=0-999', 'bytes=1000-']]);
  await letGo(page, scope);
});

scenario('downloadTotal may be reached, and not exceeded by a byte, by all records together', { native: false }, async ({ page, server, name }) => {
  const urls = [file(server, `${name}-a`, 600).url, file(server, `${name}-b`, 400).url];
  const seen = await page.run(async urls => {
    const { registration, harness } = /** @type {any} */ (self);
    const seen = [];
    for (const downloadTotal of [1000, 999, 1001, 0]) {
      const job = await registration.backgroundFetch.fetch(`total ${downloadTotal}`, urls, { downloadTotal });
      const { result, failureReason, downloaded } = await harness.settled(job);
      seen.push([downloadTotal, result, failureReason, downloaded <= 1000 && (downloadTotal === 999 ? downloaded < 1000 : downloaded === 1000)]);
    }
    return seen;
  }, urls);
  assert.deepEqual(seen, [
    [1000, 'success', '', true], [999, 'failure', 'download-total-exceeded', true], [1001, 'success', '', true], [0, 'success', '', true],
  ]);
});

scenario('parts that another origin does not share are given up for the whole', {
  plain: true, native: false, script: reportRecords, seconds: 120,
}, async ({ page, worker, other, name, expectProblem }) => {
  expectProblem(/CORS|access control/i);
  const wanted = file(other, name, 9 << 20, { cors: '*', expose: 'accept-ranges, content-range, etag', 'cors-parts': 0 });
  await begin(page, 'unshared', [wanted.url]);
  // The eight tries would take half a minute.
  await page.run(() => void setInterval(/** @type {any} */ (self).backgroundFetchPolyfill.retry, 500));
  assert.deepEqual(await worker.report('records'), whole([wanted], 'cors'));
  // The head, which shows that parts are to be had, the parts in vain, and the whole.
  const asked = other.log.of(name).filter(({ method }) => method === 'GET').map(({ headers }) => headers.range !== undefined);
  assert.deepEqual([asked[0], asked.at(-1)], [false, false]);
  assert.ok(asked.filter(Boolean).length >= 8, `${asked}`);
});
