// Puts the API in place, unless the browser has its own:
// https://wicg.github.io/background-fetch/#api

import { BackgroundFetchManager, managerOf } from './manager.js';
import { patchCaches } from './cache.js';
import { globalOptions, setOptions } from './options.js';
import { patchMethod } from './patch.js';
import { patchPermissions } from './permissions.js';
import { version } from './protocol.js';
import { BackgroundFetchRecord } from './record.js';
import { BackgroundFetchRegistration, withholdPause } from './registration.js';
import { patchResponse } from './response.js';
import { Scope } from './scope.js';
import { expose } from './webidl.js';

/** @typedef {import('./options.js').Options} Options */

/** Whether this realm has Background Fetch, the browser's own or ours. */
export const isSupported = () =>
  'ServiceWorkerRegistration' in globalThis && 'backgroundFetch' in ServiceWorkerRegistration.prototype;

/** Whether the Background Fetch of this realm is ours. */
export const isPolyfilled = () => typeof globalOptions().version === 'string';

/**
 * Installs the interfaces that all realms have, if they are missing or `force` is set. Once per
 * realm.
 *
 * @param {Options} chosen
 * @param {object} extras what `self.backgroundFetchPolyfill` carries besides the options and the
 *   version
 * @returns {boolean} whether it did
 */
export function installInterfaces(chosen, extras) {
  // Pages without service workers cannot have it at all, and see from the missing interfaces that
  // they do not.
  if (isPolyfilled() || !('ServiceWorkerRegistration' in globalThis) || isSupported() && !chosen.force) return false;
  setOptions(chosen);
  expose('BackgroundFetchManager', BackgroundFetchManager);
  if (!chosen.pause) withholdPause();
  expose('BackgroundFetchRegistration', BackgroundFetchRegistration);
  expose('BackgroundFetchRecord', BackgroundFetchRecord);
  exposeManager();
  patchResponse();
  patchCaches();
  patchPermissions();
  Object.defineProperty(globalThis, 'backgroundFetchPolyfill', {
    // Whether it can be configured stays as it is: `var` makes a property that cannot.
    value: { ...chosen, ...extras, version }, writable: true,
  });
  return true;
}

/** https://wicg.github.io/background-fetch/#extensions-to-service-worker-registration */
function exposeManager() {
  const { prototype } = ServiceWorkerRegistration;
  const scope = /** @type {() => string} */ (Object.getOwnPropertyDescriptor(prototype, 'scope')?.get);
  /** @type {object & ThisType<ServiceWorkerRegistration>} */
  const attributes = {
    get backgroundFetch() {
      scope.call(this); // The brand check.
      return managerOf(this);
    },
  };
  Object.defineProperties(prototype, Object.getOwnPropertyDescriptors(attributes));

  const { unregister } = prototype;
  patchMethod(prototype, {
    // With a registration go its background fetches. Not waited for: the page may be about to go, too.
    unregister() {
      if (this instanceof ServiceWorkerRegistration) Scope.of(this).end();
      return Reflect.apply(unregister, this, arguments);
    },
  });
}

