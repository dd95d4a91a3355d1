// The files of dist/, each loaded in the way that it is meant for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { begin, file, reportRecords, whole } from './downloads.mjs';
import { minifiers } from './fixtures/minified.mjs';
import { scenario } from './support.mjs';

/** What a script could change, as text. @param {import('./page.mjs').Page} page */
const fingerprint = page => page.run(() => {
  const global = /** @type {any} */ (self);
  const marks = (global.marks ??= new Map());
  /** @param {unknown} value */
  const mark = value => {
    if (!marks.has(value)) marks.set(value, marks.size);
    return marks.get(value);
  };
  return ['BackgroundFetchManager', 'Response', 'Request', 'Cache', 'CacheStorage', 'Permissions', 'PermissionStatus', 'ServiceWorkerRegistration']
    .flatMap(name => Object.entries(Object.getOwnPropertyDescriptors(global[name]?.prototype ?? {}))
      .map(([key, { value, get, set }]) => `${name}.${key} ${mark(value)} ${mark(get)} ${mark(set)}`))
    .concat(`${mark(global.Request)} ${mark(global.BackgroundFetchManager)} ${typeof global.backgroundFetchPolyfill}`);
});

scenario('where the browser has Background Fetch, everything stays as it is', { engines: ['chromium'], native: false }, async ({ page }) => {
  await page.open('?native');
  const before = await fingerprint(page);
  await page.load('/dist/background-fetch.js');
  assert.deepEqual(await fingerprint(page), before);
});

scenario('the script twice is the script once', { register: false, native: false }, async ({ page }) => {
  const before = await fingerprint(page);
  await page.load('/dist/background-fetch.js');
  assert.deepEqual(await fingerprint(page), before);
});

scenario('an element that happens to be called like the options is none', { register: false, native: false, engines: ['firefox', 'webkit'] }, async ({ page }) => {
  await page.open('?native');
  await page.run(() => {
    document.body.append(Object.assign(document.createElement('form'), { id: 'backgroundFetchPolyfill' }));
  });
  await page.load('/dist/background-fetch.js');
  const seen = await page.run(() => {
    const { backgroundFetchPolyfill: { version, click, inspect, force } } = /** @type {any} */ (self);
    return [typeof version, typeof click, typeof inspect, typeof force, 'BackgroundFetchManager' in self];
  });
  assert.deepEqual(seen, ['string', 'function', 'function', 'undefined', true]);
});

scenario('the package root does nothing until it is told to', { register: false, native: false }, async ({ page, engine }) => {
  await page.open('?native');
  const before = await fingerprint(page);
  /** @param {string} code */
  const root = code => page.run(code => /** @type {any} */ (self).eval(`import('/dist/index.mjs').then(root => ${code})`), code);
  const native = engine === 'chromium';
  assert.deepEqual(await root('[root.isSupported(), root.isPolyfilled(), Object.keys(root).sort().join()]'), [native, false, 'install,isPolyfilled,isSupported']);
  assert.deepEqual(await fingerprint(page), before);
  if (native) assert.deepEqual(await root('[root.install(), root.isPolyfilled()]'), [null, false]);
  assert.deepEqual(await root('[root.install({ force: true }), root.isSupported(), root.isPolyfilled(), self.backgroundFetchPolyfill.force]'), [null, true, true, true]);
});

