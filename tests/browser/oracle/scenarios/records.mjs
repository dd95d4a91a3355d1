// Records: which ones match, what their requests and responses are.
//
// Left out is a request with `referrer: ''`: reading its record ends Chromium natively.
import { begin, ended } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

/** @typedef {import('../stage.mjs').Stage} Stage */

/** A handler that waits until the page has looked. */
const wait = `
  const go = new Promise(resolve => { new BroadcastChannel('go ' + harness.scope).onmessage = resolve; });
  for (const type of ['success', 'fail']) addEventListener('backgroundfetch' + type, event => {
    event.waitUntil(go);
    self.kept ??= {};
    self.kept.job = event.registration;
    harness.report('waiting');
  });
`;

/**
 * Looks at the records from page and worker, in the handler's time.
 *
 * @template {any[]} A
 * @param {Stage} stage
 * @param {Parameters<typeof begin>[2]} requests
 * @param {(context: import('../stage.mjs').Context, ...parameters: A) => any} look
 * @param {A} parameters
 */
async function inHandler(stage, requests, look, ...parameters) {
  await begin(stage, 'records', requests);
  await stage.worker.report('waiting');
  const page = await stage.inPage(look, ...parameters);
  const worker = await stage.inWorker(look, ...parameters);
  await stage.inPage(({ self }, scope) => { new self.BroadcastChannel(`go ${scope}`).postMessage('go'); }, stage.scope);
  await ended(stage);
  return { page, worker };
}

scenario('the order of records', { script: wait }, stage => inHandler(
  stage, Array.from({ length: 12 }, (_, index) => stage.file(`no-${index}`, 10)),
  async ({ probe, kept }) => {
    const urls = probe.urls(await kept.job.matchAll());
    return { asAsked: urls.every((/** @type {string} */ url, /** @type {number} */ index) => url.includes(`/no-${index}?`)), count: urls.length };
  },
));

const queries = {
  all: '[]',
  first: '[base + "first?x=1"]',
  request: '[new Request(base + "first?x=1")]',
  URL: '[new URL(base + "first?x=1")]',
  relative: '[new URL(base).pathname + "first?x=1"]',
  fragment: '[base + "first?x=1#fragment"]',
  otherSearch: '[base + "first?x=3"]',
  noSearch: '[base + "first"]',
  ignoreSearch: '[base + "first", { ignoreSearch: true }]',
  ignoreSearchTwo: '[base + "first?anything", { ignoreSearch: 1 }]',
  ignoreSearchFalse: '[base + "first", { ignoreSearch: 0 }]',
  post: '[new Request(base + "post?x=1", { method: "POST" })]',
  postByUrl: '[base + "post?x=1"]',
  postIgnoring: '[new Request(base + "post?x=1", { method: "POST" }), { ignoreMethod: true }]',
  postByUrlIgnoring: '[base + "post?x=1", { ignoreMethod: true }]',
  getIgnoring: '[new Request(base + "first?x=1", { method: "PUT" }), { ignoreMethod: true }]',
  putForGet: '[new Request(base + "first?x=1", { method: "PUT" })]',
  head: '[base + "head?x=1"]',
  headByHead: '[new Request(base + "head?x=1", { method: "HEAD" })]',
  getByHead: '[new Request(base + "first?x=1", { method: "HEAD" })]',
  vary: '[base + "vary?x=1"]',
  varySame: '[new Request(base + "vary?x=1", { headers: { "x-own": "1" } })]',
  varyOther: '[new Request(base + "vary?x=1", { headers: { "x-own": "2" } })]',
  varyIgnoring: '[new Request(base + "vary?x=1", { headers: { "x-own": "2" } }), { ignoreVary: true }]',
  varyStar: '[base + "star?x=1"]',
  varyStarIgnoring: '[base + "star?x=1", { ignoreVary: true }]',
  twice: '[base + "twice?x=1"]',
  undefined: '[undefined]',
  undefinedOptions: '[undefined, undefined]',
  undefinedIgnoring: '[undefined, { ignoreSearch: true }]',
  null: '[null]',
  nullOptions: '[base + "first?x=1", null]',
  number: '[1]',
  empty: '[""]',
  object: '[{ toString: () => base + "first?x=1" }]',
  list: '[[base + "first?x=1"]]',
  symbol: '[Symbol()]',
  throwing: '[{ toString() { throw new RangeError(); } }]',
  unparsable: '["http://:x"]',
  credentials: '["http://user:word@127.0.0.1/"]',
  data: '["data:,x"]',
  optionsNumber: '[base + "first?x=1", 1]',
  optionsString: '[base + "first?x=1", "x"]',
  optionsFunction: '[base + "first?x=1", () => {}]',
  optionsThrowing: '[base + "first?x=1", { get ignoreVary() { throw new RangeError(); } }]',
  optionsUnknown: '[base + "first?x=1", { unknown: 1, cacheName: "x" }]',
  noCors: '[new Request(base + "first?x=1", { mode: "no-cors" })]',
  more: '[base + "first?x=1", {}, 1]',
};

