// Other scripts of the origin: what they say cannot change what is under way, only the engine and the database
// can; how much they say costs little; and rows that they have forged cost their own background fetch.
import assert from 'node:assert/strict';
import { begin, file, files, reportRecords, settled, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

const MiB = 1 << 20;
const ours = { plain: true, native: false, script: reportRecords };

/** @typedef {import('./support.mjs').Fixture} Fixture */

/** A file that stops half-way until its gate is opened. @param {Fixture} fixture */
const held = ({ server, name }) => file(server, name, 4 * MiB, { gate: name, hold: 2 * MiB });

/** Resolves when something of the page's background fetch is stored. @param {Fixture['page']} page */
const somethingStored = page => page.run(() => new Promise(resolve => {
  const { job } = /** @type {any} */ (self);
  const look = () => job.downloaded > 0 && resolve(undefined);
  job.addEventListener('progress', look);
  look();
}));

scenario('an end that a stranger announces is none, and the true one is not missed', ours, async fixture => {
  const { page, worker, server, name, scope } = fixture;
  const wanted = held(fixture);
  await begin(page, 'forged', [wanted.url]);
  await somethingStored(page);
  const shown = await page.run(async scope => {
    const { job, registration } = /** @type {any} */ (self);
    const name = `background-fetch-polyfill ${scope}`;
    const channel = new BroadcastChannel(name);
    // What the engine says is there for all to hear, and to imitate.
    const heard = new Promise(resolve => { channel.onmessage = ({ data }) => data.state && resolve(data.state); });
    const second = await registration.backgroundFetch.fetch('overheard', `${location.origin}/bytes/overheard?size=10`);
    const { life, no } = /** @type {any} */ (await heard);
    const { no: mine } = await new Promise((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const asked = opening.result.transaction('fetches').objectStore('fetches').getAllKeys();
        asked.onsuccess = () => resolve({ no: asked.result[0] });
        opening.result.close();
      };
    });
    const forged = { no: mine, id: 'forged', life, turn: Number.MAX_SAFE_INTEGER, downloaded: 7, uploaded: 0, failureReason: 'fetch-error', recordsAvailable: false };
    channel.postMessage({ type: 'progress', state: { ...forged, result: 'failure' } });
    channel.postMessage({ type: 'progress', state: { ...forged, no: no + 1000, result: 'success' } });
    channel.postMessage({ type: 'start', life: 'stranger' });
    // Whatever came before it on the channel has been heard by then.
    while (!second.result) await new Promise(resolve => second.addEventListener('progress', resolve, { once: true }));
    await registration.backgroundFetch.get('forged');
    const shown = [job.result, job.recordsAvailable];
    // Progress is only shown, so that it may be wrong for a while; but nothing true could be newer than this.
    channel.postMessage({ type: 'progress', state: { ...forged, result: '' } });
    while (job.downloaded !== forged.downloaded) await new Promise(resolve => job.addEventListener('progress', resolve, { once: true }));
    return [...shown, job.recordsAvailable];
  }, scope);
  assert.deepEqual(shown, ['', true, true]);
  server.release(name);
  await worker.event('backgroundfetchsuccess', 1);
  const { result, downloaded } = await settled(page);
  assert.deepEqual({ result, downloaded }, { result: 'success', downloaded: wanted.size });
});

