// The permission, and the policy of the page.
import { scenario } from '../scenario.mjs';

/** @param {import('../stage.mjs').Context} context */
const permission = async ({ self, probe }) => {
  const { permissions } = self.navigator;
  const status = await permissions.query({ name: 'background-fetch' });
  const keys = [];
  for (const key in status) keys.push(key);
  /** @type {Record<string, string>} */
  const calls = {};
  for (const [title, code] of Object.entries({
    more: 'permissions.query({ name: "background-fetch", other: 1 }, 2)',
    inherited: 'permissions.query(Object.create({ name: "background-fetch" }))',
    function: 'permissions.query(Object.assign(() => {}, { }))',
    object: 'permissions.query({ name: { toString: () => "background-fetch" } })',
    capital: 'permissions.query({ name: "Background-Fetch" })',
    unknown: 'permissions.query({ name: "background-fetch " })',
    nothing: 'permissions.query()',
    null: 'permissions.query(null)',
    empty: 'permissions.query({})',
    string: 'permissions.query("background-fetch")',
    detached: '(0, permissions.query)({ name: "background-fetch" })',
    receiver: 'permissions.query.call({}, { name: "background-fetch" })',
    symbol: 'permissions.query({ name: Symbol() })',
    throwing: 'permissions.query({ get name() { throw new RangeError(); } })',
    once: '(() => { const log = []; return permissions.query({ get name() { log.push(1); return "background-fetch"; } }).then(() => log.length); })()',
    others: 'permissions.query({ name: "notifications" }).then(({ name }) => name)',
    sync: 'permissions.query({ name: "background-sync" }).then(({ name }) => name)',
  }))
    calls[title] = await probe.outcome(() =>
      self.Function('permissions', `return ${code}`)(permissions),
    );
  const handler = () => {};
  status.onchange = handler;
  return {
    kind: probe.describe(status),
    class: status instanceof self.PermissionStatus,
    target: status instanceof EventTarget,
    own: Object.getOwnPropertyNames(status),
    keys: keys.sort(),
    state: [status.state, status.name, status.onchange === handler],
    calls,
    fresh: status !== (await permissions.query({ name: 'background-fetch' })),
    write: [
      await probe.outcome(() =>
        self.Function('status', '"use strict"; status.state = "x"')(status),
      ),
      status.state,
    ],
    listen: await probe.outcome(() => status.addEventListener('change', handler)),
    length: permissions.query.length,
    name: permissions.query.name,
    getter: await probe.outcome(() =>
      Object.getOwnPropertyDescriptor(self.PermissionStatus.prototype, 'state')?.get?.call(status),
    ),
    own2: Object.getOwnPropertyNames(permissions),
    dispatched: status.dispatchEvent(new Event('change')),
  };
};

scenario('the permission', {}, async stage => ({
  page: await stage.inPage(permission),
  worker: await stage.inWorker(permission),
}));

scenario('a policy of the page', {}, async stage => {
  const { origin } = new URL(stage.worker.scope);
  return stage.inPage(
    async ({ self, probe, manager }, origin, own, other) => {
      const meta = document.createElement('meta');
      meta.httpEquiv = 'Content-Security-Policy';
      meta.content = `connect-src ${origin} ${new URL(location.href).searchParams.get('control')}`;
      document.head.append(meta);
      /** @type {string[]} */
      const violations = [];
      self.addEventListener(
        'securitypolicyviolation',
        (/** @type {SecurityPolicyViolationEvent} */ { effectiveDirective }) =>
          violations.push(effectiveDirective),
      );
      const [allowed, refused, mixed] = [
        await probe.outcome(() => manager.fetch('own', own)),
        await probe.outcome(() => manager.fetch('other', other)),
        await probe.outcome(() => manager.fetch('mixed', [own, other])),
      ];
      await probe.sleep(50);
      return { allowed, refused, mixed, violations: [...new Set(violations)] };
    },
    origin,
    stage.file('own', 10),
    stage.file('other', 10, { cors: '*' }, stage.other),
  );
});
