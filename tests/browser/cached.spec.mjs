// Pages in the cache of pages (bfcache): they hold up nobody, and know what has happened when they come back.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { begin, file, keepRecords, letGo, settled } from './downloads.mjs';
import { readRows } from './rows.mjs';
import { scenario } from './support.mjs';

const MiB = 1 << 20;

/**
 * Starts a download that stops in the middle, on a page that may be kept, and leaves that page for another.
 *
 * @param {Parameters<Parameters<typeof scenario>[2]>[0]} fixture
 */
async function leave({ page, server, name }) {
  await page.open(`?${new URL(page.url).searchParams}&kept`);
  const wanted = file(server, name, 2 * MiB, { gate: name, hold: MiB });
  await page.run(async () => {
    const [registration] = await navigator.serviceWorker.getRegistrations().then(all => all.filter(({ scope }) => scope === new URL('./', location.href).href));
    Object.assign(self, { registration, returned: new Promise(resolve => addEventListener('pageshow', ({ persisted }) => resolve(persisted))) });
  });
  await begin(page, 'cached', [wanted.url]);
  await page.run(() => /** @type {any} */ (self).registration.backgroundFetch.getIds());
  const href = await page.run(() => location.href);
  await page.open('/t/elsewhere/?native&kept');
  return {
    wanted,
    /** Goes back to the page. It is the same one, and not another of the same address. */
    async back() {
      await page.run(() => void setTimeout(() => history.back()));
      while (await page.run(() => location.href).catch(() => '') !== href) await sleep(50);
      if (await page.run(() => /** @type {any} */ (self).returned) !== true) throw new NotKept('The page that came back is another one.');
    },
  };
}

/** Thrown where a page was not kept. */
class NotKept extends Error {}

/**
 * A scenario with a page that is kept. Firefox keeps one as a rule, and not always, whatever is in it: then all begins
 * anew.
 *
 * @param {string} title
 * @param {Parameters<typeof scenario>[1]} options
 * @param {Parameters<typeof scenario>[2]} run
 */
function keeping(title, options, run) {
  scenario(title, options, async fixture => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run({ ...fixture, name: `${fixture.name}-${attempt}` });
      } catch (error) {
        if (!(error instanceof NotKept) || attempt === 5) throw error;
        await fixture.page.run(async scope => {
          const all = await navigator.serviceWorker.getRegistrations();
          const { backgroundFetch } = /** @type {any} */ (all.find(registration => registration.scope === scope));
          for (const id of await backgroundFetch.getIds()) await (await backgroundFetch.get(id))?.abort();
        }, fixture.scope);
      }
    }
  });
}

keeping('a page in the cache of pages holds up nobody who upgrades the database', { native: false }, async fixture => {
  const { page, worker, server, name, scope } = fixture;
  const { wanted, back } = await leave(fixture);
  const outcome = await page.run(scope => new Promise(resolve => {
    const upgrading = indexedDB.open(`background-fetch-polyfill ${scope}`, 2);
    upgrading.onblocked = () => resolve('blocked');
    // Thought better of it: the version stays what it was.
    upgrading.onupgradeneeded = () => upgrading.transaction?.abort();
    upgrading.onerror = event => {
      event.preventDefault();
      resolve(upgrading.error?.name);
    };
  }), scope);
  assert.equal(outcome, 'AbortError');
  await back();
  server.release(name);
  await worker.event('backgroundfetchsuccess');
  const { result, downloaded, progress } = await settled(page);
  assert.deepEqual({ result, downloaded, last: progress.at(-1)?.result }, { result: 'success', downloaded: wanted.size, last: 'success' });
});

keeping('what ends while a page is in the cache of pages shows when it comes back', { native: false, script: keepRecords }, async fixture => {
  const { page, worker, server, name, scope } = fixture;
  const { wanted, back } = await leave(fixture);
  server.release(name);
  await worker.report('kept');
  await back();
  const { result, downloaded, recordsAvailable } = await settled(page);
  assert.deepEqual({ result, downloaded, recordsAvailable }, { result: 'success', downloaded: wanted.size, recordsAvailable: true });
  await page.open('/t/elsewhere/?native&kept');
  await letGo(page, scope);
  await back();
  // Nobody will tell it: it has to look.
  await page.run(async () => {
    while (/** @type {any} */ (self).job.recordsAvailable) await new Promise(resolve => setTimeout(resolve, 20));
  });
});

keeping('so does what has been handled and cleared away by then', { native: false }, async fixture => {
  const { page, worker, server, name, scope } = fixture;
  const { wanted, back } = await leave(fixture);
  server.release(name);
  await worker.event('backgroundfetchsuccess');
  while ((await page.run(readRows, scope)).fetches.length) await sleep(50);
  await back();
  const { result, failureReason, downloaded, recordsAvailable } = await settled(page);
  assert.deepEqual([result, failureReason, downloaded, recordsAvailable], ['success', '', wanted.size, false]);
});
