// Functional events in Chromium, as if the browser had a reason for them, through its debugging protocol:
// https://chromedevtools.github.io/devtools-protocol/tot/ServiceWorker/
//
// It names registrations by a number that only its own events tell, and WebDriver passes none of those on.
// The numbers count up from 0 in a profile, and one that is not a registration of the origin does nothing.

const REGISTRATIONS = 300;

const methods = { push: 'deliverPushMessage', sync: 'dispatchSyncEvent', periodicsync: 'dispatchPeriodicSyncEvent' };

/**
 * Dispatches an event in every service worker of an origin.
 *
 * @param {import('./webdriver.mjs').Browser} browser
 * @param {string} origin
 * @param {keyof typeof methods} kind
 * @param {string} tag
 */
export async function dispatchFunctionalEvent(browser, origin, kind, tag) {
  await browser.cdp?.('ServiceWorker.enable');
  const more = kind === 'push' ? { data: tag } : kind === 'sync' ? { tag, lastChance: false } : { tag };
  for (let no = 0; no < REGISTRATIONS; no++) {
    await browser.cdp?.(`ServiceWorker.${methods[kind]}`, { origin, registrationId: String(no), ...more });
  }
}
