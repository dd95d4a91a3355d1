// Loads the engine's Wasm once, at the first need. Its bytes are within the script: a worker must be
// able to start without a connection, and no bundler has to know of a file beside it.

import { initSync } from '#engine';
import bytes from '#engine-bytes';

/** @type {Promise<void> | undefined} */
let loading;

/** @returns {Promise<void>} */
export function load() {
  loading ??= instantiate().catch(error => {
    loading = undefined;
    const { message } = /** @type {Error} */ (error);
    throw new TypeError(`The engine could not be loaded: ${message} (If a Content-Security-Policy comes `
      + "with the service worker, its script-src needs 'wasm-unsafe-eval'.)", { cause: error });
  });
  return loading;
}

async function instantiate() {
  // Compiled beside this thread.
  initSync({ module: await WebAssembly.compile(bytes()) });
}
