// The permission "background-fetch", and the policies of page and worker.
import assert from 'node:assert/strict';
import { leftovers, load, outcomes } from './calls.mjs';
import { begin, file, settled } from './downloads.mjs';
import { scenario } from './support.mjs';

scenario('a permission that is denied refuses every fetch with NotAllowedError', { native: false }, async ({ page, server, name }) => {
  await load(page, { force: true, permission: 'denied' });
  const { url } = file(server, name, 10);
  assert.deepEqual(await outcomes(page, {
    fetch: 'manager.fetch("x", url)',
    'with bad input': 'manager.fetch("x", [])',
    get: 'manager.get("x").then(job => typeof job)',
  }, url), { fetch: 'NotAllowedError', 'with bad input': 'TypeError', get: 'undefined' });
  assert.equal(await leftovers(page), 0);
  assert.equal(await page.run(async () => (await navigator.permissions.query(/** @type {any} */ ({ name: 'background-fetch' }))).state), 'denied');
});

scenario('permissions.query knows the permission, and what it knew before', { register: false, native: false }, async ({ page }) => {
  const seen = await page.run(async () => {
    const { permissions } = navigator;
    /** @param {any} descriptor */
    const ask = descriptor => permissions.query(descriptor).then(
      (/** @type {any} */ status) => [String(status), status instanceof PermissionStatus, status.state, status.onchange],
      error => error.name,
    );
    const status = await permissions.query(/** @type {any} */ ({ name: 'background-fetch' }));
    return {
      known: await ask({ name: 'background-fetch' }),
      name: status.name ?? 'background-fetch',
      own: Object.keys(status),
      other: (await ask({ name: 'geolocation' }))[0],
      unknown: await ask({ name: 'no such thing' }),
      none: [await ask(undefined), await ask(1), await ask({})],
    };
  });
  assert.deepEqual(seen, {
    known: ['[object PermissionStatus]', true, 'granted', null], name: 'background-fetch', own: [],
    other: '[object PermissionStatus]', unknown: 'TypeError', none: ['TypeError', 'TypeError', 'TypeError'],
  });
});

scenario('permissions.query knows the permission in the worker, too', {
  native: false,
  script: "navigator.permissions?.query({ name: 'background-fetch' }).then(({ state }) => harness.report('state', state), ({ name }) => harness.report('state', name));",
}, async ({ worker }) => {
  assert.equal(await worker.report('state'), 'granted');
});

scenario('a policy in the page forbids what it forbids to the page itself', { native: false }, async ({ page, server, other, name }) => {
  const own = file(server, `${name}/a b`, 10).url;
  const foreign = file(other, name, 10, { cors: '*' }).url;
  const { port } = new URL(foreign);
  const policies = [
    "connect-src 'self'", "connect-src 'none'", "default-src 'self' 'unsafe-inline' 'unsafe-eval'", "default-src 'none'; connect-src *; script-src *",
    `connect-src ${new URL(foreign).origin}`, `connect-src 127.0.0.1:${port}`, 'connect-src 127.0.0.1:*', 'connect-src 127.0.0.1', 'connect-src http:',
    'connect-src https:', `connect-src http://*:${port}`, `connect-src ${new URL(own).origin}/bytes/`, `connect-src ${new URL(own).origin}/other`,
    `connect-src ${new URL(own).origin}/bytes/${name}/a%20b`, 'img-src *', 'connect-src', "CONNECT-SRC 'SELF'; connect-src *",
  ];
  for (const policy of policies) {
    await load(page, { force: true });
    const seen = await page.run(async (policy, urls) => {
      Object.assign(self, { origin: 'something of the application' });
      document.head.append(Object.assign(document.createElement('meta'), { httpEquiv: 'Content-Security-Policy', content: policy }));
      const { registration } = /** @type {any} */ (self);
      const seen = [];
      for (const url of urls) {
        const job = registration.backgroundFetch.fetch(`${policy} ${url}`, url).then(() => 'allowed', (/** @type {Error} */ { message }) => /Policy/.test(message) ? 'forbidden' : message);
        seen.push([await job, await fetch(url, { mode: 'no-cors' }).then(() => 'allowed', () => 'forbidden')]);
      }
      return seen;
    }, policy, [own, foreign]);
    assert.deepEqual(seen.map(([ours]) => ours), seen.map(([, theirs]) => theirs), policy);
  }
});

// WebKit tells no worker of a violation. What this one reports to the harness has to pass.
const policy = encodeURIComponent("connect-src 'self' http://127.0.0.1:*/report");

scenario('what the policy of the worker forbids ends in fetch-error', { native: false, engines: ['chromium', 'firefox'], query: `&csp=${policy}` }, async ({ page, server, other, name, expectProblem }) => {
  expectProblem(/policy|violates|blocked|load/i);
  await begin(page, 'forbidden', [file(other, name, 10, { cors: '*' }).url]);
  assert.equal((await settled(page)).failureReason, 'fetch-error');
  await begin(page, 'allowed', [file(server, name, 10).url]);
  assert.equal((await settled(page)).result, 'success');
  assert.deepEqual(other.log.of(name), []);
});
