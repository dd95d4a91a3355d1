// What fetch() makes of odd options, and which of several errors shows.
import { odd } from '../attempts.mjs';

odd('odd options', {
  undefined: 'manager.fetch(id, url, undefined)',
  null: 'manager.fetch(id, url, null)',
  number: 'manager.fetch(id, url, 1)',
  string: 'manager.fetch(id, url, "x")',
  boolean: 'manager.fetch(id, url, false)',
  symbol: 'manager.fetch(id, url, Symbol())',
  function: 'manager.fetch(id, url, Object.assign(() => {}, { downloadTotal: 100 }))',
  array: 'manager.fetch(id, url, [])',
  date: 'manager.fetch(id, url, new Date())',
  inherited: 'manager.fetch(id, url, Object.create({ downloadTotal: 100 }))',
  unknown: 'manager.fetch(id, url, { unknown: Symbol(), uploadTotal: 7 })',
  titleNumber: 'manager.fetch(id, url, { title: 1 })',
  titleSymbol: 'manager.fetch(id, url, { title: Symbol() })',
  titleSurrogate: 'manager.fetch(id, url, { title: "\\ud800" })',
  titleThrows: 'manager.fetch(id, url, { get title() { throw new RangeError(); } })',
  proxy:
    'manager.fetch(id, url, new Proxy({}, { get: (target, key) => { log.push(String(key)); }, has: (target, key) => { log.push("has " + String(key)); return false; }, ownKeys: () => { log.push("keys"); return []; } }))',
  iconsNull: 'manager.fetch(id, url, { icons: null })',
  iconsObject: 'manager.fetch(id, url, { icons: {} })',
  iconsString: 'manager.fetch(id, url, { icons: "x" })',
  iconsEmpty: 'manager.fetch(id, url, { icons: [] })',
  iconsSet: 'manager.fetch(id, url, { icons: new Set() })',
  iconNull: 'manager.fetch(id, url, { icons: [null] })',
  iconUndefined: 'manager.fetch(id, url, { icons: [undefined] })',
  iconString: 'manager.fetch(id, url, { icons: ["x"] })',
  iconBare: 'manager.fetch(id, url, { icons: [{}] })',
  iconSrcNull: 'manager.fetch(id, url, { icons: [{ src: null }] })',
  iconSrcSymbol: 'manager.fetch(id, url, { icons: [{ src: Symbol() }] })',
  iconData: 'manager.fetch(id, url, { icons: [{ src: "data:,x" }] })',
  iconGone:
    'manager.fetch(id, url, { icons: [{ src: "/nowhere.png", sizes: "1x1", type: "image/png", label: "x" }] })',
  iconSizes: 'manager.fetch(id, url, { icons: [{ src: "x", sizes: "any 1x1 nonsense" }] })',
  iconTypeSymbol: 'manager.fetch(id, url, { icons: [{ src: "x", type: Symbol() }] })',
  iconThrows: 'manager.fetch(id, url, { icons: [{ get src() { throw new RangeError(); } }] })',
  iconProxy:
    'manager.fetch(id, url, { icons: [new Proxy({}, { get: (target, key) => { log.push(String(key)); return key === "src" ? "x" : undefined; } })] })',
});

