// The IDL: interfaces, attributes and operations.
import { scenario } from '../scenario.mjs';

const common = ['BackgroundFetchManager', 'BackgroundFetchRegistration', 'BackgroundFetchRecord'];
const events = ['BackgroundFetchEvent', 'BackgroundFetchUpdateUIEvent'];

/** Everything that reflection tells of an interface. @param {string[]} names */
function shapes(names) {
  const global = /** @type {Record<string, any>} */ (globalThis);
  /** @param {any} found */
  const member = found =>
    found && {
      flags: [found.enumerable, found.configurable, found.writable ?? null],
      ...Object.fromEntries(
        ['value', 'get', 'set']
          .filter(kind => typeof found[kind] === 'function')
          .map(kind => {
            const code = found[kind];
            let constructs = true;
            try {
              Reflect.construct(Object, [], code);
            } catch {
              constructs = false;
            }
            return [
              kind,
              [
                code.name,
                code.length,
                constructs,
                Object.getPrototypeOf(code) === Function.prototype,
                Object.getOwnPropertyNames(code).sort().join(),
              ],
            ];
          }),
      ),
      ...('value' in found && typeof found.value !== 'function'
        ? { value: String(found.value) }
        : {}),
    };
  return Object.fromEntries(
    names.map(name => {
      const Interface = global[name];
      if (!Interface) return [name, 'missing'];
      const { prototype } = Interface;
      return [
        name,
        {
          global: member(Object.getOwnPropertyDescriptor(global, name)),
          prototype: [
            Object.getOwnPropertyDescriptor(Interface, 'prototype')?.writable,
            String(prototype),
          ],
          parent: [
            Object.getPrototypeOf(Interface).name,
            Object.getPrototypeOf(prototype) === Object.getPrototypeOf(Interface).prototype,
          ],
          statics: Object.getOwnPropertyNames(Interface).sort().join(),
          order: Object.keys(prototype).join(),
          members: Object.fromEntries(
            [...Object.getOwnPropertyNames(prototype), Symbol.toStringTag].map(key => [
              String(key),
              member(Object.getOwnPropertyDescriptor(prototype, key)),
            ]),
          ),
        },
      ];
    }),
  );
}

scenario('the interfaces in a page', { register: false }, stage =>
  stage.page.run(shapes, [...common, ...events]),
);

scenario(
  'the interfaces in a service worker',
  {
    script: `harness.report('shapes', (${shapes})(${JSON.stringify([...common, ...events])}));`,
  },
  async ({ worker }) => ({ shapes: await worker.report('shapes') }),
);

scenario('the interfaces in a dedicated worker', { register: false }, stage =>
  stage.inPage(
    ({ self }, shapes, names, script) =>
      new Promise(resolve => {
        const source = `${script ? `self.backgroundFetchPolyfill = { force: true }; importScripts(${JSON.stringify(script)});` : ''} postMessage((${shapes})(${names}));`;
        const worker = new self.Worker(URL.createObjectURL(new Blob([source])));
        worker.onmessage = (/** @type {MessageEvent} */ { data }) => resolve(data);
        worker.onerror = (/** @type {ErrorEvent} */ { message }) => resolve(message);
      }),
    String(shapes),
    JSON.stringify([...common, ...events]),
    stage.native ? '' : stage.server.url('/dist/background-fetch.js'),
  ),
);

scenario(
  'the extensions of other interfaces',
  {
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
  },
  async stage => ({
    worker: await stage.worker.report('facts'),
    page: await stage.inPage(async ({ self, probe, registration }) => {
      const { prototype } = ServiceWorkerRegistration;
      const { get, set, enumerable, configurable } = /** @type {PropertyDescriptor} */ (
        Object.getOwnPropertyDescriptor(prototype, 'backgroundFetch')
      );
      /** @param {any} receiver */
      const on = receiver => probe.outcome(() => get?.call(receiver));
      return {
        get: [get?.name, get?.length, typeof set, enumerable, configurable],
        receivers: [
          await on(undefined),
          await on({}),
          await on(prototype),
          await on(Object.create(registration)),
          await on(registration),
        ],
        same: registration.backgroundFetch === registration.backgroundFetch,
        again:
          (await navigator.serviceWorker.getRegistration())?.backgroundFetch
          === registration.backgroundFetch,
        set: await probe.outcome(() =>
          self.Function(
            'registration',
            '"use strict"; registration.backgroundFetch = 1',
          )(registration),
        ),
        handlers: 'onbackgroundfetchsuccess' in self,
        own: Object.getOwnPropertyNames(registration.backgroundFetch),
        text: String(registration.backgroundFetch),
        json: JSON.stringify(registration.backgroundFetch),
        clone: await probe.outcome(() => structuredClone(registration.backgroundFetch)),
      };
    }),
  }),
);
