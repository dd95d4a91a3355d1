// What fetch(), get(), match() and matchAll() accept, and what they say to everything else.
import assert from 'node:assert/strict';
import { begin, file, settled } from './downloads.mjs';
import { scenario } from './support.mjs';

/**
 * Runs calls of the manager and tells how each one ended: with what it was told to look at, or with the error's name.
 *
 * @param {import('./page.mjs').Page} page
 * @param {Record<string, string>} calls by title: an expression of a promise, with `manager`, `url` and `registration` at hand
 * @param {string} url something to download
 * @returns {Promise<Record<string, any>>}
 */
function outcomes(page, calls, url) {
  return page.run(async (calls, url) => {
    const { registration } = /** @type {any} */ (self);
    /** @type {Record<string, unknown>} */
    const outcomes = {};
    for (const [title, code] of Object.entries(calls)) {
      try {
        // A Function of the page, because a driver may have put this one into a realm of its own.
        const promise = /** @type {any} */ (self).Function('manager', 'url', 'registration', `return ${code}`)(registration.backgroundFetch, url, registration);
        if (typeof promise?.then !== 'function') throw new Error('no promise');
        outcomes[title] = await promise.then((/** @type {any} */ value) => value, (/** @type {any} */ error) => `${error.name}`);
      } catch (error) {
        outcomes[title] = `thrown ${error}`;
      }
    }
    return outcomes;
  }, calls, url);
}

/** All rows that the engine keeps of background fetches. @param {import('./page.mjs').Page} page */
const leftovers = page => page.run(async () => {
  const { registration } = /** @type {any} */ (self);
  const name = `background-fetch-polyfill ${registration.scope}`;
  if (!(await indexedDB.databases()).some(database => database.name === name)) return 0;
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const stores = ['ids', 'fetches', 'requests', 'responses', 'chunks'];
  const transaction = database.transaction(stores);
  const counts = await Promise.all(stores.map(store => new Promise(resolve => {
    const request = transaction.objectStore(store).count();
    request.onsuccess = () => resolve(request.result);
  })));
  database.close();
  return counts.reduce((sum, count) => sum + count, 0);
});

scenario('an operation with too few arguments rejects', {}, async ({ page, server, name }) => {
  const { url } = file(server, name, 10);
  assert.deepEqual(await outcomes(page, {
    fetch0: 'manager.fetch()',
    fetch1: 'manager.fetch("x")',
    get0: 'manager.get()',
  }, url), { fetch0: 'TypeError', fetch1: 'TypeError', get0: 'TypeError' });
  await begin(page, 'few', [url]);
  assert.deepEqual(await outcomes(page, { match0: 'self.job.match()' }, url), { match0: 'TypeError' });
});

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
    empty: /id.*empty/, none: /at least one request/i, cors: /no-cors/, used: /used|disturbed|body|read/i, url: /url|parse|valid/i,
    port: /^(?!.*token).*6667/, scheme: /http/, taken: /id.*(active|already|taken)|taken/i, total: /1152921504606847000 bytes.*storage/,
  };
  for (const [title, pattern] of Object.entries(patterns)) assert.match(/** @type {Record<string, string>} */ (messages)[title] ?? '', pattern);
  await settled(page);
});

scenario('requests may be one or several, in any iterable', {}, async fixture => {
  const { page, server, name } = fixture;
  const { url } = file(server, name, 10);
  const calls = {
    'a string': 'manager.fetch(id, url)',
    'a URL object': 'manager.fetch(id, new URL(url))',
    'a Request': 'manager.fetch(id, new Request(url))',
    'a relative URL': 'manager.fetch(id, new URL(url).pathname + new URL(url).search)',
    'a list of mixed kinds': 'manager.fetch(id, [url, new URL(url), new Request(url)])',
    'a set': 'manager.fetch(id, new Set([url, url + "&b"]))',
    'a generator': 'manager.fetch(id, function* () { yield url; yield new Request(url); }())',
    'a Request that is iterable': 'manager.fetch(id, Object.assign(new Request(url), { [Symbol.iterator]: () => [][Symbol.iterator]() }))',
    'a Request of another realm': '(() => { const frame = document.createElement("iframe"); document.body.append(frame); return manager.fetch(id, new frame.contentWindow.Request(url)); })()',
    'a Request with a proxy around it is only an object': 'manager.fetch(id, new Proxy(new Request(url), { get: (target, key) => key === Symbol.toPrimitive ? () => url : undefined }))',
  };
  const seen = await page.run(async (calls, url) => {
    const { registration } = /** @type {any} */ (self);
    /** @type {Record<string, any>} */
    const seen = {};
    for (const [title, code] of Object.entries(calls)) {
      try {
        const job = await /** @type {any} */ (self).Function('manager', 'id', 'url', `return ${code}`)(registration.backgroundFetch, title, url);
        seen[title] = (await job.matchAll()).map((/** @type {any} */ { request }) => request.url.replace(url, 'url'));
        if (!job.result) await new Promise(resolve => { job.onprogress = () => job.result && resolve(undefined); });
      } catch (error) {
        seen[title] = String(error);
      }
    }
    return seen;
  }, calls, url);
  const one = ['url'];
  assert.deepEqual(Object.fromEntries(Object.entries(seen)), {
    'a string': one, 'a URL object': one, 'a Request': one, 'a relative URL': one,
    'a list of mixed kinds': ['url', 'url', 'url'], 'a set': ['url', 'url&b'], 'a generator': ['url', 'url'],
    'a Request that is iterable': one, 'a Request of another realm': one,
    'a Request with a proxy around it is only an object': one,
  });
});

