// What fetch(), get(), match() and matchAll() accept, converted as WebIDL says.
import assert from 'node:assert/strict';
import { outcomes } from './calls.mjs';
import { begin, file, settled } from './downloads.mjs';
import { scenario } from './support.mjs';

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

scenario('what Object.prototype has is no option that was left out', {}, async ({ page, server, name }) => {
  const { url } = file(server, name, 10);
  assert.deepEqual(await page.run(async url => {
    const { registration } = /** @type {any} */ (self);
    Object.assign(Object.prototype, { icons: 5, downloadTotal: 1, ignoreSearch: true });
    try {
      const job = await registration.backgroundFetch.fetch('inherited', url);
      return [job.downloadTotal, await job.match(`${url}&more`) === undefined];
    } finally {
      for (const key of ['icons', 'downloadTotal', 'ignoreSearch']) Reflect.deleteProperty(Object.prototype, key);
    }
  }, url), [0, true]);
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
