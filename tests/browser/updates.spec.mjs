// Versions of the service worker: what is under way passes from one to the next. A version that is not the active
// one does nothing.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { begin, file, reportRecords, say, settled, starts, stored, whole } from './downloads.mjs';
import { session } from './session.mjs';
import { scenario } from './support.mjs';

const MiB = 1 << 20;
const ours = { plain: true, native: false };

/** @typedef {import('./support.mjs').Fixture} Fixture */

/** A file of which the first answer stops half-way, until the gate is opened. @param {Fixture} fixture */
const held = ({ server, name }) => file(server, name, 6 * MiB, { gate: name, hold: 3 * MiB });

/** The registration's version of this number, installed beside the one that is active. @param {Fixture['page']} page @param {number} version */
const update = (page, version) => page.run(async version => {
  const registration = await navigator.serviceWorker.getRegistration();
  const url = new URL(registration?.active?.scriptURL ?? '');
  url.searchParams.set('version', String(version));
  const updated = await navigator.serviceWorker.register(url, { type: url.searchParams.has('module') ? 'module' : 'classic' });
  const worker = updated.installing ?? updated.waiting;
  while (worker?.state === 'installing') await new Promise(resolve => worker.addEventListener('statechange', resolve, { once: true }));
  /** @type {any} */ (self).newer = worker;
  return worker?.state;
}, version);

/** How often an engine has opened the database. @param {Fixture['page']} page @returns {Promise<number>} */
const epoch = page => page.run(() => new Promise((resolve, reject) => {
  const opening = indexedDB.open(`background-fetch-polyfill ${new URL('./', location.href).href}`);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const asked = opening.result.transaction('meta').objectStore('meta').get('epoch');
    asked.onsuccess = () => resolve(asked.result);
    opening.result.close();
  };
}));

/** Reports which version is told of an end, and takes over when it is told to. */
const versioned = `${reportRecords}
  const version = new URL(location.href).searchParams.get('version') ?? '1';
  self.addEventListener('backgroundfetchsuccess', () => harness.report('version', version));
  const words = new BroadcastChannel('words ' + harness.scope);
  words.onmessage = ({ data }) => { if (data === 'take over' && registration.waiting) self.skipWaiting(); };
`;

scenario('a new version that waits leaves everything to the active one', { ...ours, script: versioned }, async fixture => {
  const { page, worker, server, name } = fixture;
  await page.reload(); // Now the active version controls it, and a newer one has to wait.
  await page.run(async () => { /** @type {any} */ (self).registration = await navigator.serviceWorker.ready; });
  const wanted = held(fixture);
  await begin(page, 'waits', [wanted.url]);
  await stored(page, 2 * MiB);
  const before = { epoch: await epoch(page), requests: starts(fixture) };
  assert.equal(await update(page, 2), 'installed');
  // It looks like an active one to itself, since `registration.active` is set. Let it be spoken to as well.
  const answer = await page.run(async () => {
    const { newer } = /** @type {any} */ (self);
    const { port1, port2 } = new MessageChannel();
    newer.postMessage({ type: 'background-fetch-polyfill:ping', protocol: 1 });
    newer.postMessage({ type: 'harness:flush' }, [port2]);
    await new Promise(resolve => (port1.onmessage = resolve));
    return newer.state;
  });
  assert.equal(answer, 'installed');
  assert.deepEqual({ epoch: await epoch(page), requests: starts(fixture) }, before);
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal(await worker.report('version'), '1');
  assert.equal(worker.events.length, 1);
  assert.equal(await epoch(page), before.epoch, 'one engine for the whole of it');
});

/** The second version stays in its `install` event until it is told to go on. */
const dawdling = `${versioned}
  if (version === '2') addEventListener('install', event => {
    event.waitUntil(new Promise(resolve => {
      const words = new BroadcastChannel('words ' + harness.scope);
      words.onmessage = ({ data }) => data === 'install' && resolve();
    }));
  });
`;

scenario('a new version that is being installed leaves everything to the active one', { ...ours, script: dawdling }, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  await begin(page, 'installs', [wanted.url]);
  await stored(page, 2 * MiB);
  const before = { epoch: await epoch(page), requests: starts(fixture) };
  const state = await page.run(async () => {
    const { registration } = /** @type {any} */ (self);
    const url = new URL(registration.active.scriptURL);
    url.searchParams.set('version', '2');
    const { installing } = await navigator.serviceWorker.register(url, { type: url.searchParams.has('module') ? 'module' : 'classic' });
    const { port1, port2 } = new MessageChannel();
    installing?.postMessage({ type: 'background-fetch-polyfill:ping', protocol: 1 });
    installing?.postMessage({ type: 'background-fetch-polyfill:leave', protocol: 1 });
    installing?.postMessage({ type: 'harness:flush' }, [port2]);
    await new Promise(resolve => (port1.onmessage = resolve));
    return installing?.state;
  });
  assert.equal(state, 'installing');
  assert.deepEqual({ epoch: await epoch(page), requests: starts(fixture) }, before);
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal(await worker.report('version'), '1');
  assert.equal(await epoch(page), before.epoch, 'one engine for the whole of it');
  await say(page, 'install');
});

