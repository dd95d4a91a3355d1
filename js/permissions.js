// The permission "background-fetch":
// https://wicg.github.io/background-fetch/#background-fetch-manager-fetch
//
// A script has nobody to ask, so it is granted, unless the application's options say otherwise.

import { getHandler, setHandler } from './handlers.js';
import { options } from './options.js';
import { patchMethod } from './patch.js';
import { isObject, toDOMString } from './webidl.js';

const NAME = 'background-fetch';

/**
 * The status objects that are ours. They never change, so that plain event targets will do.
 *
 * @type {WeakMap<object, PermissionState>}
 */
const statuses = new WeakMap();

/** @returns {PermissionState} */
export const permission = () => options().permission ?? 'granted';

/** Teaches navigator.permissions.query() the name. */
export function patchPermissions() {
  const { Permissions, PermissionStatus } = /** @type {Partial<typeof globalThis>} */ (globalThis);
  if (!Permissions || !PermissionStatus) return;
  const { query } = Permissions.prototype;
  patchStatus(PermissionStatus.prototype);
  patchMethod(Permissions.prototype, {
    query(descriptor) {
      try {
        if (isObject(descriptor) && this instanceof Permissions && toDOMString(descriptor.name) === NAME) {
          const status = Object.setPrototypeOf(new EventTarget(), PermissionStatus.prototype);
          statuses.set(status, permission());
          return Promise.resolve(status);
        }
      } catch (error) {
        return Promise.reject(error);
      }
      return Reflect.apply(query, this, arguments);
    },
  });
}

/**
 * Ours have no attributes of their own, and the native ones refuse what the engine did not make.
 *
 * @param {PermissionStatus} prototype
 */
function patchStatus(prototype) {
  patchAttribute(prototype, 'name', () => NAME);
  patchAttribute(prototype, 'state', status => statuses.get(status));
  patchAttribute(prototype, 'onchange', status => getHandler(status, 'change'), (status, value) => setHandler(status, 'change', value));
}

/**
 * @param {PermissionStatus} prototype
 * @param {string} key
 * @param {(status: PermissionStatus) => unknown} read
 * @param {(status: PermissionStatus, value: unknown) => void} [write]
 */
function patchAttribute(prototype, key, read, write) {
  const native = Object.getOwnPropertyDescriptor(prototype, key);
  if (!native) return;
  const { get, set } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor({
    get [key]() { return statuses.has(this) ? read(/** @type {any} */ (this)) : Reflect.apply(/** @type {Function} */ (native.get), this, []); },
    set [key](/** @type {unknown} */ value) {
      if (statuses.has(this)) write?.(/** @type {any} */ (this), value);
      else Reflect.apply(/** @type {Function} */ (native.set), this, [value]);
    },
  }, key));
  Object.defineProperty(prototype, key, { ...native, get, ...(native.set && { set }) });
}
