// Constructors, receivers, and what kind of objects there are.
import { scenario } from '../scenario.mjs';

const common = ['BackgroundFetchManager', 'BackgroundFetchRegistration', 'BackgroundFetchRecord'];
const events = ['BackgroundFetchEvent', 'BackgroundFetchUpdateUIEvent'];

/** @param {string[]} names */
const constructors = async names => {
  const { probe } = /** @type {any} */ (globalThis);
  /** @type {Record<string, string[]>} */
  const seen = {};
  for (const name of names) {
    const Interface = /** @type {any} */ (globalThis)[name];
    seen[name] = [
      await probe.outcome(() => new Interface()),
      await probe.outcome(() => Interface()),
      await probe.outcome(() => new Interface('x', {})),
      await probe.outcome(() => new (class extends Interface {})()),
      await probe.outcome(() => Reflect.construct(Object, [], Interface)),
      await probe.outcome(() => Reflect.construct(Interface, [], Object)),
      await probe.outcome(() => Interface.call({})),
    ];
  }
  return seen;
};

scenario('interfaces that are called', {}, async stage => ({
  page: await stage.page.run(constructors, common),
  worker: await stage.inWorker(
    ({ self }, source, names) => self.eval(source)(names),
    `(${constructors})`,
    [...common, ...events],
  ),
}));

scenario('members on receivers of another kind', {}, async stage => {
  const url = stage.file('brand', 10);
  return stage.inPage(
    async ({ self, probe, registration, manager }, url, names) => {
      const job = await manager.fetch('brand', url);
      /** @type {Record<string, string[]>} */
      const seen = {};
      await probe.settled(job);
      const receivers = [
        undefined,
        null,
        1,
        {},
        self,
        registration,
        Object.create(job),
        Object.create(manager),
        new EventTarget(),
      ];
      for (const name of names) {
        const { prototype } = self[name];
        for (const [key, { value, get, set }] of Object.entries(
          Object.getOwnPropertyDescriptors(prototype),
        )) {
          if (key === 'constructor') continue;
          for (const [kind, code] of Object.entries({ value, get, set })) {
            if (typeof code !== 'function') continue;
            const outcomes = [];
            for (const receiver of [prototype, ...receivers])
              outcomes.push(await probe.outcome(() => code.call(receiver, 'x', 'x')));
            seen[`${name} ${key} ${kind}`] = [...new Set(outcomes)];
          }
        }
      }
      return seen;
    },
    url,
    common,
  );
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
    for (const key of Object.keys(probe.registration(job)))
      written[key] = await probe.outcome(() =>
        self.Function('job', 'key', '"use strict"; job[key] = "other"')(job, key),
      );
    job.expando = 1;
    /** @type {unknown[]} */
    const handlers = [];
    const handler = () => {};
    for (const value of [handler, {}, 1, handler, 'x', handler, undefined, handler, null]) {
      job.onprogress = value;
      handlers.push(job.onprogress === value ? 'kept' : probe.describe(job.onprogress));
    }
    return {
      keys: [...keys].sort(),
      order: keys.join(),
      written,
      handlers,
      expando: job.expando,
      own: Reflect.ownKeys(job).map(String),
      text: String(job),
      json: JSON.stringify(job),
      clone: await probe.outcome(() => structuredClone(job)),
      extensible: Object.isExtensible(job),
      instance: [job instanceof EventTarget, job.constructor === self.BackgroundFetchRegistration],
    };
  }, url);
});

scenario(
  'BackgroundFetchEvent and its constructors',
  {
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
  },
  async stage => {
    await stage.inPage(
      async ({ manager }, url) => {
        await manager.fetch('made', url);
      },
      stage.file('made', 10),
    );
    return stage.worker.report('facts');
  },
);
