// The permission "background-fetch":
// https://wicg.github.io/background-fetch/#background-fetch-manager-fetch
//
// A script has nobody to ask, so it is granted, unless the application's options say otherwise.

import { getHandler, setHandler } from './handlers.js';
import { options } from './options.js';
import { patchMethod } from './patch.js';
import { isObject, toDOMString } from './webidl.js';

const NAME = 'background-fetch';

/** @returns {PermissionState} */
export const permission = () => options().permission ?? 'granted';

/** Teaches navigator.permissions.query() the name. */
export function patchPermissions() {
  // WebKit's workers do not expose what query() gives.
  const { Permissions, PermissionStatus = EventTarget } = /** @type {Partial<typeof globalThis>} */ (globalThis);
  if (!Permissions) return;
  const { query } = Permissions.prototype;
  // The native attributes refuse what the engine did not make, and ours never change.
  const prototype = Object.create(PermissionStatus.prototype, Object.getOwnPropertyDescriptors({
    get name() { return NAME; },
    get state() { return permission(); },
    get onchange() { return getHandler(/** @type {any} */ (this), 'change'); },
    set onchange(value) { setHandler(/** @type {any} */ (this), 'change', value); },
  }));
  patchMethod(Permissions.prototype, {
    query(descriptor) {
      try {
        if (isObject(descriptor) && this instanceof Permissions && toDOMString(descriptor.name) === NAME) {
          return Promise.resolve(Object.setPrototypeOf(new EventTarget(), prototype));
        }
      } catch (error) {
        return Promise.reject(error);
      }
      return Reflect.apply(query, this, arguments);
    },
  });
}
