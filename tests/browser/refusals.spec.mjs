// What fetch() and get() refuse, with which exception, in which words, and that nothing is left of it.
import assert from 'node:assert/strict';
import { leftovers, outcomes } from './calls.mjs';
import { begin, file, overhear, settled } from './downloads.mjs';
import { scenario } from './support.mjs';

scenario('bad input is refused, and nothing of it is stored', { native: false }, async ({ page, server, other, name }) => {
  const { url } = file(server, name, 10);
  const refused = {
    'an empty id': 'manager.fetch("", url)',
    'a symbol for an id': 'manager.fetch(Symbol(), url)',
    'no requests': 'manager.fetch("x", [])',
    'no requests in another iterable': 'manager.fetch("x", new Set())',
    'an unparsable URL': 'manager.fetch("x", "http://:x")',
    'one unparsable URL among others': 'manager.fetch("x", [url, "http://:x"])',
    'credentials in the URL': 'manager.fetch("x", "http://user:word@localhost/")',
    'no-cors': 'manager.fetch("x", new Request(url, { mode: "no-cors" }))',
    'a used body': '(async () => { const request = new Request(url, { method: "POST", body: "b" }); await request.text(); return manager.fetch("x", request); })()',
    'a blocked port': 'manager.fetch("x", "http://localhost:6667/")',
    'a URL of data': 'manager.fetch("x", "data:,x")',
    'a URL of a blob': 'manager.fetch("x", URL.createObjectURL(new Blob()))',
    'about:blank': 'manager.fetch("x", "about:blank")',
    'a websocket': 'manager.fetch("x", "ws://localhost/")',
    'dangling markup': 'manager.fetch("x", url + "&a=\\n<b")',
    'a symbol for a request': 'manager.fetch("x", [Symbol()])',
    'an iterator that is none': 'manager.fetch("x", { [Symbol.iterator]: () => 1 })',
    'an iterator method that is none': 'manager.fetch("x", { [Symbol.iterator]: 1 })',
    'an iterator that throws': 'manager.fetch("x", { [Symbol.iterator]() { throw new RangeError(); } })',
    'options that are a number': 'manager.fetch("x", url, 1)',
    'options that are a string': 'manager.fetch("x", url, "y")',
    'a symbol for a title': 'manager.fetch("x", url, { title: Symbol() })',
    'icons that are an object': 'manager.fetch("x", url, { icons: {} })',
    'icons that are a string': 'manager.fetch("x", url, { icons: "y" })',
    'icons that are null': 'manager.fetch("x", url, { icons: null })',
    'an icon without src': 'manager.fetch("x", url, { icons: [{ sizes: "1x1" }] })',
    'an icon that is a string': 'manager.fetch("x", url, { icons: ["y"] })',
    'an icon that is null': 'manager.fetch("x", url, { icons: [null] })',
    'a BigInt for downloadTotal': 'manager.fetch("x", url, { downloadTotal: 1n })',
    'a symbol for downloadTotal': 'manager.fetch("x", url, { downloadTotal: Symbol() })',
    'an empty id to get': 'manager.get("")',
    'a symbol to get': 'manager.get(Symbol())',
  };
  const seen = await outcomes(page, refused, url);
  const expected = { ...Object.fromEntries(Object.keys(refused).map(title => [title, 'TypeError'])), 'an iterator that throws': 'RangeError' };
  assert.deepEqual(seen, expected);
  assert.equal(await leftovers(page), 0);
  assert.deepEqual(server.log.of(name), [], 'nothing was sent');
  assert.deepEqual(other.log.of(name), []);
});

