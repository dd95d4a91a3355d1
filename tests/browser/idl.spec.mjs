// The shape of the API: https://wicg.github.io/background-fetch/#api as WebIDL makes JavaScript of it.
import assert from 'node:assert/strict';
import { begin, file } from './downloads.mjs';
import { scenario } from './support.mjs';

/**
 * What a script can find out about interfaces. Runs in pages and in workers.
 *
 * @param {string[]} names
 */
function shapes(names) {
  const global = /** @type {Record<string, any>} */ (self);
  // Not Object.prototype itself: a driver may run this in a realm beside the page's.
  const objectPrototype = Object.getPrototypeOf(EventTarget.prototype);
  const functionPrototype = Object.getPrototypeOf(EventTarget.prototype.addEventListener);
  return names.map(name => {
    const Interface = global[name];
    if (!Interface) return { name, missing: true };
    const own = Object.getOwnPropertyDescriptor(self, name);
    const descriptors = Object.getOwnPropertyDescriptors(Interface.prototype);
    const prototype = Object.getOwnPropertyDescriptor(Interface, 'prototype');
    /** @type {string[]} */
    const members = [];
    for (const [key, { value, get, set, enumerable, configurable, writable }] of Object.entries(descriptors)) {
      if (key === 'constructor') {
        members.push(`constructor ${value === Interface} ${enumerable}`);
      } else if (get) {
        members.push(`${enumerable && configurable ? '' : 'odd '}attribute ${get.name}/${get.length}${set ? ` ${set.name}/${set.length}` : ''}`);
      } else {
        let constructs = true;
        try {
          Reflect.construct(Object, [], value);
        } catch {
          constructs = false;
        }
        const odd = !enumerable || !configurable || !writable || constructs || Object.getPrototypeOf(value) !== functionPrototype;
        members.push(`${odd ? 'odd ' : ''}operation ${value.name}/${value.length}`);
      }
    }
    const tag = Object.getOwnPropertyDescriptor(Interface.prototype, Symbol.toStringTag);
    return {
      name: Interface.name,
      length: Interface.length,
      onGlobal: [own?.writable, own?.enumerable, own?.configurable],
      prototype: [prototype?.writable, prototype?.enumerable, prototype?.configurable],
      parent: Object.getPrototypeOf(Interface).name,
      parentPrototype: Object.getPrototypeOf(Interface.prototype) === (Object.getPrototypeOf(Interface).prototype ?? objectPrototype),
      tag: [tag?.value, tag?.writable, tag?.enumerable, tag?.configurable],
      shown: Object.prototype.toString.call(Interface.prototype),
      members: members.sort(),
    };
  });
}

/** @param {string} name @param {string} parent @param {number} length @param {string[]} members */
const shape = (name, parent, length, members) => ({
  name,
  length,
  onGlobal: [true, false, true],
  prototype: [false, false, false],
  parent,
  parentPrototype: true,
  tag: [name, false, false, true],
  shown: `[object ${name}]`,
  members: ['constructor true false', ...members].sort(),
});

const everywhere = [
  shape('BackgroundFetchManager', '', 0, ['operation fetch/2', 'operation get/1', 'operation getIds/0']),
  shape('BackgroundFetchRegistration', 'EventTarget', 0, [
    ...['id', 'uploadTotal', 'uploaded', 'downloadTotal', 'downloaded', 'result', 'failureReason', 'recordsAvailable']
      .map(name => `attribute get ${name}/0`),
    'attribute get onprogress/0 set onprogress/1',
    'operation abort/0', 'operation match/1', 'operation matchAll/0',
  ]),
  shape('BackgroundFetchRecord', '', 0, ['attribute get request/0', 'attribute get responseReady/0']),
];
const names = everywhere.map(({ name }) => name);

scenario('a page has the interfaces that the IDL exposes to it', { register: false }, async ({ page }) => {
  assert.deepEqual(await page.run(shapes, names), everywhere);
  assert.deepEqual(await page.run(shapes, ['BackgroundFetchEvent', 'BackgroundFetchUpdateUIEvent']), [
    { name: 'BackgroundFetchEvent', missing: true },
    { name: 'BackgroundFetchUpdateUIEvent', missing: true },
  ]);
});

scenario('a service worker has the events besides', {
  script: `harness.report('shapes', (${shapes})(${JSON.stringify([...names, 'BackgroundFetchEvent', 'BackgroundFetchUpdateUIEvent'])}));`,
}, async ({ worker, native }) => {
  // The native waitUntil() refuses events that a script dispatched, so ours have one of their own.
  const own = native ? [] : ['operation waitUntil/1'];
  assert.deepEqual(await worker.report('shapes'), [
    ...everywhere,
    shape('BackgroundFetchEvent', 'ExtendableEvent', 2, ['attribute get registration/0', ...own]),
    shape('BackgroundFetchUpdateUIEvent', 'BackgroundFetchEvent', 2, ['operation updateUI/0']),
  ]);
});