scenario('ten thousand messages and as many connections hold nothing up', { ...ours, seconds: 120 }, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  await begin(page, 'flood', [wanted.url]);
  await somethingStored(page);
  await page.run(() => {
    const { active } = /** @type {any} */ (self).registration;
    const ports = /** @type {any} */ (self).flood = /** @type {MessagePort[]} */ ([]);
    for (let count = 0; count < 10_000; count++) {
      active.postMessage({ type: 'background-fetch-polyfill:ping', protocol: 1, garbage: count });
      active.postMessage({ type: `background-fetch-polyfill:${count}` });
      const { port1, port2 } = new MessageChannel();
      active.postMessage({ type: 'background-fetch-polyfill:connect', protocol: 1 }, [port2]);
      // Some subscribe, some say what is no command, most say nothing.
      if (count % 10 === 0) port1.postMessage(count % 20 ? { type: 'subscribe', nos: [] } : { type: 'abort', no: `${count}` });
      ports.push(port1);
    }
    // What brings an envelope in Chromium, and brings none.
    if (!('AudioData' in self)) return;
    const unreadable = new AudioData({ format: 'u8', sampleRate: 8000, numberOfFrames: 1, numberOfChannels: 1, timestamp: 0, data: new Uint8Array(1) });
    for (let count = 0; count < 1000; count++) {
      const { port1, port2 } = new MessageChannel();
      if (count % 2) port1.postMessage(count % 3 ? { garbage: count } : null);
      active.postMessage(unreadable, [port2, ...Array.from({ length: 2 }, () => new MessageChannel().port2)]);
      ports.push(port1);
    }
  });
  const result = await page.run(async () => (await /** @type {any} */ (self).registration.backgroundFetch.get('flood')).result);
  assert.equal(result, '');
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal((await settled(page)).result, 'success');
});

scenario('a connection that is not used is let go when there are too many', ours, async ({ page }) => {
  const answers = await page.run(async () => {
    const { active } = /** @type {any} */ (self).registration;
    const connect = () => {
      const { port1: port, port2 } = new MessageChannel();
      active.postMessage({ type: 'background-fetch-polyfill:connect', protocol: 1 }, [port2]);
      return { port, said: () => new Promise(resolve => { port.onmessage = ({ data }) => resolve(data.type); }) };
    };
    const first = connect();
    await first.said();
    const letGo = first.said();
    const others = Array.from({ length: 1000 }, connect);
    await Promise.all(others.map(({ said }) => said()));
    const last = connect();
    await last.said();
    const answered = last.said();
    for (const { port } of [first, last]) port.postMessage({ type: 'get', id: 'nothing' });
    return Promise.all([letGo, answered]);
  });
  assert.deepEqual(answers, ['error', 'answer']);
});

scenario('a page that thinks for long after its greeting is answered all the same', {
  ...ours, first: 'const after = setTimeout; self.setTimeout = (code, delay, ...rest) => after(code, delay === 10_000 ? 20 : delay, ...rest);',
}, async ({ page }) => {
  const answer = await page.run(async () => {
    const { active } = /** @type {any} */ (self).registration;
    const { port1: port, port2 } = new MessageChannel();
    active.postMessage({ type: 'background-fetch-polyfill:connect', protocol: 1 }, [port2]);
    const said = () => new Promise(resolve => { port.onmessage = ({ data }) => resolve(data); });
    await said();
    await new Promise(resolve => setTimeout(resolve, 500));
    port.postMessage({ type: 'inspect' });
    return said();
  });
  assert.deepEqual(answer, { type: 'answer', value: [] });
});

/** Changes the rows of a scope's database, in which there is one background fetch, as any script of the origin can. @param {Fixture['page']} page */
const forge = page => page.run(() => new Promise((resolve, reject) => {
  const opening = indexedDB.open(`background-fetch-polyfill ${new URL('./', location.href).href}`);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const transaction = database.transaction(['fetches', 'requests', 'responses'], 'readwrite');
    const stores = Object.fromEntries([...transaction.objectStoreNames].map(name => [name, transaction.objectStore(name)]));
    const asked = stores.fetches.getAllKeys();
    asked.onsuccess = () => {
      const no = Number(asked.result[0]);
      const row = { id: 'a', title: 7, icons: 'none', records: -1, result: 'won', paused: 'perhaps' };
      const others = [null, 0, 'row', [], row, { ...row, records: 2 ** 40 }, new Map()];
      others.forEach((other, place) => {
        stores.fetches.put(other, no + 100 + place);
        stores.requests.put(other, [no + 100 + place, 0]);
        stores.responses.put(other, [no + 100 + place, 0]);
      });
      // One that looks well, with a request that must not be sent.
      stores.fetches.get(no).onsuccess = event => {
        const { result } = /** @type {any} */ (event.target);
        stores.fetches.put({ ...result, id: 'looks well', records: 1 }, no + 200);
        stores.requests.get([no, 0]).onsuccess = event => {
          const { result } = /** @type {any} */ (event.target);
          stores.requests.put([{ ...result[0], url: 'file:///etc/passwd', method: 'CONNECT' }], [no + 200, 0]);
          stores.responses.put({ attempt: 1, stored: 10 ** 9, result: '', written: 0, response: { url: 7 } }, [no + 200, 0]);
        };
      };
    };
    transaction.oncomplete = () => resolve(database.close());
    transaction.onabort = () => reject(transaction.error);
  };
}));