scenario('a refusal says what was wrong and what to do', { native: false }, async ({ page, server, name }) => {
  const { url } = file(server, name, 1_000_000, { gate: name });
  await begin(page, 'taken', [url]);
  const messages = await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    const manager = registration.backgroundFetch;
    /** @param {unknown[]} parameters */
    const message = (...parameters) => manager.fetch(...parameters).then(() => 'none', (/** @type {Error} */ error) => error.message);
    const used = new Request(url, { method: 'POST', body: 'b' });
    await used.text();
    return {
      empty: await message('', url),
      none: await message('x', []),
      cors: await message('x', new Request(url, { mode: 'no-cors' })),
      used: await message('x', used),
      url: await message('x', 'http://:x'),
      port: await message('x', 'http://localhost:6667/secret?token'),
      scheme: await message('x', 'data:,x'),
      taken: await message('taken', url),
      total: await message('x', url, { downloadTotal: 2 ** 60 }),
    };
  }, url);
  server.release(name);
  const patterns = {
    empty: /id.*empty/, none: /At least one request/, cors: /no-cors/, used: /used|disturbed|body|read/i, url: /url|parse|valid/i,
    port: /^(?!.*token).*6667/, scheme: /http/, taken: /id.*(active|already|taken)|taken/i, total: /1152921504606847000 bytes.*storage/,
  };
  for (const [title, pattern] of Object.entries(patterns)) assert.match(/** @type {Record<string, string>} */ (messages)[title] ?? '', pattern);
  await settled(page);
});

scenario('without an active worker there is nothing to fetch with', { register: false }, async ({ page, server, name, scope }) => {
  const { url } = file(server, name, 10);
  const seen = await page.run(async (url, scope) => {
    const script = `addEventListener('install', event => event.waitUntil(new Promise(resolve => {
      new BroadcastChannel('install ${scope}').onmessage = resolve;
    })))`;
    const registration = await navigator.serviceWorker.register(`sw.js?${new URLSearchParams({ script })}`);
    const manager = /** @type {any} */ (registration).backgroundFetch;
    const seen = {
      fetch: await manager.fetch('x', url).catch((/** @type {Error} */ { name, message }) => [name, /active/.test(message)]),
      get: typeof await manager.get('x'),
      ids: await manager.getIds(),
    };
    const channel = new BroadcastChannel(`install ${scope}`);
    while (!registration.active) {
      channel.postMessage('go on');
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    return seen;
  }, url, scope);
  assert.deepEqual(seen, { fetch: ['TypeError', true], get: 'undefined', ids: [] });
});

// Elsewhere the registration stays what it was as long as there is a page in its scope.
scenario('a registration that was removed has no active worker', { native: false, engines: ['chromium'] }, async ({ page, server, name }) => {
  const wanted = file(server, name, 1_000_000, { gate: name });
  await begin(page, 'removed', [wanted.url]);
  const seen = await page.run(async url => {
    const { harness, registration } = /** @type {any} */ (self);
    const manager = registration.backgroundFetch;
    // It does not take as long as a worker that says nothing.
    AbortSignal.timeout = () => new AbortController().signal;
    // By somebody without this script: what is stored stays.
    await harness.unregister(registration);
    return {
      fetch: await manager.fetch('x', url).catch((/** @type {Error} */ { name, message }) => [name, /active/.test(message)]),
      get: typeof await manager.get('removed'),
      ids: await manager.getIds(),
    };
  }, wanted.url);
  server.release(name);
  assert.deepEqual(seen, { fetch: ['TypeError', true], get: 'undefined', ids: [] });
});

scenario('a worker that does not load the script is named', { native: false, query: '&without', seconds: 40 }, async ({ page, server, name }) => {
  const { url } = file(server, name, 10);
  const seen = await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    return registration.backgroundFetch.fetch('x', url).catch((/** @type {Error} */ error) => [error.name, error.message]);
  }, url);
  assert.equal(seen[0], 'TypeError');
  assert.match(seen[1], /It must import background-fetch-sw\.js, with the same options\./);
  assert.equal(await leftovers(page), 0);
});

scenario('a worker with another protocol is told apart from one without the script', {
  native: false,
  query: '&without',
  script: `${overhear}
    addEventListener('messageerror', ({ ports: [carrier] }) => carrier.start());
    overhear(({ type }, [port]) => {
      if (type === 'background-fetch-polyfill:connect') port.postMessage({ type: 'hello', protocol: 99, version: '9.8.7', life: 'x' });
    });
  `,
}, async ({ page, server, name }) => {
  const [error, message] = await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    return registration.backgroundFetch.fetch('x', url).catch((/** @type {Error} */ error) => [error.name, error.message]);
  }, file(server, name, 10).url);
  assert.equal(error, 'TypeError');
  assert.match(message, /version \d+\.\d+\.\d+.*9\.8\.7/s, 'both versions');
});