scenario('arguments are converted in order, and every getter runs once', {}, async ({ page, server, name }) => {
  const { url } = file(server, name, 10);
  const seen = await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    /** @type {string[]} */
    const order = [];
    /** @param {string} path @param {Record<string, unknown>} members */
    const watched = (path, members) => new Proxy(members, {
      get(target, key) {
        if (typeof key === 'symbol' && key !== Symbol.iterator) return undefined;
        order.push(`${path}.${String(key)}`);
        return /** @type {any} */ (target)[key];
      },
    });
    const id = { toString() { order.push('id'); return 'ordered'; } };
    const requests = {
      [Symbol.iterator]() {
        order.push('iterator');
        const list = [{ toString() { order.push('request'); return url; } }];
        return {
          next() {
            order.push('next');
            const value = list.shift();
            return value ? { done: false, value } : { done: true, value: undefined };
          },
          return() { order.push('return'); return {}; },
        };
      },
    };
    const icon = watched('icon', { type: 'a', src: 'b', sizes: 'c', label: 'd', extra: 'e' });
    const options = watched('options', {
      title: { toString() { order.push('title'); return 't'; } },
      icons: [icon],
      downloadTotal: { valueOf() { order.push('downloadTotal'); return 100; } },
      extra: 1,
    });
    const job = await registration.backgroundFetch.fetch(id, requests, options);
    return { order, id: job.id, downloadTotal: job.downloadTotal };
  }, url);
  // Engines differ in what an icon has besides.
  assert.deepEqual({ ...seen, order: seen.order.filter(step => !/^icon.(label|platform|purpose)$/.test(step)) }, {
    order: [
      'id', 'iterator', 'next', 'request', 'next', 'options.icons', 'icon.sizes', 'icon.src', 'icon.type',
      'options.title', 'title', 'options.downloadTotal', 'downloadTotal',
    ],
    id: 'ordered',
    downloadTotal: 100,
  });
});

scenario('a failed conversion leaves the iterator alone, and later arguments unread', {}, async ({ page, server, name }) => {
  const { url } = file(server, name, 10);
  const order = await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    /** @type {string[]} */
    const order = [];
    const requests = {
      [Symbol.iterator]: () => ({
        next: () => (order.push('next'), { done: false, value: Symbol('no request') }),
        return: () => (order.push('return'), {}),
      }),
    };
    const options = { get title() { order.push('title'); return url; } };
    await registration.backgroundFetch.fetch('x', requests, options).catch((/** @type {Error} */ error) => order.push(error.name));
    return order;
  }, url);
  assert.deepEqual(order, ['next', 'TypeError']);
});

scenario('downloadTotal is an unsigned long long', { native: false }, async ({ page, server, name }) => {
  const { url } = file(server, name, 1);
  const values = {
    '{}': 0, '{ downloadTotal: undefined }': 0, '{ downloadTotal: null }': 0, '{ downloadTotal: NaN }': 0, '{ downloadTotal: Infinity }': 0,
    '{ downloadTotal: -0.9 }': 0, '{ downloadTotal: 12.9 }': 12, '{ downloadTotal: "12" }': 12, '{ downloadTotal: "0x10" }': 16,
    '{ downloadTotal: "many" }': 0, '{ downloadTotal: true }': 1, '{ downloadTotal: [7] }': 7, '{ downloadTotal: 2 ** 64 }': 0,
    '{ downloadTotal: 2 ** 64 + 2 ** 12 }': 2 ** 12, '{ downloadTotal: 3 - 2 ** 65 }': 0,
    undefined: 0, null: 0, '() => {}': 0, 'Object.create({ downloadTotal: 5 })': 5,
    // Where no quota can be that large, -1 is what pages write that do not know.
    '{ downloadTotal: -1 }': 2 ** 64, '{ downloadTotal: 2 ** 53 }': 'QuotaExceededError',
    '{ downloadTotal: Number.MAX_SAFE_INTEGER }': 'QuotaExceededError',
  };
  const calls = Object.fromEntries(Object.keys(values).map(options =>
    [options, `manager.fetch(${JSON.stringify(options)}, url, ${options}).then(job => (job.abort(), job.downloadTotal))`]));
  assert.deepEqual(await outcomes(page, calls, url), values);
});

