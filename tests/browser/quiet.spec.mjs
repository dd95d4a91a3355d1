// What the application sees of our own doings: nothing.
import assert from 'node:assert/strict';
import { file } from './downloads.mjs';
import { scenario } from './support.mjs';

for (const place of /** @type {const} */ (['first', 'script'])) {
  scenario(`the application's message handlers see nothing of ours, added ${place === 'first' ? 'before' : 'after'} the import`, {
    native: false,
    [place]: `
      const heard = [];
      self.onmessage = event => { heard.push(event.data.type ?? event.data); if (event.data === 'tell') harness.report('heard', heard); };
      ${place === 'first' ? '' : "addEventListener('message', event => heard.push('listener ' + event.data));"}
    `,
  }, async ({ page, server, name, worker }) => {
    const inPage = await page.run(async url => {
      const { registration } = /** @type {any} */ (self);
      /** @type {unknown[]} */
      const heard = [];
      navigator.serviceWorker.onmessage = event => heard.push(event.data);
      addEventListener('message', event => heard.push(event.data));
      const job = await registration.backgroundFetch.fetch('quiet', url);
      while (!job.result) await new Promise(resolve => job.addEventListener('progress', resolve, { once: true }));
      await registration.backgroundFetch.getIds();
      registration.active.postMessage('tell');
      return heard;
    }, file(server, name, 10_000).url);
    assert.deepEqual(inPage, []);
    assert.deepEqual(await worker.report('heard'), ['tell']);
  });
}

scenario('a listener that was added before the import still sees what is its own', {
  native: false,
  first: `
    const order = [];
    addEventListener('message', event => { if (event.data === 'tell') order.push('listener'); });
    self.onmessage = event => { order.push('handler'); harness.report('order', order); };
  `,
}, async ({ page, worker }) => {
  await page.run(() => /** @type {any} */ (self).registration.active.postMessage('tell'));
  assert.deepEqual(await worker.report('order'), ['listener', 'handler']);
});
