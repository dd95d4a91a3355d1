// Stops the service workers of a browser, as the browser itself would, at a moment of the test's choice.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs in Firefox's own scope: the service worker manager is only there.
 *
 * It throws away every active worker; their registrations stay.
 */
const terminateAll = `
  const manager = Cc['@mozilla.org/serviceworkers/manager;1'].getService(Ci.nsIServiceWorkerManager);
  const registrations = manager.getAllRegistrations();
  const ended = [];
  for (let index = 0; index < registrations.length; index++) {
    const { activeWorker } = registrations.queryElementAt(index, Ci.nsIServiceWorkerRegistrationInfo);
    if (activeWorker) ended.push(activeWorker.terminateWorker());
  }
  Promise.all(ended).then(() => arguments[0](true), () => arguments[0](false));
`;

/** How long after its last page WebKit stops a worker (10 s measured), with a margin. */
const webkitGrace = 12_000;

/**
 * Resolves when the workers are gone. In WebKit, where nobody can ask for that, the page leaves until the
 * engine does it and stays away: load it again.
 *
 * @param {string} engine
 * @param {import('./webdriver.mjs').Browser} browser
 * @param {string} elsewhere a page of another origin
 */
export async function stopWorkers(engine, browser, elsewhere) {
  if (engine === 'chromium') {
    await browser.cdp?.('ServiceWorker.enable');
    await browser.cdp?.('ServiceWorker.stopAllWorkers');
  } else if (engine === 'firefox') {
    await browser.command?.('POST', '/moz/context', { context: 'chrome' });
    await browser.command?.('POST', '/execute/async', { script: terminateAll, args: [] });
    await browser.command?.('POST', '/moz/context', { context: 'content' });
  } else {
    await browser.open(elsewhere);
    await sleep(webkitGrace);
  }
}
