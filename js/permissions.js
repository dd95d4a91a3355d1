// The permission "background-fetch": https://wicg.github.io/background-fetch/#background-fetch-manager-fetch
//
// A script has nobody to ask, so it is granted, unless the application's options say otherwise.

import { options } from './options.js';
import { patchMethod } from './patch.js';
import { isObject } from './webidl.js';

/** @returns {PermissionState} */
export const permission = () => options().permission ?? 'granted';

/** Teaches navigator.permissions.query() the name. */
export function patchPermissions() {
  const { Permissions, PermissionStatus } = /** @type {Partial<typeof globalThis>} */ (globalThis);
  if (!Permissions || !PermissionStatus) return;
  const { query } = Permissions.prototype;
  patchMethod(Permissions.prototype, {
    query(descriptor) {
      if (isObject(descriptor) && this instanceof Permissions && descriptor.name === 'background-fetch') {
        return Promise.resolve(status(PermissionStatus));
      }
      return Reflect.apply(query, this, arguments);
    },
  });
}

/** @param {typeof PermissionStatus} Interface */
function status(Interface) {
  // It never changes, so that a plain event target will do.
  const target = Object.setPrototypeOf(new EventTarget(), Interface.prototype);
  return Object.defineProperties(target, {
    name: { value: 'background-fetch', enumerable: true, configurable: true },
    state: { value: permission(), enumerable: true, configurable: true },
    onchange: { value: null, writable: true, enumerable: true, configurable: true },
  });
}