scenario('queries', { script: wait }, async stage => {
  const { server, tag } = stage;
  const base = server.url(`/bytes/${tag}/`);
  const path = /** @param {string} name */ name => new URL(base).pathname + name;
  for (const name of ['first', 'post', 'head', 'twice']) server.alias(path(name), `/bytes/${tag}?size=10&seed=${name}`);
  server.alias(path('vary'), `/bytes/${tag}?size=10&vary=x-own`);
  server.alias(path('star'), `/bytes/${tag}?size=10&vary=*`);
  return inHandler(stage, [
    `${base}first?x=1`, `${base}first?x=2`, `${base}twice?x=1`, { url: `${base}post?x=1`, method: 'POST', body: 'abc' }, { url: `${base}head?x=1`, method: 'HEAD' },
    { url: `${base}vary?x=1`, headers: { 'x-own': '1' } }, `${base}star?x=1`,
  ], async ({ self, probe, kept }, queries, base) => {
    /** @type {Record<string, unknown>} */
    const seen = {};
    for (const [title, code] of Object.entries(queries)) {
      const list = () => self.Function('base', `return ${code}`)(base);
      const all = await kept.job.matchAll(...list()).then((/** @type {any[]} */ list) => probe.urls(list).sort(), probe.error);
      const one = await probe.outcome(async () => {
        const record = await kept.job.match(...list());
        return record && (all.length === 1 ? probe.urls([record])[0] : 'one of them');
      });
      seen[title] = { all, one };
    }
    const order = /** @type {string[]} */ ([]);
    await kept.job.match(base, new Proxy({}, { get: (_, key) => { order.push(String(key)); } }));
    const nothing = await probe.outcome(() => kept.job.match());
    return { seen, order, nothing };
  }, queries, base);
});

