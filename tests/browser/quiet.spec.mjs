// What the application sees of our own doings: nothing, whether the script comes first or last.
import assert from 'node:assert/strict';
import { file } from './downloads.mjs';
import { scenario } from './support.mjs';

/** Listens for messages in every way that there is, and tells what was heard when it is asked to. */
const ears = `
  const heard = [];
  const hear = way => event => { if (event.data?.type !== 'harness:flush') heard.push(way + ' ' + JSON.stringify(event.data)); };
  addEventListener('message', hear('listener'));
  addEventListener('message', { handleEvent: hear('object') });
  self.onmessage = hear('handler');
  addEventListener('messageerror', ({ ports }) => heard.push('error with ' + ports.length));
  addEventListener('message', event => { if (event.data === 'tell') harness.report('heard', heard); });
`;

/** A background fetch from its start to its end, and everything else that makes the page talk to the worker. @param {string} url */
async function everything(url) {
  const { registration, harness } = /** @type {any} */ (self);
  const manager = registration.backgroundFetch;
  const job = await manager.fetch('quiet', url, { title: 'quiet', downloadTotal: 100_000 });
  await manager.get('quiet');
  await manager.getIds();
  await job.match(url).catch(() => {}); // It may be over by then.
  await harness.settled(job);
  const other = await manager.fetch('other', [`${url}&other`]);
  await other.abort();
  await harness.settled(other);
  /** @type {any} */ (self).dispatchEvent(new Event('pagehide'));
  /** @type {any} */ (self).dispatchEvent(new Event('pageshow'));
}

for (const place of /** @type {const} */ (['first', 'script'])) {
  scenario(`message handlers of the worker hear nothing of ours, added ${place === 'first' ? 'before' : 'after'} the import`, {
    native: false, [place]: ears,
  }, async ({ page, server, name, worker, engine }) => {
    await page.run(everything, file(server, name, 10_000).url);
    await page.run(() => /** @type {any} */ (self).registration.active.postMessage('tell'));
    /** @type {string[]} */
    const heard = await worker.report('heard');
    // In workers Chromium calls listeners in the order in which they were added, capturing or not: js/envelope.js.
    const late = engine === 'chromium' && place === 'first';
    assert.deepEqual(heard.filter(line => !late || line !== 'error with 3'), ['listener "tell"', 'object "tell"', 'handler "tell"']);
  });

  scenario(`a message that the worker cannot read is the application's, whose listener was added ${place === 'first' ? 'before' : 'after'} the import`, {
    native: false, engines: ['chromium'], [place]: ears,
  }, async ({ page, worker }) => {
    await page.run(() => {
      const { active } = /** @type {any} */ (self).registration;
      const unreadable = new AudioData({ format: 'u8', sampleRate: 8000, numberOfFrames: 1, numberOfChannels: 1, timestamp: 0, data: new Uint8Array(1) });
      for (const count of [0, 1, 2]) active.postMessage(unreadable, Array.from({ length: count }, () => new MessageChannel().port1));
      active.postMessage('tell');
    });
    assert.deepEqual((await worker.report('heard')).slice(0, 3), ['error with 0', 'error with 1', 'error with 2']);
  });
}

for (const order of /** @type {const} */ (['first', 'last'])) {
  scenario(`message handlers of the page hear nothing of ours, with the script loaded ${order}`, { native: false }, async ({ page, server, name }) => {
    await page.open(order === 'first' ? '?native' : '?');
    const listen = () => page.run(() => {
      /** @type {string[]} */
      const heard = [];
      Object.assign(self, { heard });
      for (const target of [self, navigator.serviceWorker]) {
        for (const type of ['message', 'messageerror', 'storage']) {
          target.addEventListener(type, event => heard.push(`${type} ${JSON.stringify(/** @type {any} */ (event).data)}`));
        }
        /** @type {any} */ (target).onmessage = (/** @type {MessageEvent} */ event) => heard.push(`handler ${JSON.stringify(event.data)}`);
      }
    });
    if (order === 'last') await listen();
    if (order === 'first') {
      await page.run(() => { /** @type {any} */ (self).backgroundFetchPolyfill = { force: true }; });
      await page.load('/dist/background-fetch.js');
      await listen();
    }
    await page.run(async () => {
      Object.assign(self, { registration: await navigator.serviceWorker.ready });
    });
    await page.run(everything, file(server, name, 10_000).url);
    assert.deepEqual(await page.run(() => /** @type {any} */ (self).heard), []);
  });
}

