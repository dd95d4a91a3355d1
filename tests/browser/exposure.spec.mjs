// Where the interfaces are besides pages: in service workers, with their events, and in other workers.
import assert from 'node:assert/strict';
import { begin, file } from './downloads.mjs';
import { scenario } from './support.mjs';

scenario('members of the events refuse receivers of another kind, operations by a rejection', {
  script: `
    addEventListener('backgroundfetchsuccess', event => event.waitUntil((async () => {
      const outcomes = [];
      const tell = (key, act) => {
        try {
          const result = act();
          return Promise.resolve(result).then(() => outcomes.push(key + ': none'), error => outcomes.push(key + ': rejected ' + error.name));
        } catch (error) { outcomes.push(key + ': thrown ' + error.name); }
      };
      const { get } = Object.getOwnPropertyDescriptor(BackgroundFetchEvent.prototype, 'registration');
      const { updateUI } = BackgroundFetchUpdateUIEvent.prototype;
      for (const receiver of [undefined, {}, self, BackgroundFetchEvent.prototype, BackgroundFetchUpdateUIEvent.prototype, new ExtendableEvent('x'), Object.create(event)]) {
        await tell('registration', () => get.call(receiver));
        await tell('updateUI', () => updateUI.call(receiver));
      }
      const made = new BackgroundFetchEvent('x', { registration: event.registration });
      await tell('updateUI of the other kind', () => updateUI.call(made));
      await tell('a getter only', () => { 'use strict'; event.registration = 1; });
      harness.report('outcomes', outcomes);
    })()));
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'brands', [file(server, name, 10).url]);
  const outcomes = await worker.report('outcomes');
  assert.deepEqual(outcomes, [
    ...Array(7).fill(['registration: thrown TypeError', 'updateUI: rejected TypeError']).flat(),
    'updateUI of the other kind: rejected TypeError', 'a getter only: thrown TypeError',
  ]);
});

scenario('an event can be made and dispatched by anybody, and is an ordinary one then', {
  native: false,
  script: `
    const seen = [];
    addEventListener('backgroundfetchsuccess', event => {
      if (event.cancelable) return seen.push('made ' + event.registration.id + ' ' + event.isTrusted);
      onbackgroundfetchabort = () => false;
      const made = kind => new BackgroundFetchUpdateUIEvent('backgroundfetch' + kind, { registration: event.registration, cancelable: true, bubbles: true });
      seen.push(dispatchEvent(made('success')));
      // A handler that returns false has refused what would follow.
      seen.push(dispatchEvent(made('abort')));
      onbackgroundfetchabort = () => 0;
      seen.push(dispatchEvent(made('abort')));
      onbackgroundfetchabort = null;
      harness.report('seen', seen);
    });
  `,
}, async ({ page, server, name, worker }) => {
  await begin(page, 'made', [file(server, name, 10).url]);
  assert.deepEqual(await worker.report('seen'), ['made made false', true, false, true]);
});

for (const kind of /** @type {const} */ (['Worker', 'SharedWorker'])) {
  // Chromium's other workers have no registrations.
  scenario(`a ${kind} starts a background fetch and follows it`, { native: false, engines: ['firefox', 'webkit'] }, async ({ page, server, name, worker }) => {
    const { url, sum } = file(server, name, 300_000, { gate: name, hold: 100_000 });
    await page.run(async (kind, url, scope) => {
      // A script of its own: to WebKit, workers of blobs are on another origin.
      const script = `sw.js?without&script=${encodeURIComponent(`
        importScripts('${location.origin}/dist/background-fetch.js');
        const say = message => self.postMessage ? postMessage(message) : port.postMessage(message);
        let port;
        async function start() {
          const registration = await navigator.serviceWorker.getRegistration('${scope}');
          const job = await registration.backgroundFetch.fetch('from a worker', '${url}');
          const [record] = await job.matchAll();
          say({ id: job.id, url: record.request.url, ids: await registration.backgroundFetch.getIds() });
          const response = await record.responseReady;
          const bytes = await response.arrayBuffer();
          while (!job.result) await new Promise(resolve => job.addEventListener('progress', resolve, { once: true }));
          say({ status: response.status, bytes, result: job.result, downloaded: job.downloaded });
        }
        const report = () => start().catch(error => say({ error: String(error) }));
        if (self.postMessage) report(); else onconnect = ({ ports }) => { [port] = ports; report(); };
      `)}`;
      const realm = kind === 'Worker' ? new Worker(script) : new SharedWorker(script).port;
      /** @type {any[]} */
      const said = [];
      Object.assign(self, { said, realm });
      realm.onmessage = ({ data }) => {
        said.push(data);
        dispatchEvent(new Event('said'));
      };
      while (!said.length) await new Promise(resolve => addEventListener('said', resolve, { once: true }));
    }, kind, url, page.url.replace(/\?.*/, ''));
    server.release(name);
    const [first, last] = await page.run(async () => {
      const { said, harness } = /** @type {any} */ (self);
      if (said[0].error) return said;
      while (said.length < 2) await new Promise(resolve => addEventListener('said', resolve, { once: true }));
      const { bytes, ...rest } = said[1];
      return [said[0], { ...rest, sum: await harness.digest(new Response(bytes)) }];
    });
    assert.deepEqual([first, last], [
      { id: 'from a worker', url, ids: ['from a worker'] },
      { status: 200, result: 'success', downloaded: 300_000, sum },
    ]);
    await worker.event('backgroundfetchsuccess');
  });
}
