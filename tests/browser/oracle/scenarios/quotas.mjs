// The quota of the origin.
//
// Left out is a permission that is denied: the driver's denial does not reach what Chromium asks.
import { begin, ended, reportEnds } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

scenario('the quota exceeded', { script: reportEnds, register: false }, async stage => {
  const { browser, server } = stage;
  const { origin } = server;
  // What earlier scenarios have left behind counts until it is compacted.
  await browser.cdp?.('Storage.clearDataForOrigin', {
    origin,
    storageTypes: 'indexeddb,cache_storage',
  });
  await stage.page.register(stage.script);
  await browser.cdp?.('Storage.overrideQuotaForOrigin', { origin, quotaSize: 4_000_000 });
  try {
    await begin(stage, 'large', [stage.file('small', 1000), stage.file('large', 12_000_000)]);
    const { event, atEvent, count } = await stage.worker.report('end');
    const { downloaded: _, ...state } = atEvent;
    const { after, withdrawn } = await ended(stage);
    return { type: event.type, state, count, ids: after.ids, withdrawn };
  } finally {
    await browser.cdp?.('Storage.overrideQuotaForOrigin', { origin });
  }
});
