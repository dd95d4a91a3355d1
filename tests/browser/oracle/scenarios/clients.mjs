// More than one page, workers' own calls, permissions, registrations that come and go.
import { begin, ended, reportEnds } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

/** @typedef {import('../stage.mjs').Stage} Stage */

/** Opens a second page, in a frame, with the probe. @param {Stage} stage */
const openFrame = stage => stage.inPage(async ({ self, kept }, source) => {
  const frame = document.createElement('iframe');
  frame.src = self.location.href;
  await new Promise(resolve => {
    frame.onload = resolve;
    document.body.append(frame);
  });
  kept.frame = frame.contentWindow;
  kept.frame.eval(source);
  kept.theirs = (await kept.frame.navigator.serviceWorker.getRegistration()).backgroundFetch;
}, stage.probeSource);

scenario('two pages', { script: reportEnds }, async stage => {
  await openFrame(stage);
  await begin(stage, 'two', [stage.held('held', 100_000)], { downloadTotal: 200_000 });
  const found = await stage.inPage(async ({ probe, kept }) => {
    kept.found = kept.frame.probe.watch(await kept.theirs.get('two'));
    const { downloaded: _, ...state } = probe.registration(kept.found);
    return { state, ids: await kept.theirs.getIds(), class: kept.found instanceof kept.frame.BackgroundFetchRegistration, same: kept.found === kept.job };
  });
  stage.release();
  const worker = await stage.worker.report('end');
  const page = await ended(stage);
  const frame = await stage.inPage(async ({ probe, kept }) => ({ settled: await probe.settled(kept.found), withdrawn: await probe.withdrawn(kept.found), progress: kept.frame.probe.progress(kept.found) }));
  return { found, worker, page, frame };
});

scenario('abort by another page', { script: reportEnds }, async stage => {
  await openFrame(stage);
  await begin(stage, 'two', [stage.held('held', 1000, { hold: 'head' })]);
  const aborted = await stage.inPage(async ({ probe, kept }) => {
    kept.found = await kept.theirs.get('two');
    return [await probe.outcome(() => kept.found.abort().then(String)), await probe.outcome(() => kept.job.abort())];
  });
  return { aborted, worker: await stage.worker.report('end'), page: await ended(stage), frame: await stage.inPage(async ({ probe, kept }) => probe.settled(kept.found)) };
});

scenario('fetch by a frame', {}, async stage => {
  await openFrame(stage);
  return stage.inPage(async ({ probe, manager, kept }, url) => {
    const outcome = await probe.outcome(() => kept.theirs.fetch('framed', url).then((/** @type {any} */ job) => (kept.job = job, job.id)));
    const ids = await manager.getIds();
    return { outcome, ids, abort: kept.job && await probe.outcome(() => kept.job.abort().then(String)), errors: await kept.theirs.fetch().catch((/** @type {any} */ error) => error instanceof kept.frame.TypeError) };
  }, stage.held('held', 1000, { hold: 'head' }));
});

scenario('the worker itself', {}, async stage => stage.inWorker(async ({ self, probe, registration, manager, kept }, url) => {
  const outcome = await probe.outcome(async () => { kept.job = await manager.fetch('own', url); });
  const errors = { empty: await probe.outcome(() => manager.fetch('own', [])), url: await probe.outcome(() => manager.fetch('own', 'http://:x')), few: await probe.outcome(() => manager.fetch('own')) };
  const seen = { outcome, errors, ids: await manager.getIds(), get: await probe.outcome(() => manager.get('own')), same: registration.backgroundFetch === manager, own: Object.hasOwn(self, 'BackgroundFetchManager') };
  await kept.job?.abort();
  return seen;
}, stage.held('held', 1000, { hold: 'head' })));

