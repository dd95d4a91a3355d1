// The IDL: interfaces, attributes, operations, constructors.
import { scenario } from '../scenario.mjs';

const common = ['BackgroundFetchManager', 'BackgroundFetchRegistration', 'BackgroundFetchRecord'];
const events = ['BackgroundFetchEvent', 'BackgroundFetchUpdateUIEvent'];

/** Everything that reflection tells of an interface. @param {string[]} names */
function shapes(names) {
  const global = /** @type {Record<string, any>} */ (globalThis);
  /** @param {any} found */
  const member = found => found && {
    flags: [found.enumerable, found.configurable, found.writable ?? null],
    ...Object.fromEntries(['value', 'get', 'set'].filter(kind => typeof found[kind] === 'function').map(kind => {
      const code = found[kind];
      let constructs = true;
      try {
        Reflect.construct(Object, [], code);
      } catch {
        constructs = false;
      }
      return [kind, [code.name, code.length, constructs, Object.getPrototypeOf(code) === Function.prototype, Object.getOwnPropertyNames(code).sort().join()]];
    })),
    ...('value' in found && typeof found.value !== 'function' ? { value: String(found.value) } : {}),
  };
  return Object.fromEntries(names.map(name => {
    const Interface = global[name];
    if (!Interface) return [name, 'missing'];
    const { prototype } = Interface;
    return [name, {
      global: member(Object.getOwnPropertyDescriptor(global, name)),
      prototype: [Object.getOwnPropertyDescriptor(Interface, 'prototype')?.writable, String(prototype)],
      parent: [Object.getPrototypeOf(Interface).name, Object.getPrototypeOf(prototype) === Object.getPrototypeOf(Interface).prototype],
      statics: Object.getOwnPropertyNames(Interface).sort().join(),
      order: Object.keys(prototype).join(),
      members: Object.fromEntries([...Object.getOwnPropertyNames(prototype), Symbol.toStringTag].map(key => [String(key), member(Object.getOwnPropertyDescriptor(prototype, key))])),
    }];
  }));
}

scenario('the interfaces in a page', { register: false }, stage => stage.page.run(shapes, [...common, ...events]));

scenario('the interfaces in a service worker', {
  script: `harness.report('shapes', (${shapes})(${JSON.stringify([...common, ...events])}));`,
}, async ({ worker }) => ({ shapes: await worker.report('shapes') }));

scenario('the interfaces in a dedicated worker', { register: false }, stage => stage.inPage(({ self }, shapes, names, script) => new Promise(resolve => {
  const source = `${script ? `self.backgroundFetchPolyfill = { force: true }; importScripts(${JSON.stringify(script)});` : ''} postMessage((${shapes})(${names}));`;
  const worker = new self.Worker(URL.createObjectURL(new Blob([source])));
  worker.onmessage = (/** @type {MessageEvent} */ { data }) => resolve(data);
  worker.onerror = (/** @type {ErrorEvent} */ { message }) => resolve(message);
}), String(shapes), JSON.stringify([...common, ...events]), stage.native ? '' : stage.server.url('/dist/background-fetch.js')));