scenario('no constructor is to be had where none is declared', { register: false }, async ({ page }) => {
  const errors = await page.run(names => names.map(name => {
    const Interface = /** @type {any} */ (self)[name];
    /** @param {() => unknown} act */
    const outcome = act => {
      try {
        return String(act());
      } catch (error) {
        return /** @type {Error} */ (error).name;
      }
    };
    return [
      outcome(() => new Interface()),
      outcome(() => Interface()),
      outcome(() => new (class extends Interface {})()),
      outcome(() => Reflect.construct(Object, [], Interface)),
    ];
  }), names);
  // The last one only asks Object for something with that prototype.
  for (const [index, name] of names.entries()) {
    assert.deepEqual(errors[index], ['TypeError', 'TypeError', 'TypeError', `[object ${name}]`], name);
  }
});

scenario('a registration has one manager, which nobody can replace', {}, async ({ page }) => {
  const seen = await page.run(async () => {
    const { registration } = /** @type {any} */ (self);
    const { prototype } = ServiceWorkerRegistration;
    const { get, set, enumerable, configurable } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(prototype, 'backgroundFetch'));
    const errors = [];
    for (const receiver of [undefined, {}, prototype, Object.create(registration)]) {
      try {
        get?.call(receiver);
        errors.push('none');
      } catch (error) {
        errors.push(/** @type {Error} */ (error).name);
      }
    }
    const found = await navigator.serviceWorker.getRegistration();
    try {
      Function('registration', '"use strict"; registration.backgroundFetch = 1')(registration);
      errors.push('none');
    } catch (error) {
      errors.push(/** @type {Error} */ (error).name);
    }
    return {
      descriptor: [get?.name, get?.length, set, enumerable, configurable],
      errors,
      same: registration.backgroundFetch === registration.backgroundFetch && found?.backgroundFetch === registration.backgroundFetch,
      shown: String(registration.backgroundFetch),
      kind: registration.backgroundFetch instanceof /** @type {any} */ (self).BackgroundFetchManager,
      own: Object.getOwnPropertyNames(registration.backgroundFetch),
    };
  });
  assert.deepEqual(seen, {
    // An undefined setter is lost on its way through JSON.
    descriptor: ['get backgroundFetch', 0, null, true, true],
    errors: ['TypeError', 'TypeError', 'TypeError', 'TypeError', 'TypeError'],
    same: true,
    shown: '[object BackgroundFetchManager]',
    kind: true,
    own: [],
  });
});

