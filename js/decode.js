// Whether what arrived has the form that it claims. Any script of the origin can speak on these
// channels, and the engine takes what passes here at its word.

/**
 * @typedef {import('./protocol.js').Command} Command
 * @typedef {import('./protocol.js').Hint} Hint
 */

import { isObject } from './webidl.js';

/** Nobody has more background fetches under way. */
const NUMBERS = 10_000;

/** @param {unknown} value */
const isText = value => typeof value === 'string';

/** @param {unknown} value */
const isCount = value => Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;

/**
 * A list without holes: `every` would not see them.
 *
 * @param {unknown} value @param {(member: unknown) => boolean} isMember
 */
const isList = (value, isMember) => Array.isArray(value) && value.findIndex(member => !isMember(member)) < 0;

/** @param {unknown} value */
const isTotal = value => Number.isFinite(value) && /** @type {number} */ (value) >= 0;

/** @param {unknown} value */
const isHeader = value => isList(value, isText) && /** @type {unknown[]} */ (value).length === 2;

/** @param {unknown} value */
const isIcon = value => isObject(value) && isText(value.src);

/** @param {unknown} value */
const isRequest = value => isObject(value) && isList(value.headers, isHeader)
  && (value.body === null || value.body instanceof Blob)
  && ['url', 'method', 'mode', 'credentials', 'cache', 'redirect', 'referrer', 'referrerPolicy', 'integrity'].every(name => isText(value[name]));

/** @param {unknown} value */
const isFetch = value => isObject(value) && isText(value.id) && isText(value.title) && isList(value.icons, isIcon)
  && isTotal(value.downloadTotal) && isTotal(value.uploadTotal)
  && isList(value.requests, isRequest) && /** @type {unknown[]} */ (value.requests).length > 0;

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
    case 'pause': return isCount(value.no) && typeof value.paused === 'boolean';
    case 'retry':
    case 'inspect': return true;
    case 'subscribe': return isList(value.nos, isCount) && /** @type {unknown[]} */ (value.nos).length <= NUMBERS;
    default: return false;
  }
}

/**
 * @param {unknown} value
 * @returns {value is Hint}
 */
export const isHint = value => isObject(value)
  && (value.type === 'start' ? isText(value.life) : value.type === 'progress' && isNews(value.state));

/** @param {unknown} value */
const isNews = value => isObject(value) && isCount(value.no) && isCount(value.turn) && isText(value.life);