/** @param {import('../stage.mjs').Context} context */
const permission = async ({ self, probe }) => {
  const { permissions } = self.navigator;
  const status = await permissions.query({ name: 'background-fetch' });
  const keys = [];
  for (const key in status) keys.push(key);
  /** @type {Record<string, string>} */
  const calls = {};
  for (const [title, code] of Object.entries({
    more: 'permissions.query({ name: "background-fetch", other: 1 }, 2)', inherited: 'permissions.query(Object.create({ name: "background-fetch" }))', function: 'permissions.query(Object.assign(() => {}, { }))',
    object: 'permissions.query({ name: { toString: () => "background-fetch" } })', capital: 'permissions.query({ name: "Background-Fetch" })', unknown: 'permissions.query({ name: "background-fetch " })', nothing: 'permissions.query()',
    null: 'permissions.query(null)', empty: 'permissions.query({})', string: 'permissions.query("background-fetch")', detached: '(0, permissions.query)({ name: "background-fetch" })', receiver: 'permissions.query.call({}, { name: "background-fetch" })',
    symbol: 'permissions.query({ name: Symbol() })', throwing: 'permissions.query({ get name() { throw new RangeError(); } })', once: '(() => { const log = []; return permissions.query({ get name() { log.push(1); return "background-fetch"; } }).then(() => log.length); })()',
    others: 'permissions.query({ name: "notifications" }).then(({ name }) => name)', sync: 'permissions.query({ name: "background-sync" }).then(({ name }) => name)',
  })) calls[title] = await probe.outcome(() => self.Function('permissions', `return ${code}`)(permissions));
  const handler = () => {};
  status.onchange = handler;
  return {
    kind: probe.describe(status), class: status instanceof self.PermissionStatus, target: status instanceof EventTarget, own: Object.getOwnPropertyNames(status), keys: keys.sort(),
    state: [status.state, status.name, status.onchange === handler], calls, fresh: status !== await permissions.query({ name: 'background-fetch' }),
    write: [await probe.outcome(() => self.Function('status', '"use strict"; status.state = "x"')(status)), status.state],
    listen: await probe.outcome(() => status.addEventListener('change', handler)), length: permissions.query.length, name: permissions.query.name,
    getter: await probe.outcome(() => Object.getOwnPropertyDescriptor(self.PermissionStatus.prototype, 'state')?.get?.call(status)),
    own2: Object.getOwnPropertyNames(permissions), dispatched: status.dispatchEvent(new Event('change')),
  };
};
scenario('the permission', {}, async stage => ({ page: await stage.inPage(permission), worker: await stage.inWorker(permission) }));

scenario('no active worker', { register: false }, async stage => {
  // It is being installed while this goes on.
  const code = 'addEventListener("install", event => event.waitUntil(new Promise((_, reject) => { new BroadcastChannel("fail " + harness.scope).onmessage = reject; harness.report("installing"); })));';
  await stage.inPage(async ({ kept }, script) => { kept.registration = await navigator.serviceWorker.register(script); }, `sw.js?${stage.variant}&script=${encodeURIComponent(code)}`);
  await stage.worker.report('installing');
  return stage.inPage(async ({ probe, kept }, url) => {
    const { registration } = kept;
    const manager = registration.backgroundFetch;
    const seen = {
      fetch: await probe.outcome(() => manager.fetch('none', url), 2000), empty: await probe.outcome(() => manager.fetch('none', []), 2000), bad: await probe.outcome(() => manager.fetch('none', 'http://:x'), 2000),
      get: await probe.outcome(() => manager.get('none'), 2000), ids: await probe.outcome(() => manager.getIds(), 2000),
    };
    new BroadcastChannel(`fail ${registration.scope}`).postMessage('now');
    return seen;
  }, stage.file('none', 10));
});

