// Whether what arrived has the form that it claims. Any script of the origin can speak on these
// channels, and the engine takes what passes here at its word.

/**
 * @typedef {import('./protocol.js').Command} Command
 * @typedef {import('./protocol.js').Hint} Hint
 */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}

/** @param {unknown} value */
const isText = value => typeof value === 'string';

/** @param {unknown} value */
const isCount = value => Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;

/** @param {unknown} value */
const isRequest = value => isObject(value) && Array.isArray(value.headers)
  && ['url', 'method', 'mode', 'credentials', 'cache', 'redirect', 'referrer', 'referrerPolicy', 'integrity'].every(name => isText(value[name]));

/** @param {unknown} value */
const isFetch = value => isObject(value) && isText(value.id) && isText(value.title) && Array.isArray(value.icons)
  && ['downloadTotal', 'uploadTotal'].every(name => typeof value[name] === 'number')
  && Array.isArray(value.requests) && value.requests.length > 0 && value.requests.every(isRequest);

/**
 * A new command has to be known here.
 *
 * @param {unknown} value
 * @returns {value is Command}
 */
export function isCommand(value) {
  if (!isObject(value)) return false;
  switch (value.type) {
    case 'fetch': return isFetch(value.request);
    case 'get':
    case 'click': return isText(value.id);
    case 'abort': return isCount(value.no);
    case 'inspect': return true;
    case 'subscribe': return Array.isArray(value.nos) && value.nos.every(isCount);
    default: return false;
  }
}

/**
 * @param {unknown} value
 * @returns {value is Hint}
 */
export function isHint(value) {
  if (!isObject(value)) return false;
  if (value.type === 'start') return isText(value.life);
  const { state } = value;
  return value.type === 'progress' && isObject(state) && isCount(state.no) && isCount(state.turn) && isText(state.life);
}