scenario('the extensions of other interfaces', {
  script: `
    const facts = {};
    for (const kind of ['success', 'fail', 'abort', 'click']) {
      const key = 'onbackgroundfetch' + kind;
      const owner = [self, ServiceWorkerGlobalScope.prototype].find(object => Object.hasOwn(object, key));
      const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(owner, key);
      const handler = () => {}, object = {};
      const seen = [];
      for (const value of [handler, object, 1, handler, 'x', handler, true, handler, undefined, handler, Symbol(), handler, null, class {}]) {
        self[key] = value;
        seen.push(self[key] === value ? 'kept' : probe.describe(self[key]));
      }
      self[key] = null;
      facts[kind] = { global: owner === self, get: [get.name, get.length], set: [set.name, set.length], enumerable, configurable, seen, inGlobal: key in self };
    }
    facts.odd = ['onbackgroundfetchfailure', 'onbackgroundfetched'].map(key => key in self);
    harness.report('facts', facts);
  `,
}, async stage => ({
  worker: await stage.worker.report('facts'),
  page: await stage.inPage(async ({ self, probe, registration }) => {
    const { prototype } = ServiceWorkerRegistration;
    const { get, set, enumerable, configurable } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(prototype, 'backgroundFetch'));
    /** @param {any} receiver */
    const on = receiver => probe.outcome(() => get?.call(receiver));
    return {
      get: [get?.name, get?.length, typeof set, enumerable, configurable],
      receivers: [await on(undefined), await on({}), await on(prototype), await on(Object.create(registration)), await on(registration)],
      same: registration.backgroundFetch === registration.backgroundFetch,
      again: (await navigator.serviceWorker.getRegistration())?.backgroundFetch === registration.backgroundFetch,
      set: await probe.outcome(() => self.Function('registration', '"use strict"; registration.backgroundFetch = 1')(registration)),
      handlers: 'onbackgroundfetchsuccess' in self,
      own: Object.getOwnPropertyNames(registration.backgroundFetch),
      text: String(registration.backgroundFetch),
      json: JSON.stringify(registration.backgroundFetch),
      clone: await probe.outcome(() => structuredClone(registration.backgroundFetch)),
    };
  }),
}));

/** @param {string[]} names */
const constructors = async names => {
  const { probe } = /** @type {any} */ (globalThis);
  /** @type {Record<string, string[]>} */
  const seen = {};
  for (const name of names) {
    const Interface = /** @type {any} */ (globalThis)[name];
    seen[name] = [
      await probe.outcome(() => new Interface()), await probe.outcome(() => Interface()), await probe.outcome(() => new Interface('x', {})),
      await probe.outcome(() => new (class extends Interface {})()), await probe.outcome(() => Reflect.construct(Object, [], Interface)),
      await probe.outcome(() => Reflect.construct(Interface, [], Object)), await probe.outcome(() => Interface.call({})),
    ];
  }
  return seen;
};

scenario('interfaces that are called', {}, async stage => ({
  page: await stage.page.run(constructors, common),
  worker: await stage.inWorker(({ self }, source, names) => self.eval(source)(names), `(${constructors})`, [...common, ...events]),
}));

