// What the application set before our script: `self.backgroundFetchPolyfill = { force: true }`.

/**
 * @typedef {object} Options
 * @property {boolean} [force] replace a native implementation
 * @property {boolean} [ui] show the download tray (not part of this version)
 * @property {boolean} [pause] give registrations `pause()`, `resume()` and `paused`
 * @property {PermissionState} [permission] what the "background-fetch" permission is; granted
 *   unless said otherwise
 * @property {number} [windows] requests for parts of one large file that may be under way at once, 1
 *   to 4
 */

/** @type {Options} */
let current = {};

export const options = () => current;

/** @param {Options} chosen */
export const setOptions = chosen => { current = { ...chosen }; };

/**
 * What is found on the global object, if it is a plain object. An element with that id is not.
 *
 * @returns {Options & Record<string, unknown>}
 */
export function globalOptions() {
  const found = /** @type {{ backgroundFetchPolyfill?: unknown }} */ (globalThis).backgroundFetchPolyfill;
  if (typeof found !== 'object' || found === null) return {};
  const prototype = Object.getPrototypeOf(found);
  return prototype === null || prototype === Object.prototype ? { ...found } : {};
}
