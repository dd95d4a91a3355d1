// Loads the engine's Wasm once, at the first need. How, is the business of the entry: bytes within
// the script, or a file beside it.

import { withOriginStore } from './origin-store.js';
import { version } from './protocol.js';
import { promise } from './reader.js';

/** @type {() => unknown} */
let instantiate;

/** @type {Promise<void> | undefined} */
let loading;

/** @param {() => unknown} how */
export const loadWith = how => { instantiate = how; };

/** @returns {Promise<void>} */
export function load() {
  loading ??= (async () => {
    try {
      await instantiate();
    } catch (error) {
      loading = undefined;
      const { message } = /** @type {Error} */ (error);
      throw new TypeError(`The engine could not be loaded: ${message} (If a Content-Security-Policy comes `
        + "with the service worker's script, its script-src needs 'wasm-unsafe-eval'.)", { cause: error });
    }
  })();
  return loading;
}

/**
 * The engine's Wasm from a file beside the script. It is kept, because the worker may have to start
 * without a connection.
 *
 * @param {URL} url
 * @returns {Promise<ArrayBuffer>}
 */
export async function wasmBytes(url) {
  const key = `${version} ${url}`;
  const kept = await withOriginStore('wasm', 'readonly', rows => promise(rows.get(key))).catch(() => undefined);
  if (kept) return kept;
  const response = await fetch(url);
  if (!response.ok) throw new TypeError(`${url} was answered with status ${response.status}.`);
  const bytes = await response.arrayBuffer();
  await withOriginStore('wasm', 'readwrite', async rows => {
    await promise(rows.clear());
    await promise(rows.put(bytes, key));
  }).catch(() => {}); // Then it is fetched again next time.
  return bytes;
}