scenario('members on receivers of another kind', {}, async stage => {
  const url = stage.file('brand', 10);
  return stage.inPage(async ({ self, probe, registration, manager }, url, names) => {
    const job = await manager.fetch('brand', url);
    /** @type {Record<string, string[]>} */
    const seen = {};
    await probe.settled(job);
    const receivers = [undefined, null, 1, {}, self, registration, Object.create(job), Object.create(manager), new EventTarget()];
    for (const name of names) {
      const { prototype } = self[name];
      for (const [key, { value, get, set }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
        if (key === 'constructor') continue;
        for (const [kind, code] of Object.entries({ value, get, set })) {
          if (typeof code !== 'function') continue;
          const outcomes = [];
          for (const receiver of [prototype, ...receivers]) outcomes.push(await probe.outcome(() => code.call(receiver, 'x', 'x')));
          seen[`${name} ${key} ${kind}`] = [...new Set(outcomes)];
        }
      }
    }
    return seen;
  }, url, common);
});

scenario('a registration as an object', {}, async stage => {
  const url = stage.file('object', 10);
  return stage.inPage(async ({ self, probe, manager }, url) => {
    const job = await manager.fetch('object', url, { downloadTotal: 100, title: 'T' });
    await probe.settled(job);
    const keys = [];
    for (const key in job) keys.push(key);
    /** @type {Record<string, string>} */
    const written = {};
    for (const key of Object.keys(probe.registration(job))) written[key] = await probe.outcome(() => self.Function('job', 'key', '"use strict"; job[key] = "other"')(job, key));
    job.expando = 1;
    /** @type {unknown[]} */
    const handlers = [];
    const handler = () => {};
    for (const value of [handler, {}, 1, handler, 'x', handler, undefined, handler, null]) {
      job.onprogress = value;
      handlers.push(job.onprogress === value ? 'kept' : probe.describe(job.onprogress));
    }
    return {
      keys: [...keys].sort(), order: keys.join(), written, handlers, expando: job.expando,
      own: Reflect.ownKeys(job).map(String), text: String(job), json: JSON.stringify(job),
      clone: await probe.outcome(() => structuredClone(job)), extensible: Object.isExtensible(job),
      instance: [job instanceof EventTarget, job.constructor === self.BackgroundFetchRegistration],
    };
  }, url);
});

scenario('BackgroundFetchEvent and its constructors', {
  script: `
    addEventListener('backgroundfetchsuccess', ({ registration: job }) => {
      const facts = async () => {
        const seen = {};
        for (const Interface of [BackgroundFetchEvent, BackgroundFetchUpdateUIEvent]) {
          const order = [];
          const init = new Proxy({ registration: job, cancelable: true, bubbles: 1, composed: 'x' }, { get: (target, key) => { order.push(String(key)); return target[key]; } });
          const made = new Interface('made', init);
          class Derived extends Interface { extra = 1; }
          const derived = new Derived({ toString: () => 'derived' }, { registration: job });
          const calls = {
            nothing: () => new Interface(), type: () => new Interface('x'), undefined: () => new Interface('x', undefined), null: () => new Interface('x', null),
            number: () => new Interface('x', 1), empty: () => new Interface('x', {}), noRegistration: () => new Interface('x', { registration: undefined }),
            nullRegistration: () => new Interface('x', { registration: null }), object: () => new Interface('x', { registration: {} }),
            derivedRegistration: () => new Interface('x', { registration: Object.create(job) }), symbol: () => new Interface(Symbol(), { registration: job }),
            function: () => new Interface('x', Object.assign(() => {}, { registration: job })), call: () => Interface('x', { registration: job }),
            event: () => new Interface('x', new Interface('y', { registration: job })), throwing: () => new Interface('x', { get registration() { throw new RangeError(); } }),
            both: () => new Interface({ toString() { throw new RangeError(); } }, 1), noType: () => new Interface(undefined, { registration: job }),
          };
          const outcomes = {};
          for (const [name, call] of Object.entries(calls)) outcomes[name] = await probe.outcome(call);
          let heard = [];
          const hear = async event => heard.push([event === made, await probe.outcome(() => event.waitUntil(Promise.resolve())), event.registration === job]);
          addEventListener('made', hear);
          const dispatched = dispatchEvent(made);
          const trusted = made.isTrusted;
          await probe.sleep(20);
          seen[Interface.name] = {
            made: probe.describeEvent(made), flags: [made.bubbles, made.cancelable, made.composed, made.type, made.registration === job, made.defaultPrevented],
            order, derived: [derived.type, derived.extra, derived.registration === job, String(derived), derived instanceof ExtendableEvent], outcomes, dispatched, heard, trusted,
            waitUntil: await probe.outcome(() => new Interface('x', { registration: job }).waitUntil(Promise.resolve())),
            waitUntilNothing: await probe.outcome(() => made.waitUntil()),
            updateUI: made.updateUI ? await probe.outcome(() => new Interface('x', { registration: job }).updateUI({ title: 'x' })) : 'none',
            write: await probe.outcome(() => { 'use strict'; made.registration = 1; }),
          };
        }
        harness.report('facts', seen);
      };
      facts().catch(error => harness.report('facts', String(error)));
    });
  `,
}, async stage => {
  await stage.inPage(async ({ manager }, url) => { await manager.fetch('made', url); }, stage.file('made', 10));
  return stage.worker.report('facts');
});
