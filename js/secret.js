// The origin's secret. It signs what we write into Cache Storage, so that nobody can forge it who
// cannot read this database: servers cannot, scripts of the origin can.

import { name } from './protocol.js';
import { promise } from './reader.js';

/** @type {Promise<CryptoKey> | undefined} */
let key;

/** @returns {Promise<CryptoKey>} */
function secret() {
  key ??= read().then(raw =>
    crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']));
  key.catch(() => { key = undefined; });
  return key;
}

/**
 * Signs a text.
 *
 * @param {string} text
 */
export async function sign(text) {
  const signature = await crypto.subtle.sign('HMAC', await secret(), new TextEncoder().encode(text));
  return Array.from(new Uint8Array(signature), byte => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * From a small database of the origin's own, beside those of the scopes.
 *
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function read() {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore('secret');
  const database = await promise(request);
  try {
    const rows = database.transaction('secret', 'readwrite').objectStore('secret');
    // Two realms may be the first at the same time: transactions make one of them the second.
    const known = await promise(rows.get(0));
    if (known) return known;
    const fresh = crypto.getRandomValues(new Uint8Array(32));
    await promise(rows.put(fresh, 0));
    return fresh;
  } finally {
    database.close();
  }
}
