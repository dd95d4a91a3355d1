// Pausing, for applications that set the option `pause`: connections go at once, what has arrived stays, and
// it goes on from there, whoever was stopped in between. And "retry now".
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Control } from './control.mjs';
import { begin, file, reportRecords, settled, starts, stored, whole } from './downloads.mjs';
import { launch } from './drivers/index.mjs';
import { remove, temporary } from './drivers/processes.mjs';
import { Page } from './page.mjs';
import { readRows } from './rows.mjs';
import { session } from './session.mjs';
import { scenario } from './support.mjs';

const MiB = 1 << 20;
const pausing = { plain: true, native: false, options: { pause: true }, script: reportRecords };

/** @typedef {import('./support.mjs').Fixture} Fixture */

/** A file of which each answer stops after so many bytes, until the gate is opened. @param {Fixture} fixture @param {number} [hold] */
const held = ({ server, name }, hold = 3 * MiB) => file(server, name, 6 * MiB, { gate: name, hold });

/** Pauses, or lets go on, and resolves with what the page's registration then shows. @param {Page} page @param {'pause' | 'resume'} verb */
const turn = (page, verb) => page.run(async verb => {
  const { registration, job } = /** @type {any} */ (self);
  const found = job ?? await registration.backgroundFetch.get((await registration.backgroundFetch.getIds())[0]);
  await found[verb]();
  return { paused: found.paused, downloaded: found.downloaded };
}, verb);

/** What a call is refused with. @param {Page} page @param {'pause' | 'resume'} verb */
const refused = (page, verb) => page.run(async verb => {
  const { job } = /** @type {any} */ (self);
  return job[verb]().then(() => 'not refused', (/** @type {Error} */ { name, message }) => `${name}: ${message}`);
}, verb);

scenario('a pause drops the connections at once, and what is resumed goes on where it was', pausing, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  await begin(page, 'paused', [wanted.url]);
  await stored(page, 2 * MiB);
  assert.equal((await turn(page, 'pause')).paused, true);
  // The server waits for its gate: only the client can have closed them.
  await server.log.until(log => log.of(name).every(({ closed }) => closed));
  const { downloaded } = await turn(page, 'pause');
  const asked = starts(fixture).length;
  server.release(name);
  // Whoever asks the worker something twice has given it the time to send a request.
  await turn(page, 'pause');
  assert.equal(starts(fixture).length, asked, 'nothing is asked for while it is paused');
  assert.equal((await turn(page, 'resume')).paused, false);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  const after = starts(fixture).slice(asked);
  assert.ok(after.length > 0 && after.every(first => first >= downloaded), `${after} after ${downloaded} were stored`);
});

scenario('pages and the worker are told of a pause, and whoever comes later sees it', { ...pausing, script: `${reportRecords}
  const words = new BroadcastChannel('words ' + harness.scope);
  words.onmessage = async ({ data }) => {
    const job = await registration.backgroundFetch.get('told');
    if (data === 'resume') await job.resume();
    harness.report('seen', job.paused);
  };
` }, async fixture => {
  const { page, worker, server, name } = fixture;
  const wanted = held(fixture);
  const { id } = await begin(page, 'told', [wanted.url]);
  const say = (/** @type {string} */ word) => page.run(word => new BroadcastChannel(`words ${new URL('./', location.href).href}`).postMessage(word), word);
  await page.run(() => {
    const { job } = /** @type {any} */ (self);
    const heard = /** @type {any} */ (self).heard = /** @type {unknown[]} */ ([]);
    for (const type of ['pause', 'resume']) job.addEventListener(type, () => heard.push([type, job.paused]));
  });
  await turn(page, 'pause');
  await say('look');
  assert.equal(await worker.report('seen'), true);
  await page.reload();
  assert.equal(await page.run(async id => {
    const registration = /** @type {any} */ (self).registration = /** @type {any} */ (await navigator.serviceWorker.getRegistration());
    const job = /** @type {any} */ (self).job = await registration.backgroundFetch.get(id);
    /** @type {any} */ (self).resumed = new Promise(resolve => job.addEventListener('resume', () => resolve(job.paused)));
    return job.paused;
  }, id), true);
  await say('resume');
  assert.equal(await worker.report('seen', 1), false);
  assert.equal(await page.run(() => /** @type {any} */ (self).resumed), false);
  server.release(name);
  assert.deepEqual(await worker.report('records'), whole([wanted]));
});

scenario('a page hears each turn once, before the promise is kept, and none for what changes nothing', pausing, async fixture => {
  const { page, server, name } = fixture;
  // Short of every window, however the turns cut them: else it might end between two.
  await begin(page, 'turns', [held(fixture, 65_536).url]);
  const heard = await page.run(async () => {
    const { harness, job } = /** @type {any} */ (self);
    /** @type {string[]} */
    const heard = [];
    for (const type of ['pause', 'resume']) job.addEventListener(type, () => heard.push(`${type} ${job.paused}`));
    for (const verb of ['pause', 'pause', 'resume', 'resume', 'pause']) {
      await job[verb]();
      heard.push(`${verb}()`);
    }
    await job.abort();
    await harness.settled(job);
    heard.push(`aborted ${job.paused}`);
    return heard;
  });
  assert.deepEqual(heard, ['pause true', 'pause()', 'pause()', 'resume false', 'resume()', 'resume()', 'pause true', 'pause()', 'aborted false']);
  server.release(name);
});

