// Installation in a page, or in a dedicated or shared worker.

import { patchForms } from './form.js';
import { Scope } from './scope.js';
import { installInterfaces } from './install.js';

/** How often a page looks whether others have left something to go on with, in milliseconds. */
const LOOK = 60_000;

/**
 * Installs the API if it is missing or `force` is set, and wakes the workers that have something
 * left to do.
 *
 * @param {import('./options.js').Options} options
 */
export function installPage(options) {
  if ('ServiceWorkerGlobalScope' in globalThis) throw new TypeError('Service workers load background-fetch-sw.js.');
  if (!installInterfaces(options, { click, inspect, retry })) return;
  patchForms();
  wake('inUse');
  // The page that was there all the time may be the only one that is left.
  const look = () => wake('unfinished');
  setInterval(look, LOOK);
  addEventListener('visibilitychange', look);
}

/**
 * A worker that was stopped in the middle goes on when it is started, and nothing else starts it.
 * Nobody asked for this, so nobody is told what went wrong; the next command says it.
 *
 * @param {'inUse' | 'unfinished'} needed
 */
async function wake(needed) {
  try {
    for (const registration of await navigator.serviceWorker?.getRegistrations() ?? []) {
      const scope = Scope.of(registration);
      if (registration.active && await scope.reader[needed]()) scope.attend().catch(() => {});
    }
  } catch {
    // Frames without an origin of their own have neither workers nor databases.
  }
}

/**
 * Stands for the WebDriver command: https://wicg.github.io/background-fetch/#automation-click
 *
 * @param {string} id
 * @param {ServiceWorkerRegistration} [registration] the page's own if it is left out
 */
const click = (id, registration) => give({ type: 'click', id }, registration);

/**
 * What the engine knows, as plain data.
 *
 * @param {ServiceWorkerRegistration} [registration] the page's own if it is left out
 */
const inspect = registration => give({ type: 'inspect' }, registration);

/**
 * Tries again now what waits for a server, the network or an answer.
 *
 * @param {ServiceWorkerRegistration} [registration] the page's own if it is left out
 */
const retry = registration => give({ type: 'retry' }, registration);

/**
 * @param {import('./protocol.js').Command} command
 * @param {ServiceWorkerRegistration} [registration]
 */
async function give(command, registration) {
  const found = registration ?? await navigator.serviceWorker.getRegistration();
  if (!found) throw new DOMException('There is no service worker.', 'NotFoundError');
  return Scope.of(found).command(command);
}