scenario('unregistered', {}, async stage => {
  const seen = await stage.inPage(async ({ probe, registration, manager, kept }, held, url) => {
    kept.job = await manager.fetch('gone', held);
    const unregistered = await registration.unregister();
    // Until the last page has gone, the registration lives on.
    return {
      unregistered, ids: await probe.outcome(() => manager.getIds()), fetch: await probe.outcome(() => manager.fetch('more', url)), get: await probe.outcome(() => manager.get('nothing')),
      bad: await probe.outcome(() => manager.fetch('x', [])), abort: await probe.outcome(() => kept.job.abort()), state: probe.registration(kept.job),
    };
  }, stage.held('held', 1000, { hold: 'head' }), stage.file('more', 10));
  return seen;
});

scenario('unregistered and registered again', { script: reportEnds }, async stage => {
  await begin(stage, 'gone', [stage.held('held', 1000, { hold: 'head' })]);
  await stage.inPage(({ registration }) => registration.unregister());
  await stage.page.register(stage.script);
  const look = () => stage.inPage(async ({ probe, manager }) => ({ ids: await manager.getIds(), get: await probe.outcome(() => manager.get('gone')) }));
  const before = await look();
  stage.release();
  await stage.inPage(({ probe }) => probe.sleep(1000));
  return { before, after: await look(), events: stage.worker.events.map(({ type }) => type), first: await stage.inPage(async ({ probe, kept }) => probe.registration(kept.job)) };
});

scenario('two registrations', {}, async stage => {
  const urls = [stage.held('one', 1000, { hold: 'head' }), stage.held('two', 1000, { hold: 'head' })];
  return stage.inPage(async ({ probe, registration, manager }, urls) => {
    const other = /** @type {any} */ (await navigator.serviceWorker.register(registration.active.scriptURL, { scope: `${registration.scope}inner/` }));
    const worker = other.installing ?? other.active;
    await new Promise(resolve => {
      const look = () => worker.state === 'activated' && resolve(undefined);
      worker.addEventListener('statechange', look);
      look();
    });
    const jobs = [await manager.fetch('same', urls[0]), await other.backgroundFetch.fetch('same', urls[1])];
    const seen = {
      ids: [await manager.getIds(), await other.backgroundFetch.getIds()], different: [jobs[0] !== jobs[1], manager !== other.backgroundFetch],
      aborted: await jobs[0].abort(), left: [await manager.getIds(), await other.backgroundFetch.getIds()], second: await jobs[1].abort(),
    };
    await probe.settled(jobs[1]);
    await other.unregister();
    return seen;
  }, urls);
});

scenario('a policy of the page', {}, async stage => {
  const { origin } = new URL(stage.worker.scope);
  return stage.inPage(async ({ self, probe, manager }, origin, own, other) => {
    const meta = document.createElement('meta');
    meta.httpEquiv = 'Content-Security-Policy';
    meta.content = `connect-src ${origin} ${new URL(location.href).searchParams.get('control')}`;
    document.head.append(meta);
    /** @type {string[]} */
    const violations = [];
    self.addEventListener('securitypolicyviolation', (/** @type {SecurityPolicyViolationEvent} */ { effectiveDirective }) => violations.push(effectiveDirective));
    const [allowed, refused, mixed] = [await probe.outcome(() => manager.fetch('own', own)), await probe.outcome(() => manager.fetch('other', other)), await probe.outcome(() => manager.fetch('mixed', [own, other]))];
    await probe.sleep(50);
    return { allowed, refused, mixed, violations: [...new Set(violations)] };
  }, origin, stage.file('own', 10), stage.file('other', 10, { cors: '*' }, stage.other));
});

scenario('a worker that answers fetches', {
  script: `
    addEventListener('fetch', event => { if (event.request.url.includes('/bytes/')) { harness.report('asked', event.request.url); event.respondWith(new Response('from the worker')); } });
    ${reportEnds}
  `,
}, async stage => {
  await begin(stage, 'passing', [stage.file('file', 1000)]);
  return { worker: await stage.worker.report('end'), asked: stage.worker.reports.filter(({ name }) => name === 'asked').length, page: await ended(stage) };
});
