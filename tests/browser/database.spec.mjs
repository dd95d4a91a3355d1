// The database in other hands: one that does not open, that is to be upgraded, or that a later version has made.
import assert from 'node:assert/strict';
import { begin, file, reportRecords, settled, whole } from './downloads.mjs';
import { readRows } from './rows.mjs';
import { scenario } from './support.mjs';

const MiB = 1 << 20;
const ours = { plain: true, native: false, script: reportRecords };

scenario('a database that does not open is given up after a time, and tried again', ours, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 100_000);
  // Somebody holds it, and somebody else waits to upgrade it: nobody can open it meanwhile.
  await page.run(() => new Promise((resolve, reject) => {
    const name = `background-fetch-polyfill ${new URL('./', location.href).href}`;
    const holding = indexedDB.open(name, 1);
    holding.onerror = () => reject(holding.error);
    holding.onsuccess = () => {
      /** @type {any} */ (self).held = holding.result;
      const upgrading = indexedDB.open(name, 2);
      upgrading.onblocked = resolve;
      /** @type {any} */ (self).upgraded = new Promise(resolve => {
        upgrading.onsuccess = () => resolve(upgrading.result.close());
      });
    };
  }));
  await assert.rejects(begin(page, 'stuck', [wanted.url]), { name: 'UnknownError', message: 'The database does not open.' });
  assert.equal(server.log.of(name).length, 0);
  await page.run(() => {
    const { held, upgraded } = /** @type {any} */ (self);
    held.close();
    return upgraded;
  });
  // Now it opens, and is not ours. The worker lets go of it before it is deleted: WebKit tells a worker that has
  // opened a database that very moment nothing of its deletion, and both wait for ever, as they would without us.
  await assert.rejects(begin(page, 'stuck', [wanted.url]), { name: 'VersionError' });
  await page.run(() => new Promise((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase(/** @type {any} */ (self).held.name);
    deleting.onsuccess = resolve;
    deleting.onerror = () => reject(deleting.error);
  }));
  await begin(page, 'stuck', [wanted.url]);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
});

scenario('whoever upgrades the database is not held up, and what was under way goes on', ours, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 4 * MiB, { gate: name, hold: 2 * MiB });
  await begin(page, 'upgrade', [wanted.url]);
  const outcome = await page.run(async () => {
    const { job, registration } = /** @type {any} */ (self);
    await registration.backgroundFetch.getIds(); // This page has it open as well.
    await new Promise(resolve => {
      const look = () => job.downloaded > 0 && resolve(undefined);
      job.addEventListener('progress', look);
      look();
    });
    return new Promise(resolve => {
      const upgrading = indexedDB.open(`background-fetch-polyfill ${new URL('./', location.href).href}`, 2);
      upgrading.onblocked = () => resolve('blocked');
      // Thought better of it: the version stays what it was.
      upgrading.onupgradeneeded = () => upgrading.transaction?.abort();
      upgrading.onerror = event => {
        event.preventDefault();
        resolve(upgrading.error?.name);
      };
    });
  });
  assert.equal(outcome, 'AbortError');
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal((await settled(page)).result, 'success');
});

scenario('a database that a later version has made is left alone, and fetch() says so', ours, async ({ page, server, name, expectProblem }) => {
  expectProblem(/VersionError/); // Of a worker that looks for work just then.
  await page.run(() => new Promise((resolve, reject) => {
    const making = indexedDB.open(`background-fetch-polyfill ${new URL('./', location.href).href}`, 7);
    making.onupgradeneeded = () => making.result.createObjectStore('of the future').put('kept', 'row');
    making.onerror = () => reject(making.error);
    making.onsuccess = () => resolve(making.result.close());
  }));
  await assert.rejects(begin(page, 'older', [file(server, name, 1000).url]), error => {
    assert.equal(/** @type {Error} */ (error).name, 'VersionError');
    return true;
  });
  assert.equal(server.log.of(name).length, 0);
  const kept = await page.run(() => new Promise((resolve, reject) => {
    const opening = indexedDB.open(`background-fetch-polyfill ${new URL('./', location.href).href}`);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asked = opening.result.transaction('of the future').objectStore('of the future').get('row');
      asked.onsuccess = () => {
        const { version } = opening.result;
        opening.result.close();
        indexedDB.deleteDatabase(opening.result.name).onsuccess = () => resolve([version, asked.result]);
      };
    };
  }));
  assert.deepEqual(kept, [7, 'kept']);
});

scenario('an engine whose database a later version has upgraded writes no more into it', { ...ours, plain: false }, async ({ page, server, name, expectProblem }) => {
  expectProblem(/newer version/);
  const wanted = file(server, name, 4 * MiB, { gate: name, hold: 2 * MiB });
  await begin(page, 'overtaken', [wanted.url]);
  const version = await page.run(async () => {
    const { job } = /** @type {any} */ (self);
    await new Promise(resolve => {
      const look = () => job.downloaded > 0 && resolve(undefined);
      job.addEventListener('progress', look);
      look();
    });
    return new Promise((resolve, reject) => {
      const upgrading = indexedDB.open(`background-fetch-polyfill ${new URL('./', location.href).href}`, 2);
      upgrading.onblocked = upgrading.onerror = reject;
      upgrading.onsuccess = () => {
        resolve(upgrading.result.version);
        upgrading.result.close();
      };
    });
  });
  assert.equal(version, 2);
  server.release(name);
  // It is over for this engine, and its connections go with it; another cannot begin.
  await server.log.until(log => log.of(name).every(({ closed }) => closed));
  const refused = await page.run(async () => {
    for (;;) {
      const answer = await /** @type {any} */ (self).backgroundFetchPolyfill.inspect().catch((/** @type {Error} */ error) => `${error.name}: ${error.message}`);
      if (typeof answer === 'string') return answer;
      if (answer[0]?.result !== '') return JSON.stringify(answer);
    }
  });
  assert.match(refused, /^VersionError/);
  const { fetches: [fetch], records: [record] } = await page.run(readRows, page.url.split('?')[0] ?? '');
  assert.equal(fetch?.result, '');
  assert.ok(record && record.stored < wanted.size, `${record?.stored}`);
  await page.run(() => new Promise((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase(`background-fetch-polyfill ${new URL('./', location.href).href}`);
    deleting.onsuccess = resolve;
    deleting.onerror = () => reject(deleting.error);
  }));
});
