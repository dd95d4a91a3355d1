// In the service worker, before the polyfill: where the time of a download goes.

/** Puts `benchProfile()` on the worker: what there was since it was last called. */
export function profile() {
  /** What is counted once for as long as at least one is under way. */
  const makeSpan = () => ({ open: 0, since: 0, total: 0, count: 0, most: 0 });
  /** @typedef {ReturnType<typeof makeSpan>} Span */
  const enter = (/** @type {Span} */ span) => {
    if (span.open++ === 0) span.since = performance.now();
    span.count++;
    span.most = Math.max(span.most, span.open);
  };
  const leave = (/** @type {Span} */ span) => {
    if (--span.open === 0) span.total += performance.now() - span.since;
  };
  const makeCalls = () => ({ depth: 0, total: 0, count: 0, longest: 0 });
  /** @typedef {ReturnType<typeof makeCalls>} Calls */
  let wasm = makeCalls();
  let spans = { network: makeSpan(), heads: makeSpan(), store: makeSpan() };
  /** Time in these functions, wherever they are called from. @type {Record<string, Calls>} */
  let functions = {};
  let start = performance.now();

  /** @param {() => Calls} calls @param {Function} original */
  const timed = (calls, original) => /** @this {any} @param {any[]} parameters */ function (...parameters) {
    const now = calls();
    const begun = performance.now();
    now.depth++;
    try {
      return Reflect.apply(original, this, parameters);
    } finally {
      if (--now.depth === 0) {
        const took = performance.now() - begun;
        now.total += took;
        now.count++;
        now.longest = Math.max(now.longest, took);
      }
    }
  };
  /** @param {any} prototype @param {string} name */
  function measure(prototype, name) {
    prototype[name] = timed(() => (functions[name] ??= makeCalls()), prototype[name]);
  }
  /** @param {any} prototype @param {string} name @param {'network' | 'heads'} key */
  function await_(prototype, name, key) {
    const original = prototype[name];
    prototype[name] = /** @this {any} @param {any[]} parameters */ function (...parameters) {
      const span = spans[key];
      enter(span);
      const promise = Reflect.apply(original, this, parameters);
      promise.then(() => leave(span), () => leave(span));
      return promise;
    };
  }

  const { Instance } = WebAssembly;
  /** @type {any} */ (WebAssembly).Instance = function (/** @type {WebAssembly.Module} */ module, /** @type {any} */ imports) {
    const { exports } = new Instance(module, imports);
    const entries = Object.entries(exports).map(([name, value]) => [name, typeof value === 'function' ? timed(() => wasm, value) : value]);
    return { exports: Object.fromEntries(entries) };
  };
  await_(self, 'fetch', 'heads');
  await_(ReadableStreamDefaultReader.prototype, 'read', 'network');
  await_(Response.prototype, 'blob', 'network');
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (/** @type {any[]} */ ...parameters) {
    const begun = Reflect.apply(transaction, this, parameters);
    const span = spans.store;
    enter(span);
    for (const type of ['complete', 'abort']) begun.addEventListener(type, () => leave(span));
    return begun;
  };
  measure(IDBObjectStore.prototype, 'put');
  measure(IDBObjectStore.prototype, 'add');
  measure(IDBObjectStore.prototype, 'get');
  measure(BroadcastChannel.prototype, 'postMessage');
  for (const name of ['Request', 'Blob', 'ArrayBuffer']) {
    const Original = /** @type {any} */ (self)[name];
    /** @type {any} */ (self)[name] = new Proxy(Original, {
      construct(target, parameters, maker) {
        return timed(() => (functions[`new ${name}`] ??= makeCalls()), () => Reflect.construct(target, parameters, maker))();
      },
    });
  }

  /** @type {any} */ (self).benchProfile = () => {
    const seen = { elapsed: performance.now() - start, wasm, ...spans, functions };
    wasm = makeCalls();
    spans = { network: makeSpan(), heads: makeSpan(), store: makeSpan() };
    functions = {};
    start = performance.now();
    return seen;
  };
}
