// The code that the public articles show, as they show it:
// https://developer.chrome.com/blog/background-fetch and
// https://developer.mozilla.org/docs/Web/API/Background_Fetch_API with the pages below it.
//
// Two slips of such articles stay what they are natively: a function given to `waitUntil` is not called,
// and no event is named `backgroundfetchfailure`.
import assert from 'node:assert/strict';
import { checksum } from '../../tools/faults/bytes.mjs';
import { scenario } from './support.mjs';

const size = 1_000_000;
const artworkSize = 30_000;

/**
 * The files of the articles: an episode, held half-way, and its artwork, beside the page.
 *
 * @param {import('./support.mjs').Fixture} fixture
 */
function episode({ server, scope, name }) {
  server.alias('/ep-5.mp3', `/bytes?size=${size}&seed=${name}&type=audio/mpeg&gate=${name}&hold=${size / 2}`);
  server.alias(new URL('ep-5-artwork.jpg', scope).pathname, `/bytes?size=${artworkSize}&seed=${name}-art&type=image/jpeg`);
}

/** Start it, as the article says. @param {import('./page.mjs').Page} page */
const start = page => page.run(async () => {
  const swReg = /** @type {any} */ (self).registration;
  const bgFetch = await swReg.backgroundFetch.fetch('my-fetch', ['/ep-5.mp3', 'ep-5-artwork.jpg'], {
    title: 'Episode 5: Interesting things.',
    icons: [{
      sizes: '300x300',
      src: '/ep-5-icon.png',
      type: 'image/png',
    }],
    downloadTotal: 60 * 1024 * 1024,
  });
  return { id: bgFetch.id, downloadTotal: bgFetch.downloadTotal, result: bgFetch.result };
});

const success = `
addEventListener('backgroundfetchsuccess', (event) => {
  const bgFetch = event.registration;

  event.waitUntil(async function() {
    // Create/open a cache.
    const cache = await caches.open('downloads ' + harness.scope);
    // Get all the records.
    const records = await bgFetch.matchAll();
    // Copy each request/response across.
    const promises = records.map(async (record) => {
      const response = await record.responseReady;
      await cache.put(record.request, response);
    });

    // Wait for the copying to complete.
    await Promise.all(promises);

    // Update the progress notification.
    await event.updateUI({ title: 'Episode 5 ready to listen!' });
    harness.report('ready');
  }());
});
`;

scenario('start: a page asks for an episode and its artwork', { plain: true }, async fixture => {
  episode(fixture);
  assert.deepEqual(await start(fixture.page), { id: 'my-fetch', downloadTotal: 60 * 1024 * 1024, result: '' });
  fixture.server.release(fixture.name);
  assert.equal((await fixture.worker.event('backgroundfetchsuccess')).downloaded, size + artworkSize);
});

scenario('re-attach and progress: a fresh page finds the fetch and shows percents', { plain: true }, async fixture => {
  const { page, server, name, worker } = fixture;
  episode(fixture);
  await start(page);
  await server.log.until(log => log.of(name).some(({ sent }) => sent === size / 2));
  await page.reload();
  assert.equal(await page.run(async () => {
    const swReg = await navigator.serviceWorker.ready;
    const bgFetch = await /** @type {any} */ (swReg).backgroundFetch.get('my-fetch');
    /** @type {string[]} */
    const lines = [];
    Object.assign(self, { bgFetch, lines });
    bgFetch.addEventListener('progress', () => {
      // If we didn't provide a total, we can't provide a %.
      if (!bgFetch.downloadTotal) return;

      const percent = Math.round(bgFetch.downloaded / bgFetch.downloadTotal * 100);
      lines.push(`Download progress: ${percent}%`);
    });
    return bgFetch.id;
  }), 'my-fetch');
  server.release(name);
  await worker.event('backgroundfetchsuccess');
  const lines = await page.run(async () => {
    const { bgFetch, lines, harness } = /** @type {any} */ (self);
    await harness.settled(bgFetch);
    return lines;
  });
  assert.equal(lines.at(-1), 'Download progress: 2%');
});

scenario('success: the handler copies everything into a cache, where it is found offline', { plain: true, script: success }, async fixture => {
  const { page, server, name, worker, scope } = fixture;
  episode(fixture);
  server.alias('/ep-6.mp3', `/bytes?size=5000&seed=${name}-6&type=audio/mpeg`);
  server.release(name);
  await start(page);
  await worker.report('ready');
  await page.run(() => /** @type {any} */ (self).registration.backgroundFetch.fetch('next', ['/ep-6.mp3'], { title: 'Episode 6' }).then(() => {}));
  await worker.report('ready', 1);
  const found = await page.run(async scope => {
    const cache = await caches.open(`downloads ${scope}`);
    const responses = await cache.matchAll();
    const media = responses.filter(response => response.url.includes('.mp3'));
    const { harness } = /** @type {any} */ (self);
    const stored = [];
    for (const request of await cache.keys()) {
      const response = await cache.match(request);
      stored.push([new URL(request.url).pathname, response?.headers.get('content-type'), await harness.digest(response)]);
    }
    return { media: media.map(({ url }) => new URL(url).pathname), stored };
  }, scope);
  assert.deepEqual(found.stored.sort(), [
    ['/ep-5.mp3', 'audio/mpeg', checksum(name, size)],
    ['/ep-6.mp3', 'audio/mpeg', checksum(`${name}-6`, 5000)],
    [new URL('ep-5-artwork.jpg', scope).pathname, 'image/jpeg', checksum(`${name}-art`, artworkSize)],
  ].sort());
  assert.deepEqual(found.media.sort(), ['/ep-5.mp3', '/ep-6.mp3']);
});

scenario('failure: neither a function given to waitUntil nor backgroundfetchfailure is called', {
  plain: true,
  script: `
    addEventListener('backgroundfetchfailure', () => harness.report('misnamed'));
    addEventListener('backgroundfetchfail', event => {
      event.waitUntil(async () => harness.report('function'));
      event.waitUntil((async () => {
        const records = await event.registration.matchAll();
        await Promise.all(records.map(({ responseReady }) => responseReady.then(() => {}, () => {})));
        await event.updateUI({ title: 'Episode 5 could not be downloaded' });
        harness.report('failed', event.registration.failureReason);
      })());
    });
  `,
}, async ({ page, server, worker }) => {
  server.alias('/gone.mp3', '/bytes?size=0&status=404');
  await page.run(() => /** @type {any} */ (self).registration.backgroundFetch.fetch('my-fetch', ['/gone.mp3']).then(() => {}));
  assert.equal(await worker.report('failed'), 'bad-status');
  assert.deepEqual(worker.reports.map(({ name }) => name), ['failed']);
});

scenario('abort: the page ends it and the worker hears of it', {
  plain: true,
  script: `addEventListener('backgroundfetchabort', event => harness.report('aborted', [event.registration.id, 'updateUI' in event]));`,
}, async fixture => {
  episode(fixture);
  await start(fixture.page);
  assert.equal(await fixture.page.run(async () => {
    const swReg = await navigator.serviceWorker.ready;
    const bgFetch = await /** @type {any} */ (swReg).backgroundFetch.get('my-fetch');
    return bgFetch.abort();
  }), true);
  assert.deepEqual(await fixture.worker.report('aborted'), ['my-fetch', false]);
});
