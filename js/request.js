// Requests: what fetch() accepts, the form in which they are stored, and the way back.

import { knownBody } from '#form';
import { hasBadPort } from './ports.js';
import { isForbidden } from '#policy';
import { domException } from './protocol.js';
import { isObject, iterate, iteratorMethod, toUSVString } from './webidl.js';

/** @typedef {import('./protocol.js').StoredRequest} StoredRequest */

const url = /** @type {(this: unknown) => string} */ (Object.getOwnPropertyDescriptor(Request.prototype, 'url')?.get);

/**
 * Whether a value is a Request, of whatever realm.
 *
 * @param {unknown} value
 * @returns {value is Request}
 */
function isRequest(value) {
  try {
    url.call(value);
    return true;
  } catch {
    return false;
  }
}

/**
 * RequestInfo
 *
 * @param {unknown} value
 */
export const toRequestInput = value => isRequest(value) ? value : toUSVString(value);

/**
 * (RequestInfo or sequence<RequestInfo>), one or several, as a list.
 *
 * @param {unknown} value
 */
export function toRequestInputs(value) {
  const method = isObject(value) && !isRequest(value) ? iteratorMethod(value) : undefined;
  return method ? iterate(/** @type {object} */ (value), method, toRequestInput) : [toRequestInput(value)];
}

/**
 * The Request that a background fetch works with. A body moves over to it and leaves the given one
 * used.
 *
 * @param {Request | string} input
 */
export function toRequest(input) {
  const request = new Request(input); // Throws for an unparsable URL, credentials in it, a used or locked body.
  if (request.mode === 'no-cors') throw refused('The mode must not be "no-cors"', request);
  return request;
}

/**
 * What the engines refuse besides. The text leaves it to Fetch, where it would be a failure later.
 *
 * @param {Request} request
 * @param {Request | string} input what it was made of
 */
export function checkRequest(request, input) {
  const parsed = new URL(request.url);
  if (isForbidden(parsed)) throw refused("The page's Content-Security-Policy forbids it", request);
  if (hasBadPort(parsed)) throw refused(`Port ${parsed.port} is blocked`, request);
  if (!/^https?:$/.test(parsed.protocol)) throw refused('Only http and https can be fetched', request);
  if (typeof input === 'string' && /[\n\r\t]/.test(input) && input.includes('<')) {
    throw refused('The URL looks like dangling markup', request);
  }
}

/**
 * Refuses a download that cannot fit.
 *
 * @param {number} downloadTotal
 */
export async function checkQuota(downloadTotal) {
  // Chromium takes the upper half of the numbers for negative ones. So -1, for "unknown", is
  // accepted there.
  if (!downloadTotal || downloadTotal >= 2 ** 63) return;
  // Nobody's storage holds 8 PiB, and where the engine does not tell, that is all that can be said.
  const { quota = Number.MAX_SAFE_INTEGER, usage = 0 } = await navigator.storage?.estimate?.() ?? {};
  if (downloadTotal >= quota - usage) {
    const message = `A download of ${downloadTotal} bytes does not fit into this origin's storage.`;
    throw domException(message, 'QuotaExceededError');
  }
}

/** What is stored of a request as it is. */
const copied = /** @type {const} */ ([
  'url', 'method', 'credentials', 'cache', 'redirect', 'referrer', 'referrerPolicy', 'integrity',
]);

/**
 * The stored form of a request, with all of its body.
 *
 * @param {Request} request
 * @param {Request | string} input what it was made of: in Firefox a copy has lost its `keepalive`
 * @returns {Promise<StoredRequest>}
 */
export async function storeRequest(request, input) {
  const { mode, headers } = request;
  return /** @type {StoredRequest} */ ({
    ...Object.fromEntries(copied.map(key => [key, request[key]])),
    mode: mode === 'navigate' ? 'same-origin' : mode, // A script cannot make the other one again.
    headers: [...headers],
    keepalive: /** @type {Request} */ (input).keepalive,
    body: await readBody(request),
  });
}

/** @param {Request} request */
export const mayHaveBody = ({ method }) => method !== 'GET' && method !== 'HEAD';

/**
 * The body as a Blob, or null if there is none. `request.body` would tell directly, but not in
 * every engine, and reading it turns a file into a stream.
 *
 * @param {Request} request
 */
async function readBody(request) {
  if (!mayHaveBody(request)) return null;
  try {
    const body = knownBody(request) ?? await request.blob();
    return body.size || request.headers.has('content-type') ? body : null;
  } catch (error) {
    throw refused('The body cannot be read', request, { cause: error });
  }
}

/**
 * The Request that a stored one stands for, as `record.request` shows it.
 *
 * @param {import('./protocol.js').RequestRow} stored
 */
export const toRequestObject = ({ url, ...init }) => new Request(url, /** @type {RequestInit} */ (init));

/**
 * What is wrong, and with which of the requests: its URL without what may be secret.
 *
 * @param {string} what
 * @param {Request} request
 * @param {ErrorOptions} [options]
 */
const refused = (what, { url }, options) => new TypeError(`${what} (${url.replace(/[?#].*/s, '')}).`, options);
