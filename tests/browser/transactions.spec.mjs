// Transactions that the browser takes back for no reason, or carries out and does not say so.
import assert from 'node:assert/strict';
import { begin, file, reportRecords, settled, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

const ours = { plain: true, native: false, script: reportRecords };

scenario('a result whose transaction is lost is stored all the same', {
  ...ours,
  // The first transaction with a result is taken back, and nobody says why.
  first: `
    const { put } = IDBObjectStore.prototype;
    let lost = false;
    IDBObjectStore.prototype.put = function (value) {
      const request = Reflect.apply(put, this, arguments);
      if (!lost && this.name === 'responses' && value.result) {
        lost = true;
        queueMicrotask(() => this.transaction.abort());
      }
      return request;
    };
  `,
}, async ({ page, worker, server, name }) => {
  const wanted = [300, 70_000, 3_000_000].map((size, index) => file(server, `${name}-${index}`, size));
  await begin(page, 'lost', wanted.map(({ url }) => url));
  assert.deepEqual(await worker.report('records'), whole(wanted));
  assert.equal((await settled(page)).result, 'success');
});

scenario('what was stored while the connection broke is stored once more, and no failure', {
  ...ours,
  // From a message on, whatever the first connection stores it does not live to see.
  first: `
    let losing = false;
    let first;
    addEventListener('message', ({ data }) => { losing ||= data === 'lose'; });
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (stores, mode) {
      const begun = Reflect.apply(transaction, this, arguments);
      if (!losing || mode !== 'readwrite' || (first ??= this) !== this) return begun;
      Object.defineProperties(begun, {
        error: { value: new DOMException('Connection to Indexed Database server lost', 'UnknownError') },
        oncomplete: { set() {} },
      });
      begun.addEventListener('complete', () => {
        harness.report('unseen');
        begun.onabort(new Event('abort'));
      });
      return begun;
    };
  `,
}, async ({ page, worker, server, name }) => {
  const wanted = [300, 3_000_000].map((size, index) => file(server, `${name}-${index}`, size));
  // The engine is there, and has its connection.
  await begin(page, 'seen', [file(server, `${name}-seen`, 10).url]);
  await settled(page);
  await worker.report('records');
  await page.run(() => /** @type {any} */ (self).registration.active.postMessage('lose'));
  await begin(page, 'unseen', wanted.map(({ url }) => url));
  await worker.report('unseen');
  assert.deepEqual(await worker.report('records', 1), whole(wanted));
  assert.equal((await settled(page)).result, 'success');
});