scenario('an import where there is no browser does nothing', { register: false, native: false, plain: false }, async () => {
  // On a server; before version 21, Node has no `navigator`.
  for (const name of ['index.mjs', 'background-fetch.mjs']) {
    const code = `delete globalThis.navigator;
      const { install, isSupported } = await import(${JSON.stringify(new URL(`../../${process.env.DISTRIBUTION ?? 'dist'}/${name}`, import.meta.url))});
      console.log(install?.({ force: true }), isSupported?.(), Object.keys(globalThis).filter(key => /background/i.test(key)));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' });
    assert.deepEqual([stderr, stdout], ['', `undefined ${name === 'index.mjs' ? false : undefined} []\n`]);
  }
});

scenario('the script for workers tells pages which one is theirs', { register: false, native: false, plain: false }, async ({ page, expectProblem }) => {
  expectProblem(/for service workers; pages load background-fetch\.js\./);
  const message = await page.run(() => new Promise(resolve => {
    addEventListener('error', ({ message }) => resolve(message), { once: true });
    document.head.append(Object.assign(document.createElement('script'), { src: '/dist/background-fetch-sw.js' }));
  }));
  assert.match(message, /for service workers; pages load background-fetch\.js\./);
});

scenario('without registrations nothing is supported', { register: false, native: false, plain: false }, async ({ page }) => {
  // As in pages without a secure context, where Chromium keeps the manager and has no registration.
  await page.open('?native');
  const supported = await page.run(() => {
    Reflect.deleteProperty(self, 'ServiceWorkerRegistration');
    return /** @type {any} */ (self).eval("import('/dist/index.mjs').then(root => [root.isSupported(), root.install({ force: true }), root.isPolyfilled()])");
  });
  assert.deepEqual(supported, [false, null, false]);
});

scenario('dedicated and shared workers have the interfaces, if they have registrations at all', { register: false, native: false }, async ({ page }) => {
  const found = await page.run(async () => {
    const script = URL.createObjectURL(new Blob([`
      const answer = {};
      try {
        self.backgroundFetchPolyfill = { force: true };
        importScripts('${location.origin}/dist/background-fetch.js');
        answer.registrations = 'ServiceWorkerRegistration' in self;
        answer.manager = 'BackgroundFetchManager' in self && 'backgroundFetch' in ServiceWorkerRegistration.prototype;
        answer.events = 'BackgroundFetchEvent' in self;
        answer.version = typeof backgroundFetchPolyfill.version;
      } catch (error) { answer.error = String(error); }
      if (self.postMessage) postMessage(answer); else onconnect = ({ ports }) => ports[0].postMessage(answer);
    `]));
    const dedicated = new Worker(script);
    const answers = [await new Promise(resolve => { dedicated.onmessage = ({ data }) => resolve(data); })];
    if ('SharedWorker' in self) {
      const { port } = new SharedWorker(script);
      answers.push(await new Promise(resolve => { port.onmessage = ({ data }) => resolve(data); }));
    }
    return answers;
  });
  for (const { registrations, ...rest } of found) {
    assert.deepEqual(rest, registrations
      ? { manager: true, events: false, version: 'string' }
      : { manager: false, events: false, version: 'undefined' });
  }
});

for (const [name, type] of /** @type {const} */ ([['background-fetch-sw.js', 'classic'], ['background-fetch-sw.mjs', 'module']])) {
  // Where the API is native, neither does anything without `force`, which a file on its own cannot set.
  scenario(`${name} is a service worker of its own`, { register: false, native: false, plain: true, engines: ['firefox', 'webkit'] }, async ({ page, server, name: tag }) => {
    const wanted = file(server, tag, 10_000);
    const before = server.served.length;
    const seen = await page.run(async (script, type, scope, url) => {
      const registration = await navigator.serviceWorker.register(`/dist/${script}`, { type, scope });
      try {
        const worker = registration.installing ?? registration.active;
        while (worker?.state !== 'activated') await new Promise(resolve => worker?.addEventListener('statechange', resolve, { once: true }));
        const job = await /** @type {any} */ (registration).backgroundFetch.fetch('alone', url);
        while (!job.result) await new Promise(resolve => job.addEventListener('progress', resolve, { once: true }));
        return [job.result, job.downloaded];
      } finally {
        await registration.unregister();
      }
    }, name, type, `/dist/${tag}/`, wanted.url);
    assert.deepEqual(seen, ['success', wanted.size]);
    // It has all it needs, and so can start without a connection.
    assert.deepEqual([...new Set(server.served.slice(before))], [name]);
  });
}

for (const by of Object.keys(minifiers)) {
  scenario(`the worker's script does what it does when ${by} has minified it again`, {
    native: false, query: '&without', first: `self.backgroundFetchPolyfill = { force: true }; importScripts('minified.js?by=${by}');`, script: reportRecords,
  }, async ({ page, worker, server, name }) => {
    const wanted = file(server, name, 10_000);
    await begin(page, 'minified', [wanted.url]);
    assert.deepEqual(await worker.report('records'), whole([wanted]));
  });
}

scenario('options that are a variable are options', {
  native: false, query: '&without', first: `var backgroundFetchPolyfill = { force: true }; importScripts('/dist/background-fetch-sw.js');`, script: reportRecords,
}, async ({ page, worker, server, name }) => {
  await page.open('?native');
  await page.run(() => {
    document.head.append(Object.assign(document.createElement('script'), { text: 'var backgroundFetchPolyfill = { force: true };' }));
  });
  await page.load('/dist/background-fetch.js');
  const { url, size } = file(server, name, 10_000);
  assert.deepEqual(await page.run(async url => {
    const { version, force, retry } = /** @type {any} */ (self).backgroundFetchPolyfill;
    const registration = /** @type {any} */ (await navigator.serviceWorker.getRegistration());
    await registration.backgroundFetch.fetch('variable', url);
    return [typeof version, force, typeof retry];
  }, url), ['string', true, 'function']);
  assert.equal((await worker.report('records'))[0].size, size);
});

scenario('a service worker that loads the file for pages is told which one it needs', {
  native: false, query: '&without', first: `
    self.backgroundFetchPolyfill = { force: true };
    try { importScripts('/dist/background-fetch.js'); } catch (error) { self.refusal = [error.name, error.message, typeof backgroundFetchPolyfill.version]; }
  `, script: "harness.report('refusal', self.refusal);",
}, async ({ worker }) => {
  assert.deepEqual(await worker.report('refusal'), ['TypeError', 'Service workers load background-fetch-sw.js.', 'undefined']);
});