scenario('requests of records', { script: wait }, async stage => inHandler(stage, [
  stage.file('plain', 10),
  `${stage.file('fragment', 10)}#fragment`,
  {
    url: stage.file('special', 10), headers: { 'x-own': 'a, b', accept: 'text/x' }, credentials: 'omit', cache: 'no-cache', referrerPolicy: 'no-referrer', keepalive: true,
  },
  { url: stage.file('referring', 10), referrer: `${stage.scope}somewhere`, referrerPolicy: 'unsafe-url', credentials: 'include' },
  { url: stage.file('integrity', 0), integrity: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' },
  { url: stage.file('text', 10), method: 'POST', body: 'äbc' },
  { url: stage.file('typed', 10), method: 'POST', body: 'abc', headers: { 'content-type': 'x/y' } },
  { url: stage.file('put', 10), method: 'PUT', body: '' },
  { url: stage.file('post', 10), method: 'POST' },
  { url: stage.file('delete', 10), method: 'DELETE' },
], async ({ self, probe, kept }) => {
  /** @type {Record<string, unknown>} */
  const seen = {};
  for (const record of await kept.job.matchAll()) {
    const { request } = record;
    seen[new URL(request.url).pathname] = {
      ...await probe.describeRequest(request), same: record.request === request, used: request.bodyUsed, class: request instanceof self.Request,
      write: await probe.outcome(() => request.headers.set('x-new', '1')), again: await probe.outcome(() => request.clone()),
    };
  }
  return seen;
}));

scenario('bodies of requests of records', { script: wait }, async stage => {
  await stage.inPage(async ({ probe, manager, kept }, urls) => {
    const form = new FormData();
    form.append('field', 'value');
    form.append('file', new File(['content'], 'name.txt', { type: 'text/plain' }));
    const bodies = [form, new URLSearchParams({ a: 'b c' }), new Blob(['abc']), new Blob(['abc'], { type: 'a/b' }), new Uint8Array([1, 2, 3]), new Uint16Array([1, 2]).buffer, new Blob([])];
    kept.job = probe.watch(await manager.fetch('bodies', bodies.map((body, index) => new Request(urls[index] ?? '', { method: 'POST', body }))));
    kept.total = kept.job.uploadTotal > 250;
  }, Array.from({ length: 7 }, (_, index) => stage.file(`body-${index}`, 10)));
  await stage.worker.report('waiting');
  /** @param {import('../stage.mjs').Context} context */
  const look = async ({ probe, kept }) => {
    /** @type {Record<string, unknown>} */
    const seen = {};
    for (const { request } of await kept.job.matchAll()) {
      const { body, headers, ...rest } = await probe.describeRequest(request.clone());
      const type = headers['content-type'] ?? '';
      seen[new URL(request.url).pathname] = type.startsWith('multipart/')
        ? { ...rest, type, fields: await request.formData().then(async (/** @type {FormData} */ form) => Promise.all([...form].map(async ([name, value]) => [name, value instanceof File ? [value.name, value.type, await value.text()] : value])), probe.error) }
        : { ...rest, body, headers };
    }
    return seen;
  };
  const seen = { page: await stage.inPage(look), worker: await stage.inWorker(look), total: await stage.inPage(({ kept }) => kept.total) };
  await stage.inPage(({ self }, scope) => { new self.BroadcastChannel(`go ${scope}`).postMessage('go'); }, stage.scope);
  return { seen, sent: stage.server.log.of(stage.tag).map(({ upload, headers }) => [headers['content-type']?.replace(/boundary=.*/, ''), headers['content-type']?.startsWith('multipart/') ? 'form' : upload?.size]).sort() };
});

scenario('a response as an object', { script: wait }, async stage => inHandler(stage, [
  `${stage.file('response', 1000, { type: 'text/plain; charset=utf-8' })}&header=x-own:1`,
], async ({ self, probe, kept, registration }) => {
  const [record] = await kept.job.matchAll();
  const again = await kept.job.match(record.request);
  const response = await record.responseReady;
  const copy = response.clone();
  const copyOfCopy = copy.clone();
  const cache = await caches.open(`oracle ${registration.scope} ${'document' in self}`);
  await cache.put(record.request, response.clone());
  const cached = await cache.match(record.request);
  const [fromAll] = await cache.matchAll();
  const anywhere = await caches.match(record.request);
  await caches.delete(`oracle ${registration.scope} ${'document' in self}`);
  const reader = copyOfCopy.body.getReader();
  const first = await reader.read();
  return {
    record: { own: Object.getOwnPropertyNames(record), text: String(record), same: again === record, sameReady: record.responseReady === record.responseReady, json: JSON.stringify(record) },
    write: await probe.outcome(() => response.headers.set('x-new', '1')), append: await probe.outcome(() => response.headers.append('x-own', '2')),
    own: Object.getOwnPropertyNames(response), class: response instanceof self.Response, sameHeaders: response.headers === response.headers,
    copy: { url: copy.url, type: copy.type, status: copy.status, redirected: copy.redirected, headers: probe.headers(copy.headers) },
    cached: { url: cached?.url, type: cached?.type, status: cached?.status, headers: cached && probe.headers(cached.headers), body: cached && await probe.digest(await cached.blob()) },
    fromAll: fromAll?.url, anywhere: anywhere?.url,
    chunk: [first.done, first.value?.constructor.name], locked: copyOfCopy.body.locked,
    stream: String(response.body), sameBody: response.body === response.body, size: (await response.text()).length, used: response.bodyUsed, twice: await probe.outcome(() => response.text()),
    cloneUsed: await probe.outcome(() => response.clone()), clone: await probe.outcome(() => structuredClone(record)),
    same: (await record.responseReady) === response, other: (await again.responseReady) === response, fresh: await probe.outcome(async () => (await again.responseReady).status),
    wrapped: await probe.outcome(async () => { const { url, type } = new Response(copy.body, copy); return `${url} ${type}`; }),
  };
}));

scenario('records of a background fetch that failed', { script: wait }, async stage => inHandler(stage, [
  stage.file('good', 1000), stage.file('gone', 500, { status: 404 }), stage.file('refused', 10, {}, stage.other),
], async ({ probe, kept }) => {
  /** @type {Record<string, unknown>} */
  const seen = {};
  for (const { request, response } of await probe.records(await kept.job.matchAll())) seen[request.replace(/[?].*/, '')] = response;
  return { seen, state: probe.registration(kept.job) };
}));

scenario('promises of responses that nobody looks at', {
  script: `
    addEventListener('backgroundfetchfail', event => event.waitUntil((async () => {
      const records = await event.registration.matchAll();
      await event.registration.match(records[0].request);
      await probe.sleep(200);
      harness.report('looked', records.length);
    })()));
  `,
}, async stage => {
  await begin(stage, 'ignored', [stage.file('refused', 10, {}, stage.other)]);
  await stage.worker.report('looked');
  return { page: await ended(stage) };
});
