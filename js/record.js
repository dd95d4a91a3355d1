// BackgroundFetchRecord: https://wicg.github.io/background-fetch/#background-fetch-record-interface

import { respond } from './body.js';
import { toRequestObject } from './request.js';
import { faceOf, isObject } from './webidl.js';

/**
 * @typedef {object} Origin Where a record comes from.
 * @property {import('./scope.js').Scope} scope
 * @property {number} no
 * @property {number} index
 * @property {import('./protocol.js').RequestRow} stored
 * @property {import('./lease.js').Lease} held
 */

/**
 * Create record objects, for one record:
 * https://wicg.github.io/background-fetch/#create-settled-fetches-algorithm
 *
 * @param {Origin} origin
 */
export const createRecord = origin => Reflect.construct(Implementation, [origin.held.cover(origin)], BackgroundFetchRecord);

class Implementation extends EventTarget {
  /** @type {Origin} */
  #origin;
  /** @type {Request | undefined} */
  #request;
  /** @type {Promise<Response> | undefined} */
  #responseReady;

  /** @param {Origin} origin */
  constructor(origin) {
    super();
    this.#origin = origin;
  }

  get request() {
    this.#request ??= this.#origin.held.cover(toRequestObject(this.#origin.stored));
    return this.#request;
  }

  // Made when it is asked for: a rejection that nobody can have seen would be reported as
  // unhandled.
  get responseReady() {
    // An attribute that holds a promise rejects where others throw.
    if (!isObject(this) || !(#origin in this)) return Promise.reject(new TypeError('Illegal invocation'));
    this.#responseReady ??= respond(this.#origin);
    return this.#responseReady;
  }
}

export const BackgroundFetchRecord = faceOf(Implementation);