/** Asks when it is installed; the second one tries again as well. */
const asking = `${versioned}
  addEventListener('install', event => event.waitUntil((async () => {
    const { inspect, retry } = backgroundFetchPolyfill;
    if (version === '2') await retry();
    harness.report('known', (await inspect()).map(({ id }) => id));
  })()));
`;

scenario('what a new version asks while it is being installed, the active one answers', { ...ours, script: asking }, async fixture => {
  const { page, worker, server, name } = fixture;
  await page.reload();
  await page.run(async () => { /** @type {any} */ (self).registration = await navigator.serviceWorker.ready; });
  const wanted = held(fixture);
  await begin(page, 'asked about', [wanted.url]);
  await stored(page, 2 * MiB);
  const before = await epoch(page);
  assert.equal(await update(page, 2), 'installed');
  assert.deepEqual([await worker.report('known'), await worker.report('known', 1)], [[], ['asked about']]);
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal(await worker.report('version'), '1');
  assert.equal(await epoch(page), before, 'one engine for the whole of it');
});

/** Asks as soon as it is evaluated, when no event has told it yet that it is not the active one. */
const hasty = `${versioned}
  if (version === '2') backgroundFetchPolyfill.inspect().then(known => harness.report('known', known.map(({ id }) => id)));
`;

scenario('what a new version asks before all else costs the active one nothing for long', { ...ours, script: hasty }, async fixture => {
  const { page, worker, server, name } = fixture;
  await page.reload();
  await page.run(async () => { /** @type {any} */ (self).registration = await navigator.serviceWorker.ready; });
  // Every answer for the second file waits, so that nobody is done before the gate is opened.
  const wanted = [held(fixture), file(server, `${name}-waits`, 1000, { gate: name, hold: 'head' })];
  await begin(page, 'asked about', wanted.map(({ url }) => url));
  await stored(page, 2 * MiB);
  const before = await epoch(page);
  assert.equal(await update(page, 2), 'installed');
  assert.deepEqual(await worker.report('known'), ['asked about']);
  // Where a worker cannot tell what it is, the new one has opened the database itself. The active one finds out when it
  // has something to write, and takes it back.
  const taken = await epoch(page);
  if (taken !== before) await begin(page, 'another', [file(server, `${name}-other`, 10).url]).catch(() => {});
  while (taken !== before && await epoch(page) === taken) await sleep(100);
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole(wanted));
  assert.equal(await worker.report('version'), '1');
  assert.equal((await settled(page)).result, 'success');
});

/** Asks when it is installed, if there is anybody to ask. */
const curious = `
  addEventListener('install', event => event.waitUntil((async () => {
    if (self.backgroundFetchPolyfill) harness.report('known', await backgroundFetchPolyfill.inspect());
  })()));
`;

scenario('a version that asks is installed although the active one has no answer', { native: false, query: '&without', script: curious }, async ({ page, worker }) => {
  assert.equal(await page.run(async () => {
    const { registration } = /** @type {any} */ (self);
    const url = new URL(registration.active.scriptURL);
    url.searchParams.delete('without');
    const { installing } = await navigator.serviceWorker.register(url, { type: url.searchParams.has('module') ? 'module' : 'classic' });
    while (installing?.state === 'installing') await new Promise(resolve => installing.addEventListener('statechange', resolve, { once: true }));
    return installing?.state;
  }) !== 'redundant', true);
  assert.deepEqual(await worker.report('known'), []);
});

/** The second version is not active before it is told so. */
const activating = `${versioned}
  if (version === '2') addEventListener('activate', event => event.waitUntil(new Promise(resolve => {
    new BroadcastChannel('words ' + harness.scope).onmessage = ({ data }) => {
      if (data !== 'activate') return;
      harness.report('version', 'activated');
      resolve();
    };
  })));
`;

scenario('no event comes before its worker is activated', { ...ours, script: activating }, async fixture => {
  const { page, worker, server, name } = fixture;
  await page.reload();
  await page.run(async () => { /** @type {any} */ (self).registration = await navigator.serviceWorker.ready; });
  await begin(page, 'activates', [held(fixture).url]);
  await stored(page, 2 * MiB);
  const before = starts(fixture).length;
  assert.equal(await update(page, 2), 'installed');
  await say(page, 'take over');
  await server.log.until(() => starts(fixture).length > before);
  server.release(name);
  // It ends, and is told of its end, all the same.
  assert.equal((await settled(page)).result, 'success');
  // Answers come, and no event.
  await page.run(async () => {
    for (let asked = 0; asked < 10; asked++) await /** @type {any} */ (self).backgroundFetchPolyfill.inspect();
  });
  await say(page, 'activate');
  assert.deepEqual([await worker.report('version'), await worker.report('version', 1)], ['activated', '2']);
});