odd('odd totals', {
  undefined: 'manager.fetch(id, url, { downloadTotal: undefined })',
  null: 'manager.fetch(id, url, { downloadTotal: null })',
  NaN: 'manager.fetch(id, url, { downloadTotal: NaN })',
  infinity: 'manager.fetch(id, url, { downloadTotal: Infinity })',
  negative: 'manager.fetch(id, url, { downloadTotal: -1 })',
  minusZero: 'manager.fetch(id, url, { downloadTotal: -0 })',
  fraction: 'manager.fetch(id, url, { downloadTotal: 100.9 })',
  negativeFraction: 'manager.fetch(id, url, { downloadTotal: -0.9 })',
  string: 'manager.fetch(id, url, { downloadTotal: "100" })',
  hex: 'manager.fetch(id, url, { downloadTotal: " 0x40 " })',
  nonsense: 'manager.fetch(id, url, { downloadTotal: "many" })',
  object: 'manager.fetch(id, url, { downloadTotal: { valueOf: () => 100 } })',
  throwing: 'manager.fetch(id, url, { downloadTotal: { valueOf() { throw new RangeError(); } } })',
  true: 'manager.fetch(id, url, { downloadTotal: true })',
  list: 'manager.fetch(id, url, { downloadTotal: [100] })',
  bigint: 'manager.fetch(id, url, { downloadTotal: 100n })',
  symbol: 'manager.fetch(id, url, { downloadTotal: Symbol() })',
  small: 'manager.fetch(id, url, { downloadTotal: 2 ** 31 })',
  large: 'manager.fetch(id, url, { downloadTotal: 2 ** 53 })',
  larger: 'manager.fetch(id, url, { downloadTotal: 2 ** 63 })',
  largest: 'manager.fetch(id, url, { downloadTotal: 2 ** 64 - 2048 })',
  wrapped: 'manager.fetch(id, url, { downloadTotal: 2 ** 64 })',
  wrappedMore: 'manager.fetch(id, url, { downloadTotal: 2 ** 64 + 4096 })',
  tooSmall: 'manager.fetch(id, url, { downloadTotal: 9 })',
  exact: 'manager.fetch(id, url, { downloadTotal: 10 })',
});

odd('one error after the other', {
  idFirst: 'manager.fetch(Symbol(), { get [Symbol.iterator]() { throw new RangeError(); } })',
  requestsBeforeOptions:
    'manager.fetch(id, { get [Symbol.iterator]() { throw new RangeError(); } }, 1)',
  optionsBeforeEmptyList: 'manager.fetch(id, [], { get title() { throw new RangeError(); } })',
  optionsBeforeBadUrl:
    'manager.fetch(id, "http://:x", { get title() { throw new RangeError(); } })',
  iconsBeforeTitle:
    'manager.fetch(id, url, { get icons() { throw new RangeError(); }, get title() { throw new SyntaxError(); } })',
  uiBeforeTotal:
    'manager.fetch(id, url, { get title() { throw new RangeError(); }, get downloadTotal() { throw new SyntaxError(); } })',
  badUrlBeforeQuota: 'manager.fetch(id, "http://:x", { downloadTotal: 2 ** 53 })',
  schemeBeforeQuota: 'manager.fetch(id, "data:,x", { downloadTotal: 2 ** 53 })',
  noCorsBeforeQuota:
    'manager.fetch(id, new Request(url, { mode: "no-cors" }), { downloadTotal: 2 ** 53 })',
  duplicateAndQuota:
    '(async () => { const first = await manager.fetch(id, url + "&gate=" + encodeURIComponent(id + url) + "&hold=head"); log.push(await probe.outcome(() => manager.fetch(id, url, { downloadTotal: 2 ** 53 }))); log.push(await probe.outcome(() => manager.fetch(id, url))); log.push(await probe.outcome(() => manager.fetch(id, "http://:x", { get title() { throw new RangeError(); } }))); await first.abort(); })()',
  order: `manager.fetch({ toString() { log.push("id"); return "order"; } }, { get [Symbol.iterator]() { log.push("iterator"); return function* () { yield { toString() { log.push("request"); return url; } }; }; } }, {
    get title() { log.push("title"); return { toString() { log.push("title string"); return ""; } }; },
    get downloadTotal() { log.push("downloadTotal"); return { valueOf() { log.push("downloadTotal number"); return 0; } }; },
    get icons() { log.push("icons"); return [{ get type() { log.push("type"); }, get src() { log.push("src"); return "x"; }, get sizes() { log.push("sizes"); }, get label() { log.push("label"); } }]; },
  })`,
});
