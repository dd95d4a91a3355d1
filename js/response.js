// Responses that remember where they came from: a script cannot give a Response a url, a type or a
// redirect, so the getters of Response.prototype are taught to answer for ours, and for their
// clones.

import { patchGetter, patchMethod } from './patch.js';

/**
 * @typedef {import('./reader.js').ResponseHead} ResponseHead
 * @typedef {import('./lease.js').Lease} Lease
 *
 * @typedef {object} Dress What a Response of ours says about itself.
 * @property {string} url
 * @property {ResponseType} type
 * @property {boolean} redirected
 * @property {number} [status] where no constructor gives it
 * @property {Blob} [blob] its body, if that is a Blob
 * @property {Lease} [held] keeps the rows that the body needs
 * @property {Headers} [headers] shown instead of the real ones
 */

/** @type {WeakMap<Response, Dress>} */
const dresses = new WeakMap();

/** @param {Response} response */
export const dressOf = response => dresses.get(response);

/**
 * Gives a response of the engine's own making what it lacks.
 *
 * @param {Response} response
 * @param {Dress} dress
 */
export function putOn(response, dress) {
  dress.held?.cover(response);
  dresses.set(response, dress);
  return response;
}

/**
 * A response as the network gave it.
 *
 * @param {Blob | ReadableStream<Uint8Array> | null} body
 * @param {ResponseHead} head
 * @param {Headers} headers
 * @param {Lease} held
 */
export function dress(body, { url, type, redirected, status, statusText }, headers, held) {
  // A redirect that was not to be followed has status 0, which no constructor gives.
  const response = status
    ? new Response(/** @type {BodyInit | null} */ (body), { status: Math.min(status, 599), statusText, headers })
    : Response.error();
  return putOn(response, { url, type, redirected, status, blob: body instanceof Blob ? body : undefined, held });
}

/** Teaches Response.prototype. Once per realm. */
export function patchResponse() {
  const { prototype } = Response;
  for (const key of /** @type {const} */ (['url', 'type', 'redirected', 'status'])) {
    patchGetter(prototype, key, (response, native) =>
      key === 'url' && native || (dresses.get(response)?.[key] ?? native));
  }
  patchGetter(prototype, 'headers', (response, native) => dresses.get(response)?.headers ?? native);

  const { clone } = prototype;
  patchMethod(prototype, {
    clone() {
      const copy = Reflect.apply(clone, this, arguments);
      const dress = dresses.get(this);
      return dress ? putOn(copy, { ...dress, headers: dress.headers && new Headers(dress.headers) }) : copy;
    },
  });
}