scenario('what is not all GET cannot be paused, nor what has ended, and both say so', pausing, async fixture => {
  const { page, server, name } = fixture;
  await begin(page, 'mixed', [held(fixture).url, { url: server.url(`/echo?${name}`), method: 'POST', body: 'once' }]);
  assert.match(await refused(page, 'pause'), /^InvalidStateError: Only a background fetch whose requests are all GET can be paused/);
  assert.equal(await refused(page, 'resume'), 'not refused');
  server.release(name);
  assert.equal((await settled(page)).result, 'success');
  assert.equal(await refused(page, 'pause'), 'InvalidStateError: This background fetch has ended.');
  assert.equal(await refused(page, 'resume'), 'InvalidStateError: This background fetch has ended.');
});

scenario('without the option nothing of it is there', { native: false, script: `
  harness.report('members', ['pause', 'resume', 'paused'].filter(name => name in BackgroundFetchRegistration.prototype));
` }, async ({ page, worker }) => {
  const members = await page.run(() => ['pause', 'resume', 'paused'].filter(name => name in /** @type {any} */ (self).BackgroundFetchRegistration.prototype));
  assert.deepEqual([members, await worker.report('members')], [[], []]);
});

scenario('with the option they are like other members', { ...pausing, register: false }, async ({ page }) => {
  const shown = await page.run(async () => {
    const { prototype } = /** @type {any} */ (self).BackgroundFetchRegistration;
    const outcome = await prototype.pause.call({}).catch((/** @type {Error} */ { name }) => name);
    const members = Object.entries(Object.getOwnPropertyDescriptors(prototype)).filter(([name]) => /pause|resume/.test(name));
    return [outcome, ...members.map(([name, { enumerable, get, value }]) => `${name} ${enumerable} ${get ? 'attribute' : value.length}`)];
  });
  assert.deepEqual(shown, ['TypeError', 'paused true attribute', 'pause true 0', 'resume true 0']);
});

scenario('a pause outlives the worker', { ...pausing, plain: false, seconds: 90 }, async fixture => {
  const { page, worker, server, name, stopWorker } = fixture;
  const wanted = held(fixture);
  await begin(page, 'stopped', [wanted.url]);
  await stored(page, 2 * MiB);
  const { downloaded } = await turn(page, 'pause');
  const asked = starts(fixture).length;
  await stopWorker();
  server.release(name);
  await page.reload();
  await page.run(async () => {
    const registration = /** @type {any} */ (self).registration = /** @type {any} */ (await navigator.serviceWorker.getRegistration());
    const job = /** @type {any} */ (self).job = await registration.backgroundFetch.get('stopped');
    // The engine is up, and has had its turn.
    await job.pause();
  });
  assert.equal(starts(fixture).length, asked);
  await turn(page, 'resume');
  assert.deepEqual(await worker.report('records'), whole([wanted]));
  assert.ok(starts(fixture).slice(asked).every(first => first >= downloaded));
});

const killed = 'a pause outlives the browser';
const { engine, plain, native, grep } = session.options;
if (!plain && !native && (!grep || grep.test(killed))) {
  session.enlist();
  test(killed, { timeout: 120_000 }, async () => {
    const profile = temporary(`pause-${engine}`);
    const name = `killed-${Math.random().toString(36).slice(2)}`;
    const { server } = session;
    const wanted = file(server, name, 6 * MiB, { gate: name, hold: 3 * MiB });
    const scope = server.url(`/t/${name}/`);
    const visit = async () => {
      const control = await new Control().start();
      const query = `plain&control=${encodeURIComponent(control.origin)}&options=${encodeURIComponent('{"pause":true}')}`;
      const browser = await launch(engine, { profile, plain: { control, url: server.url(`/t/elsewhere/?${query}&native`) } });
      const page = new Page(browser, `${scope}?${query}`, 60);
      await page.open();
      await page.register(`sw.js?options=${encodeURIComponent('{"pause":true}')}`);
      return { control, browser, page };
    };
    const first = await visit();
    let second = first;
    try {
      await begin(first.page, 'killed', [wanted.url]);
      await stored(first.page, 2 * MiB);
      await turn(first.page, 'pause');
      const [before] = (await first.page.run(readRows, scope)).records;
      await first.browser.kill();
      const asked = server.log.of(name).length;
      server.release(name);
      second = await visit();
      assert.deepEqual((await second.page.run(readRows, scope)).records.map(({ stored }) => stored), [before?.stored]);
      assert.equal((await turn(second.page, 'pause')).paused, true);
      assert.equal(server.log.of(name).length, asked, 'nothing is asked for');
      const ended = second.page.run(async () => {
        const { harness, registration } = /** @type {any} */ (self);
        const job = await registration.backgroundFetch.get('killed');
        const ended = harness.settled(job);
        await job.resume();
        return ended;
      });
      const { result, downloaded } = await ended;
      assert.deepEqual({ result, downloaded }, { result: 'success', downloaded: wanted.size });
      const from = server.log.of(name).slice(asked).map(({ headers }) => Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0));
      assert.ok(from.every(first => first >= (before?.stored ?? 0)), `${from} after ${before?.stored} were stored`);
    } finally {
      await second.browser.close();
      for (const { control } of [first, second]) control.close();
      remove(profile);
    }
  });
}