scenario('an id is any string, kept as it is', { native: false }, async ({ page, server, name }) => {
  const { url } = file(server, name, 1_000_000, { gate: name });
  const ids = ['1', 'null', 'undefined', '[object Object]', 'a\0b', '__proto__', ' ', '\ud800', '\udfff\ud800', 'é', 'e\u0301', '\u202etfel', 'i'.repeat(100_000)];
  const seen = await page.run(async (ids, url) => {
    const { registration } = /** @type {any} */ (self);
    const manager = registration.backgroundFetch;
    // Numbers, null and the like are converted.
    const given = [1, null, undefined, {}];
    const same = [];
    for (const [index, id] of ids.entries()) {
      const job = await manager.fetch(index in given ? given[index] : id, url);
      same.push(job.id === id && await manager.get(id) === job && await manager.get(index in given ? given[index] : id) === job);
    }
    const listed = await manager.getIds();
    const taken = await manager.fetch('\ud800', url).catch((/** @type {Error} */ error) => error.name);
    // Lone surrogates do not survive the way to the test.
    return { same, listed: listed.length === ids.length && ids.every((id, index) => listed[index] === id), taken };
  }, ids, url);
  assert.deepEqual(seen, { same: ids.map(() => true), listed: true, taken: 'TypeError' });
});

scenario('queries are converted like those of caches', {}, async ({ page, server, name }) => {
  const { url } = file(server, name, 10, { gate: name });
  await begin(page, 'query', [url]);
  const seen = await outcomes(page, {
    'a string': 'self.job.match(url).then(record => typeof record)',
    'a URL object': 'self.job.match(new URL(url)).then(record => typeof record)',
    'undefined, which is a relative URL': 'self.job.match(undefined).then(record => typeof record)',
    'undefined, which is everything': 'self.job.matchAll(undefined).then(records => records.length)',
    'null, which is a relative URL': 'self.job.matchAll(null).then(records => records.length)',
    'a fragment does not matter': 'self.job.matchAll(url + "#part").then(records => records.length)',
    'no options': 'self.job.matchAll(url, null).then(records => records.length)',
    'truthy options': 'self.job.matchAll(url + "&other", { ignoreSearch: "yes" }).then(records => records.length)',
    'options that are none': 'self.job.matchAll(url, 1)',
    'an unparsable URL': 'self.job.matchAll("http://:x")',
    'the same to match': 'self.job.match("http://:x")',
    'a symbol': 'self.job.match(Symbol())',
    'the order of members': `(() => {
      const order = [];
      const options = new Proxy({}, { get: (target, key) => { order.push(key); } });
      return self.job.match({ toString: () => (order.push('url'), url) }, options).then(() => order.filter(key => key !== 'cacheName').join());
    })()`,
  }, url);
  assert.deepEqual(seen, {
    'a string': 'object', 'a URL object': 'object', 'undefined, which is a relative URL': 'undefined',
    'undefined, which is everything': 1, 'null, which is a relative URL': 0, 'a fragment does not matter': 1,
    'no options': 1, 'truthy options': 1, 'options that are none': 'TypeError', 'an unparsable URL': 'TypeError',
    'the same to match': 'TypeError', 'a symbol': 'TypeError',
    'the order of members': 'url,ignoreMethod,ignoreSearch,ignoreVary',
  });
  server.release(name);
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

scenario('a worker that does not load the script is named', { native: false, query: '&without', seconds: 40 }, async ({ page, server, name }) => {
  const { url } = file(server, name, 10);
  const seen = await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    return registration.backgroundFetch.fetch('x', url).catch((/** @type {Error} */ error) => [error.name, error.message]);
  }, url);
  assert.equal(seen[0], 'TypeError');
  assert.match(seen[1], /background-fetch-sw\.js.*importScripts/s);
  assert.equal(await leftovers(page), 0);
});

