// When a resource is no longer what it was: nothing is joined, neither in the store nor in the hands of a reader.
import assert from 'node:assert/strict';
import { begin, file, reportRecords, settled, stored, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

const MiB = 1 << 20;
const ours = { plain: true, native: false };

scenario('who reads a body while its record starts over gets an error, and the new one whole', ours, async ({ page, worker, server, name }) => {
  // The first answer drops after what the reader has seen; nothing proves that the next one continues it.
  const wanted = file(server, name, 4 * MiB, { gate: name, hold: 2 * MiB, cut: 3 * MiB, times: 1, etag: 'none', lastmod: 'none' });
  await begin(page, 'read', [wanted.url]);
  await stored(page);
  await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    const [record] = await job.matchAll();
    const reader = (await record.responseReady).body.getReader();
    await reader.read();
    const drain = async () => {
      for (;;) if ((await reader.read()).done) return 'whole';
    };
    /** @type {any} */ (self).reading = drain().catch(error => error.name);
  });
  server.release(name);
  assert.equal(await page.run(() => /** @type {any} */ (self).reading), 'TypeError');
  await worker.event('backgroundfetchsuccess');
  assert.equal((await settled(page)).downloaded, wanted.size);
  assert.equal(server.log.of(name).length, 2);
});

scenario('a redirect that leads to another file half-way starts over there', { ...ours, script: reportRecords }, async ({ page, worker, server, name }) => {
  const path = `/bytes/${name}-moving`;
  const first = new URL(file(server, `${name}-first`, 3 * MiB, { cut: 2 * MiB, times: 1, rate: 8 * MiB }).url);
  const second = file(server, `${name}-second`, 3 * MiB);
  server.alias(path, `/redirect?to=${encodeURIComponent(first.href)}`);
  await begin(page, 'moving', [server.url(path)]);
  await server.log.until(log => log.of(`/bytes/${name}-first`).some(({ sent }) => sent > MiB));
  server.alias(path, `/redirect?to=${encodeURIComponent(second.url)}`);
  const [record] = await worker.report('records');
  const [wanted] = whole([second]);
  assert.deepEqual(record, { ...wanted, url: server.url(path) });
  assert.ok(server.log.of('/redirect').filter(({ url }) => url.href.includes(name)).length >= 2, 'each try begins at the first address');
});
