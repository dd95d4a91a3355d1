// Requests as the engine sends them, and responses as rows hold them: their words never enter Wasm.

import { fetch } from './worker-scope.js';

/** @typedef {import('./protocol.js').RequestRow} RequestRow */

/**
 * Sends the request of a row, for all of a body or a part of it.
 *
 * @param {RequestRow} row
 * @param {AbortSignal} signal
 * @param {boolean} fresh past the HTTP cache
 * @param {string} [range]
 * @param {string} [ifRange]
 */
export function send({ url, ...init }, signal, fresh, range, ifRange) {
  if (range) {
    // A range that the page asked for itself would stand beside this one, and so would its condition.
    const headers = init.headers.filter(([name]) => !/^(if-)?range$/i.test(name));
    headers.push(['Range', range]);
    if (ifRange) headers.push(['If-Range', ifRange]);
    // Integrity is that of the whole body.
    init = { ...init, headers, integrity: '' };
  }
  if (fresh && init.cache !== 'no-cache') init.cache = 'no-store';
  // Engines let no large body through that is to outlive its page; a worker has none.
  return fetch(url, /** @type {RequestInit} */ ({ ...init, keepalive: false, priority: 'low', signal }));
}

/** @param {Response} response */
export const head = ({ url, type, redirected, status, statusText, headers }) =>
  ({ url, type, redirected, status, statusText, arrived: Date.now() / 1000, headers: [...headers] });

/**
 * All of a short body, in one piece; undefined if it is empty and was read in parts.
 *
 * @param {Response} response
 * @param {boolean} byParts
 */
export async function gather(response, byParts) {
  const reader = byParts && response.body?.getReader();
  if (!reader) return response.arrayBuffer();
  const parts = [];
  for (let step; !(step = await reader.read()).done;) parts.push(step.value);
  return parts[1] ? new Blob(parts).arrayBuffer() : parts[0];
}