scenario('members refuse receivers of another kind, operations by a rejection', {}, async fixture => {
  const { page, server, name } = fixture;
  await begin(page, 'brand', [file(server, name, 10).url]);
  const outcomes = await page.run(async names => {
    /** @type {string[]} */
    const outcomes = [];
    for (const name of names) {
      const { prototype } = /** @type {any} */ (self)[name];
      for (const [key, { value, get, set }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
        if (key === 'constructor') continue;
        for (const receiver of [undefined, {}, prototype, /** @type {any} */ (self).registration]) {
          if (value) {
            const answer = value.call(receiver, 'x', 'x').then(() => 'fulfilled', (/** @type {Error} */ error) => error.name);
            outcomes.push(`${key}: ${await answer}`);
          }
          for (const accessor of [get, set]) {
            if (!accessor) continue;
            try {
              /** @type {any} */
              const result = accessor.call(receiver, null);
              // An attribute that holds a promise rejects, too.
              outcomes.push(`${key}: ${result instanceof Promise ? await result.catch(error => error.name) : 'no error'}`);
            } catch (error) {
              outcomes.push(`${key}: ${key === 'responseReady' ? 'thrown ' : ''}${/** @type {Error} */ (error).name}`);
            }
          }
        }
      }
    }
    return outcomes;
  }, names);
  // A callable with a receiver of undefined is called on the global object, which is no such thing either.
  assert.deepEqual(outcomes.filter(outcome => !outcome.endsWith(': TypeError')), []);
  assert.equal(outcomes.length, (3 + 8 + 2 + 3 + 2) * 4);
});

scenario('a registration shows nothing but the attributes of the IDL', {}, async ({ page, server, name }) => {
  await begin(page, 'plain', [file(server, name, 10).url], { downloadTotal: 100 });
  const seen = await page.run(() => {
    const { job } = /** @type {any} */ (self);
    const copy = /** @type {Record<string, unknown>} */ ({});
    for (const key in job) copy[key] = typeof job[key];
    return { own: Reflect.ownKeys(job).filter(key => typeof key === 'string' || !String(key).includes('progress events')), copy, shown: String(job) };
  });
  assert.deepEqual(seen, {
    own: [],
    copy: {
      id: 'string', uploadTotal: 'number', uploaded: 'number', downloadTotal: 'number', downloaded: 'number',
      result: 'string', failureReason: 'string', recordsAvailable: 'boolean', onprogress: 'object',
      abort: 'function', match: 'function', matchAll: 'function',
      addEventListener: 'function', removeEventListener: 'function', dispatchEvent: 'function',
      // Newer engines have it on every event target.
      ...'when' in seen.copy ? { when: 'function' } : {},
    },
    shown: '[object BackgroundFetchRegistration]',
  });
});

scenario('nothing of ours can be cloned, in a page or in a worker', {
  script: `
    addEventListener('backgroundfetchsuccess', event => event.waitUntil((async () => {
      const { registration } = event;
      harness.report('refused', [event, registration, self.registration.backgroundFetch, (await registration.matchAll())[0]]
        .map(object => {
          try { return String(new MessageChannel().port1.postMessage(object)); } catch (error) { return [String(object), error.name]; }
        }));
    })()));
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'cloned', [file(server, name, 10, { gate: name }).url]);
  const refused = await page.run(async () => {
    const { job, registration } = /** @type {any} */ (self);
    const { port1 } = new MessageChannel();
    return [job, registration.backgroundFetch, (await job.matchAll())[0]].map(object => {
      try {
        return String(port1.postMessage(object));
      } catch (error) {
        return [String(object), /** @type {Error} */ (error).name];
      }
    });
  });
  server.release(name);
  const refusals = ['Registration', 'Manager', 'Record'].map(kind => [`[object BackgroundFetch${kind}]`, 'DataCloneError']);
  assert.deepEqual(refused, refusals);
  assert.deepEqual(await worker.report('refused'), [['[object BackgroundFetchUpdateUIEvent]', 'DataCloneError'], ...refusals]);
});

scenario('attributes without a setter stay as they are', {}, async ({ page, server, name }) => {
  await begin(page, 'constant', [file(server, name, 10).url], { downloadTotal: 100 });
  const seen = await page.run(async () => {
    const { job, harness } = /** @type {any} */ (self);
    const before = harness.snapshot(job);
    const errors = [];
    for (const key of Object.keys(before)) {
      job[key] = 'other'; // Sloppy code goes on as if nothing had happened.
      try {
        Function('job', 'key', '"use strict"; job[key] = "other"')(job, key);
      } catch (error) {
        errors.push(/** @type {Error} */ (error).name);
      }
    }
    const { id, downloadTotal } = job;
    return { errors, id, downloadTotal };
  });
  assert.deepEqual(seen, { errors: Array(8).fill('TypeError'), id: 'constant', downloadTotal: 100 });
});

scenario('the worker has four event handlers on its global object', {
  script: `
    harness.report('handlers', ['success', 'fail', 'abort', 'click'].map(kind => {
      const key = 'onbackgroundfetch' + kind;
      const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(self, key) ?? {};
      const initial = self[key];
      const errors = [];
      for (const receiver of [{}, new EventTarget()]) for (const accessor of [get, set]) {
        try { accessor.call(receiver, null); errors.push('none'); } catch (error) { errors.push(error.name); }
      }
      const handler = () => {};
      get.call(undefined);
      set.call(null, handler);
      const kept = get.call(undefined) === handler && self[key] === handler;
      const object = {};
      self[key] = object;
      const objects = self[key] === object;
      const others = [];
      for (const value of [1, 'x', true, undefined, Symbol(), null]) { self[key] = handler; self[key] = value; others.push(self[key]); }
      return { names: [get.name, set.name], enumerable, configurable, initial, errors, kept, objects, others };
    }));
  `,
}, async ({ worker }) => {
  const expected = ['success', 'fail', 'abort', 'click'].map(kind => ({
    names: [`get onbackgroundfetch${kind}`, `set onbackgroundfetch${kind}`],
    enumerable: true,
    configurable: true,
    initial: null,
    errors: ['TypeError', 'TypeError', 'TypeError', 'TypeError'],
    kept: true,
    objects: true,
    others: Array(6).fill(null),
  }));
  assert.deepEqual(await worker.report('handlers'), expected);
});

scenario('what is patched looks as it did', { register: false, native: false }, async ({ page }) => {
  /** Facts about functions that the polyfill replaces, from the page's realm and from one without it. */
  const facts = await page.run(async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    /** @param {any} realm */
    const look = realm => [
      ...['url', 'type', 'redirected', 'headers', 'clone'].map(key => ['Response', key]),
      ...['put', 'match', 'matchAll'].map(key => ['Cache', key]),
      ['CacheStorage', 'match'], ['Permissions', 'query'],
      ...['name', 'state', 'onchange'].filter(key => key in (realm.PermissionStatus?.prototype ?? {})).map(key => ['PermissionStatus', key]),
    ].filter(([name]) => realm[String(name)]).map(([name, key]) => {
      const descriptor = Object.getOwnPropertyDescriptor(realm[String(name)].prototype, String(key)) ?? {};
      const { value, get, enumerable, configurable, writable } = descriptor;
      const code = value ?? get;
      let receiver;
      try {
        const answer = code.call({});
        receiver = typeof answer?.catch === 'function' ? await0(answer) : 'no error';
      } catch (error) {
        receiver = /** @type {Error} */ (error).name;
      }
      return [name, key, code.name, code.length, enumerable, configurable, writable ?? null, 'prototype' in code, receiver];
    });
    /** Rejections are fine, whatever they are. @param {Promise<unknown>} promise */
    const await0 = promise => (promise.catch(() => {}), 'promise');
    return { ours: look(self), theirs: look(frame.contentWindow) };
  });
  assert.deepEqual(facts.ours, facts.theirs);
});