/** What a script can see without knowing what to look for. */
function surroundings() {
  /** @type {string[]} */
  const enumerable = [];
  for (const key in self) enumerable.push(key);
  const { prototype } = ServiceWorkerRegistration;
  return {
    globals: Object.getOwnPropertyNames(self),
    symbols: Object.getOwnPropertySymbols(self).length,
    enumerable,
    registration: Object.keys(Object.getOwnPropertyDescriptors(prototype)),
    prototypes: ['Object', 'Function', 'Array', 'Promise', 'Event', 'EventTarget', 'ExtendableEvent', 'FetchEvent', 'ExtendableMessageEvent', 'Navigator', 'Request', 'Response',
      'Cache', 'CacheStorage', 'Permissions', 'PermissionStatus', 'ServiceWorker', 'ServiceWorkerContainer', 'ServiceWorkerGlobalScope', 'IDBFactory', 'MessagePort']
      .filter(name => name in self).map(name => [name, ...Object.entries(Object.getOwnPropertyDescriptors(/** @type {any} */ (self)[name].prototype))
        .map(([key, { enumerable, configurable, writable }]) => `${key} ${enumerable} ${configurable} ${writable}`)].join()),
  };
}

/** @param {ReturnType<typeof surroundings>} before @param {ReturnType<typeof surroundings>} after */
function added(before, after) {
  /** @param {string[]} list @param {string[]} others */
  const without = (list, others) => list.filter(key => !others.includes(key)).sort();
  return {
    globals: without(after.globals, before.globals), enumerable: without(after.enumerable, before.enumerable), symbols: after.symbols - before.symbols,
    registration: without(after.registration, before.registration), prototypes: without(after.prototypes, before.prototypes),
  };
}

const interfaces = ['BackgroundFetchManager', 'BackgroundFetchRecord', 'BackgroundFetchRegistration'];

scenario('a page gets the interfaces and one name of ours, and no more', { register: false, native: false, engines: ['firefox', 'webkit'] }, async ({ page }) => {
  await page.open('?native');
  const before = await page.run(surroundings);
  await page.load('/dist/background-fetch.js');
  assert.deepEqual(added(before, await page.run(surroundings)), {
    globals: [...interfaces, 'backgroundFetchPolyfill'].sort(), enumerable: [], symbols: 0, registration: ['backgroundFetch'], prototypes: [],
  });
});

scenario('a worker gets the events and their handlers besides', {
  native: false, engines: ['firefox', 'webkit'],
  first: `const look = ${surroundings}; const before = look(); Object.assign(harness, { before });`,
  script: `harness.report('added', (${added})(harness.before, look()));`,
}, async ({ worker }) => {
  const handlers = ['success', 'fail', 'abort', 'click'].map(kind => `onbackgroundfetch${kind}`);
  const { globals, enumerable, ...rest } = await worker.report('added');
  // The fixture's own option is there already.
  const given = globals.filter((/** @type {string} */ name) => name !== 'backgroundFetchPolyfill');
  assert.deepEqual(given, [...interfaces, 'BackgroundFetchEvent', 'BackgroundFetchUpdateUIEvent', ...handlers].sort());
  assert.deepEqual(enumerable.filter((/** @type {string} */ name) => name !== 'backgroundFetchPolyfill'), handlers.sort());
  assert.deepEqual(rest, { symbols: 0, registration: ['backgroundFetch'], prototypes: [] });
});

scenario('the console says nothing, and nothing is requested but the records', {
  native: false,
  first: `
    const said = [];
    for (const level of Object.keys(console)) if (typeof console[level] === 'function') console[level] = (...parts) => said.push([level, ...parts.map(String)]);
    addEventListener('message', event => {
      if (event.data !== 'tell') return;
      // The fixture's own reports, and the scripts.
      const requested = performance.getEntriesByType('resource').map(({ name }) => name).filter(name => !/report|sw.js/.test(name));
      harness.report('told', { said, requested });
    });
  `,
}, async ({ page, server, name, worker }) => {
  await page.run(() => {
    /** @type {any} */
    const sink = console;
    /** @type {unknown[]} */
    const said = [];
    Object.assign(self, { said, start: performance.now() });
    for (const level of Object.keys(console)) {
      if (typeof sink[level] === 'function') sink[level] = (/** @type {unknown[]} */ ...parts) => said.push([level, ...parts.map(String)]);
    }
  });
  const { url } = file(server, name, 10_000);
  await page.run(everything, url);
  const inPage = await page.run(() => {
    const { said, start } = /** @type {any} */ (self);
    return { said, requested: performance.getEntriesByType('resource').filter(({ startTime }) => startTime >= start).map(({ name }) => name) };
  });
  assert.deepEqual(inPage, { said: [], requested: [] });
  await page.run(() => /** @type {any} */ (self).registration.active.postMessage('tell'));
  const { said, requested } = await worker.report('told');
  assert.deepEqual(said, []);
  assert.deepEqual(requested.filter((/** @type {string} */ url) => !url.includes(`/bytes/${name}`)), []);
  assert.deepEqual(server.log.of(name).filter(({ url }) => url.pathname.startsWith('/bytes')).filter(({ url }) => !url.href.endsWith('&other')).map(({ method }) => method), ['GET']);
});