scenario('a new version that takes over in mid-download goes on where the old one was', { ...ours, script: versioned }, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  await page.reload();
  await page.run(async () => { /** @type {any} */ (self).registration = await navigator.serviceWorker.ready; });
  await begin(page, 'update', [wanted.url]);
  const kept = await stored(page, 2 * MiB);
  const before = starts(fixture).length;
  assert.equal(await update(page, 2), 'installed');
  // Pages go on to be prompted, and no event of theirs keeps the new one waiting.
  await page.run(() => {
    const { registration } = /** @type {any} */ (self);
    const old = registration.active;
    const ping = { type: 'background-fetch-polyfill:ping', protocol: 1 };
    const pinging = setInterval(() => old.state === 'activated' ? old.postMessage(ping) : clearInterval(pinging), 500);
    old.postMessage(ping);
  });
  await say(page, 'take over');
  // The new one asks for the rest; only then may the old one's answer go on.
  await server.log.until(() => starts(fixture).length > before);
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal(await worker.report('version'), '2');
  assert.ok(starts(fixture).slice(before).every(first => first >= kept), `${starts(fixture)} after ${kept} were stored`);
  assert.equal((await settled(page)).result, 'success');
  assert.deepEqual(worker.events.map(({ type }) => type), ['backgroundfetchsuccess']);
});

scenario('a page that goes while a new version waits keeps it from nothing', { ...ours, script: versioned }, async fixture => {
  const { page, server, name } = fixture;
  const wanted = held(fixture);
  await page.reload();
  await page.run(async () => { /** @type {any} */ (self).registration = await navigator.serviceWorker.ready; });
  await begin(page, 'leaves', [wanted.url]);
  await stored(page, 2 * MiB);
  const before = starts(fixture).length;
  await page.run(async () => {
    const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), { src: './', id: 'second' }));
    await new Promise(resolve => { frame.onload = resolve; });
    const registration = /** @type {any} */ (await frame.contentWindow?.navigator.serviceWorker.getRegistration());
    await registration.backgroundFetch.get('leaves');
  });
  assert.equal(await update(page, 2), 'installed');
  await page.run(() => document.getElementById('second')?.remove());
  await say(page, 'take over');
  await server.log.until(() => starts(fixture).length > before);
  server.release(name);
  assert.equal((await settled(page)).result, 'success');
});

/** Handles an end until it is told that it is done. */
const handling = `${versioned}
  const told = word => new Promise(resolve => {
    new BroadcastChannel('words ' + harness.scope).addEventListener('message', ({ data }) => data === word && resolve());
  });
  addEventListener('backgroundfetchsuccess', event => {
    harness.report('handles', version);
    event.waitUntil(told('done').then(() => harness.report('handled', version)));
  });
  addEventListener('activate', () => harness.report('active', version));
`;

// Chromium waits for nobody.
scenario('no new version takes over from a handler', { ...ours, script: handling, engines: ['firefox', 'webkit'] }, async fixture => {
  const { page, worker, server, name } = fixture;
  await page.reload();
  await page.run(async () => { /** @type {any} */ (self).registration = await navigator.serviceWorker.ready; });
  await begin(page, 'handled', [file(server, name, 10).url]);
  await worker.report('handles');
  assert.equal(await update(page, 2), 'installed');
  await say(page, 'take over');
  // Time to do so: what was held is let go of, and pages are prompted.
  await page.run(() => new Promise(resolve => { setTimeout(resolve, 2000); }));
  await say(page, 'done');
  await worker.report('active', 1);
  assert.deepEqual(worker.reports.filter(({ name }) => name !== 'records' && name !== 'version').map(({ name, value }) => `${name} ${value}`),
    ['active 1', 'handles 1', 'handled 1', 'active 2']);
});

for (const [who, protocol] of /** @type {const} */ ([['an older', 0], ['a newer', 2]])) {
  scenario(`${who} worker that speaks another protocol is refused with a sentence`, {
    ...ours,
    first: `
      const post = MessagePort.prototype.postMessage;
      MessagePort.prototype.postMessage = function (message, ...more) {
        return post.call(this, message?.type === 'hello' ? { ...message, protocol: ${protocol}, version: '99.0' } : message, ...more);
      };
    `,
  }, async ({ page, server, name }) => {
    const wanted = file(server, name, 1000);
    await assert.rejects(begin(page, 'protocol', [wanted.url]), error => {
      const { name, message } = /** @type {Error} */ (error);
      assert.equal(name, 'TypeError');
      assert.match(message, /The page has version \d\S* of \S+, the service worker 99\.0\. Update the worker, or reload the page/);
      return true;
    });
    assert.equal(server.log.of(name).length, 0);
  });
}