scenario('forged rows cost their own background fetch and no other', { ...ours, plain: false, seconds: 90 }, async fixture => {
  const { page, worker, server, name, stopWorker, expectProblem } = fixture;
  // The handler of the forged one reads its request, which no browser makes.
  expectProblem(/file:|CONNECT|method/i);
  const wanted = held(fixture);
  await begin(page, 'honest', [wanted.url]);
  await somethingStored(page);
  await forge(page);
  await stopWorker();
  server.release(name);
  await page.reload();
  await worker.event('backgroundfetchsuccess');
  await worker.event('backgroundfetchfail');
  await worker.report('records');
  const ends = worker.events.map(({ registration: { id, result } }) => `${id}: ${result}`).sort();
  assert.deepEqual(ends, ['honest: success', 'looks well: failure']);
  const records = worker.reports.filter(({ name }) => name === 'records').map(({ value }) => value);
  assert.ok(records.some(list => list[0]?.sum === wanted.sum));
});

scenario('a registration with forged rows can be removed', { ...ours, plain: false }, async fixture => {
  const { page, server, name } = fixture;
  const wanted = held(fixture);
  await begin(page, 'honest', [wanted.url]);
  await somethingStored(page);
  await forge(page);
  assert.equal(await page.run(() => /** @type {any} */ (self).registration.unregister()), true);
  assert.equal((await settled(page)).result, 'failure');
  server.release(name);
});

scenario('credentials and queries are in no message, no console and not in inspect()', { ...ours, plain: true }, async fixture => {
  const { page, worker, server, name, scope } = fixture;
  const secret = `secret-${name}`;
  // It drops, and nothing proves what the rest is, so that there is something to tell the developer.
  const [asked, second] = files(2, index => file(server, `${name}-${index}`, 3 * MiB, { cut: 2 * MiB, times: 1, rate: 8 * MiB, etag: 'none', lastmod: 'none', token: secret }));
  const heard = page.run(async (scope, urls, secret) => {
    const { registration } = /** @type {any} */ (self);
    /** @type {string[]} */
    const heard = [];
    new BroadcastChannel(`background-fetch-polyfill ${scope}`).onmessage = ({ data }) => heard.push(JSON.stringify(data));
    for (const level of /** @type {const} */ (['debug', 'info', 'log', 'warn', 'error'])) console[level] = (...parts) => heard.push(parts.join(' '));
    const requests = urls.map(url => new Request(url, { headers: { authorization: `Bearer ${secret}` } }));
    const job = await registration.backgroundFetch.fetch('private', requests);
    /** @type {any} */ (self).job = job;
    heard.push(JSON.stringify(await /** @type {any} */ (self).backgroundFetchPolyfill.inspect(registration)));
    while (!job.result) await new Promise(resolve => job.addEventListener('progress', resolve, { once: true }));
    return heard;
  }, scope, [asked?.url ?? '', second?.url ?? ''], secret);
  const said = await heard;
  assert.ok(said.length > 1);
  assert.deepEqual(said.filter(text => text.includes(secret) || text.includes('authorization')), []);
  assert.ok(server.log.of(secret).every(({ headers }) => headers.authorization === `Bearer ${secret}`), 'the server got it');
  await worker.event('backgroundfetchsuccess');
  assert.deepEqual(worker.problems.filter(({ text }) => text.includes(secret)), []);
});
