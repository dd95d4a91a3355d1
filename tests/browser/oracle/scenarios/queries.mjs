// match() and matchAll(): which records, in which order.
import { inHandler, waitForPage } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

scenario('the order of records', { script: waitForPage }, stage =>
  inHandler(
    stage,
    Array.from({ length: 12 }, (_, index) => stage.file(`no-${index}`, 10)),
    async ({ probe, kept }) => {
      const urls = probe.urls(await kept.job.matchAll());
      return {
        asAsked: urls.every((/** @type {string} */ url, /** @type {number} */ index) =>
          url.includes(`/no-${index}?`),
        ),
        count: urls.length,
      };
    },
  ),
);

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
  varyIgnoring:
    '[new Request(base + "vary?x=1", { headers: { "x-own": "2" } }), { ignoreVary: true }]',
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

scenario('queries', { script: waitForPage }, async stage => {
  const { server, tag } = stage;
  const base = server.url(`/bytes/${tag}/`);
  const path = /** @param {string} name */ name => new URL(base).pathname + name;
  for (const name of ['first', 'post', 'head', 'twice'])
    server.alias(path(name), `/bytes/${tag}?size=10&seed=${name}`);
  server.alias(path('vary'), `/bytes/${tag}?size=10&vary=x-own`);
  server.alias(path('star'), `/bytes/${tag}?size=10&vary=*`);
  return inHandler(
    stage,
    [
      `${base}first?x=1`,
      `${base}first?x=2`,
      `${base}twice?x=1`,
      { url: `${base}post?x=1`, method: 'POST', body: 'abc' },
      { url: `${base}head?x=1`, method: 'HEAD' },
      { url: `${base}vary?x=1`, headers: { 'x-own': '1' } },
      `${base}star?x=1`,
    ],
    async ({ self, probe, kept }, queries, base) => {
      /** @type {Record<string, unknown>} */
      const seen = {};
      for (const [title, code] of Object.entries(queries)) {
        const list = () => self.Function('base', `return ${code}`)(base);
        const all = await kept.job
          .matchAll(...list())
          .then((/** @type {any[]} */ list) => probe.urls(list).sort(), probe.error);
        const one = await probe.outcome(async () => {
          const record = await kept.job.match(...list());
          return record && (all.length === 1 ? probe.urls([record])[0] : 'one of them');
        });
        seen[title] = { all, one };
      }
      const order = /** @type {string[]} */ ([]);
      await kept.job.match(
        base,
        new Proxy(
          {},
          {
            get: (_, key) => {
              order.push(String(key));
            },
          },
        ),
      );
      const nothing = await probe.outcome(() => kept.job.match());
      return { seen, order, nothing };
    },
    queries,
    base,
  );
});