scenario('workers that are installed beside the first one leave its downloads alone', { ...ours, register: false }, async fixture => {
  const { page, server, name } = fixture;
  const wanted = held(fixture);
  const { control, options: { module } } = session;
  // Several at once: for a moment, none of them sees an active one.
  await page.run(async (urls, /** @type {WorkerType} */ type) => {
    const [first] = await Promise.all(urls.map(url => navigator.serviceWorker.register(url, { type })));
    /** @type {any} */ (self).registration = first;
    while (!first?.active) await new Promise(resolve => { setTimeout(resolve, 5); });
  }, [1, 2, 3].map(version => `sw.js?control=${encodeURIComponent(control.origin)}&version=${version}${module ? '&module' : ''}`), module ? 'module' : 'classic');
  await begin(page, 'beside', [wanted.url]);
  await stored(page, MiB);
  server.release(name);
  assert.equal((await settled(page)).result, 'success');
});

scenario('who asks while one worker takes the place of another is heard by the next', {
  ...ours,
  script: versioned,
  // The first version hears nothing.
  first: `
    if (!new URL(location.href).searchParams.has('version')) {
      for (const type of ['message', 'messageerror']) addEventListener(type, event => event.stopImmediatePropagation(), { capture: true });
    }
  `,
}, async ({ page, worker, server, name }) => {
  const wanted = file(server, name, 1000);
  await page.run(async url => {
    // In Chromium the registration has the worker that was replaced for some milliseconds more, now and
    // then. Here it does so everywhere, always.
    const { registration } = /** @type {any} */ (self);
    const { get } = /** @type {Required<PropertyDescriptor>} */ (Object.getOwnPropertyDescriptor(ServiceWorkerRegistration.prototype, 'active'));
    const first = registration.active;
    let replaced = Infinity;
    first.addEventListener('statechange', () => { if (first.state === 'redundant') replaced = performance.now(); });
    Object.defineProperty(registration, 'active', { get() { return performance.now() < replaced + 20 ? first : Reflect.apply(get, this, []); } });
    /** @type {any} */ (self).begun = registration.backgroundFetch.fetch('place', url);
    // It may change more than once before it goes.
    for (let times = 0; times < 2; times++) {
      await new Promise(resolve => { setTimeout(resolve, 400); });
      first.dispatchEvent(new Event('statechange'));
    }
  }, wanted.url);
  await update(page, 2);
  await say(page, 'take over');
  assert.equal(await page.run(async () => (await /** @type {any} */ (self).begun).id), 'place');
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.equal(await worker.report('version'), '2');
});

scenario('who waits for an earlier call longer than a greeting lasts is answered', {
  ...ours,
  seconds: 60,
  // The first background fetch takes its time to be stored.
  first: `
    const own = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'oncomplete');
    let slow = 11_000;
    Object.defineProperty(IDBTransaction.prototype, 'oncomplete', {
      ...own,
      set(handler) {
        const creates = this.mode === 'readwrite' && this.objectStoreNames.contains('requests');
        const wait = creates ? slow : 0;
        if (creates) slow = 0;
        own.set.call(this, event => setTimeout(handler, wait, event));
      },
    });
  `,
}, async ({ page, server, name }) => {
  const ids = await page.run(url => {
    const manager = /** @type {any} */ (self).registration.backgroundFetch;
    return Promise.all(['first', 'second'].map(async id => (await manager.fetch(id, url)).id));
  }, file(server, name, 100).url);
  assert.deepEqual(ids, ['first', 'second']);
});

scenario('a call that an engine cannot answer because another has taken over is answered at once', ours, async fixture => {
  const { page, server, name } = fixture;
  await begin(page, 'deposed', [held(fixture).url]);
  await page.run(() => new Promise((resolve, reject) => {
    const opening = indexedDB.open(`background-fetch-polyfill ${new URL('./', location.href).href}`);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('meta', 'readwrite');
      const meta = transaction.objectStore('meta');
      const asked = meta.get('epoch');
      asked.onsuccess = () => meta.put(asked.result + 1, 'epoch');
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
      opening.result.close();
    };
  }));
  const next = [file(server, `${name}-next`, 100).url];
  await assert.rejects(begin(page, 'next', next), { name: 'UnknownError' });
  // The other one, for good.
  await page.register(`${await page.run(() => /** @type {any} */ (self).registration.active.scriptURL)}&version=2`);
  await begin(page, 'next', next);
  assert.equal((await settled(page)).result, 'success');
});
