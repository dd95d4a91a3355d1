// BackgroundFetchRecord: https://wicg.github.io/background-fetch/#background-fetch-record-interface

import { respond } from './body.js';
import { toRequestObject } from './request.js';
import { faceOf, isObject } from './webidl.js';

/**
 * @typedef {object} Source Where a record comes from.
 * @property {import('./scope.js').Scope} scope
 * @property {number} no
 * @property {number} index
 * @property {import('./protocol.js').RequestRow} asked
 * @property {import('./lease.js').Lease} held
 */

/**
 * Create record objects, for one record:
 * https://wicg.github.io/background-fetch/#create-settled-fetches-algorithm
 *
 * @param {Source} source
 */
export const createRecord = source => Reflect.construct(Implementation, [source.held.cover(source)], BackgroundFetchRecord);

class Implementation extends EventTarget {
  /** @type {Source} */
  #source;
  /** @type {Request | undefined} */
  #request;
  /** @type {Promise<Response> | undefined} */
  #responseReady;

  /** @param {Source} source */
  constructor(source) {
    super();
    this.#source = source;
  }

  get request() {
    this.#request ??= this.#source.held.cover(toRequestObject(this.#source.asked));
    return this.#request;
  }

  // Made when it is asked for: a rejection that nobody can have seen would be reported as
  // unhandled.
  get responseReady() {
    // An attribute that holds a promise rejects where others throw.
    if (!isObject(this) || !(#source in this)) return Promise.reject(new TypeError('Illegal invocation'));
    this.#responseReady ??= respond(this.#source);
    return this.#responseReady;
  }
}

export const BackgroundFetchRecord = faceOf(Implementation);
