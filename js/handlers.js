// Event handler IDL attributes:
// https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-idl-attributes

import { isObject } from './webidl.js';

/**
 * @typedef {object} Handler
 * @property {object} callback the attribute's value
 * @property {(event: Event) => void} listener stands in its place among the target's listeners
 */

/** @type {WeakMap<EventTarget, Map<string, Handler>>} */
const handlers = new WeakMap();

/**
 * The value of the attribute for events of a type.
 *
 * @param {EventTarget} target
 * @param {string} type
 * @returns {object | null}
 */
export const getHandler = (target, type) => handlers.get(target)?.get(type)?.callback ?? null;

/**
 * Sets the attribute. A handler keeps the place in the order of listeners that the first one took,
 * until null gives it up.
 *
 * @param {EventTarget} target
 * @param {string} type
 * @param {unknown} value anything that is not an object counts as null
 */
export function setHandler(target, type, value) {
  const ours = handlers.get(target) ?? new Map();
  handlers.set(target, ours);
  const handler = ours.get(type);
  if (!isObject(value)) {
    if (handler) target.removeEventListener(type, handler.listener);
    ours.delete(type);
  } else if (handler) {
    handler.callback = value;
  } else {
    /** @type {Handler} */
    const added = { callback: value, listener: event => call(added.callback, event) };
    ours.set(type, added);
    target.addEventListener(type, added.listener);
  }
}

/**
 * @param {object} callback an object that is no function is kept and does nothing
 * @param {Event} event
 */
function call(callback, event) {
  if (typeof callback !== 'function') return;
  if (Reflect.apply(callback, event.currentTarget, [event]) === false) event.preventDefault();
}