scenario('a worker with another protocol is told apart from one without the script', {
  native: false,
  query: '&without',
  script: `
    addEventListener('message', event => {
      if (event.data.type === 'background-fetch-polyfill:connect') event.ports[0].postMessage({ type: 'hello', protocol: 99, version: '9.8.7', life: 'x' });
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

/** Loads the polyfill into a page that has none yet. @param {import('./page.mjs').Page} page @param {object} options */
async function load(page, options) {
  await page.open('?native');
  await page.run(async options => {
    /** @type {any} */ (self).eval(`self.backgroundFetchPolyfill = ${JSON.stringify(options)}`);
    await new Promise((resolve, reject) => {
      document.head.append(Object.assign(document.createElement('script'), { src: '/dist/background-fetch.js', onload: resolve, onerror: reject }));
    });
    Object.assign(self, { registration: await navigator.serviceWorker.ready });
  }, options);
}

scenario('a permission that is denied refuses every fetch with NotAllowedError', { native: false }, async ({ page, server, name }) => {
  await load(page, { force: true, permission: 'denied' });
  const { url } = file(server, name, 10);
  assert.deepEqual(await outcomes(page, {
    fetch: 'manager.fetch("x", url)',
    'with bad input': 'manager.fetch("x", [])',
    get: 'manager.get("x").then(job => typeof job)',
  }, url), { fetch: 'NotAllowedError', 'with bad input': 'TypeError', get: 'undefined' });
  assert.equal(await leftovers(page), 0);
  assert.equal(await page.run(async () => (await navigator.permissions.query(/** @type {any} */ ({ name: 'background-fetch' }))).state), 'denied');
});

scenario('permissions.query knows the permission, and what it knew before', { register: false, native: false }, async ({ page }) => {
  const seen = await page.run(async () => {
    const { permissions } = navigator;
    /** @param {any} descriptor */
    const ask = descriptor => permissions.query(descriptor).then(
      (/** @type {any} */ status) => [String(status), status instanceof PermissionStatus, status.state, status.onchange],
      error => error.name,
    );
    const status = await permissions.query(/** @type {any} */ ({ name: 'background-fetch' }));
    return {
      known: await ask({ name: 'background-fetch' }),
      name: status.name ?? 'background-fetch',
      own: Object.keys(status),
      other: (await ask({ name: 'geolocation' }))[0],
      unknown: await ask({ name: 'no such thing' }),
      none: [await ask(undefined), await ask(1), await ask({})],
    };
  });
  assert.deepEqual(seen, {
    known: ['[object PermissionStatus]', true, 'granted', null], name: 'background-fetch', own: [],
    other: '[object PermissionStatus]', unknown: 'TypeError', none: ['TypeError', 'TypeError', 'TypeError'],
  });
});

scenario('a policy in the page forbids what it forbids to the page itself', { native: false }, async ({ page, server, other, name }) => {
  const own = file(server, `${name}/a b`, 10).url;
  const foreign = file(other, name, 10, { cors: '*' }).url;
  const { port } = new URL(foreign);
  const policies = [
    "connect-src 'self'", "connect-src 'none'", "default-src 'self' 'unsafe-inline' 'unsafe-eval'", "default-src 'none'; connect-src *; script-src *",
    `connect-src ${new URL(foreign).origin}`, `connect-src 127.0.0.1:${port}`, 'connect-src 127.0.0.1:*', 'connect-src 127.0.0.1', 'connect-src http:',
    'connect-src https:', `connect-src http://*:${port}`, `connect-src ${new URL(own).origin}/bytes/`, `connect-src ${new URL(own).origin}/other`,
    `connect-src ${new URL(own).origin}/bytes/${name}/a%20b`, 'img-src *', 'connect-src', "CONNECT-SRC 'SELF'; connect-src *",
  ];
  for (const policy of policies) {
    await load(page, { force: true });
    const seen = await page.run(async (policy, urls) => {
      document.head.append(Object.assign(document.createElement('meta'), { httpEquiv: 'Content-Security-Policy', content: policy }));
      const { registration } = /** @type {any} */ (self);
      const seen = [];
      for (const url of urls) {
        const job = registration.backgroundFetch.fetch(`${policy} ${url}`, url).then(() => 'allowed', (/** @type {Error} */ { message }) => /Policy/.test(message) ? 'forbidden' : message);
        seen.push([await job, await fetch(url, { mode: 'no-cors' }).then(() => 'allowed', () => 'forbidden')]);
      }
      return seen;
    }, policy, [own, foreign]);
    assert.deepEqual(seen.map(([ours]) => ours), seen.map(([, theirs]) => theirs), policy);
  }
});
