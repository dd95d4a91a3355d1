// Loads the engine's Wasm once, at the first need. How, is the business of the entry: bytes within the script, or a file beside it.

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
      throw new TypeError(`The engine could not be loaded: ${message} (If a Content-Security-Policy comes with the service worker's `
        + "script, its script-src needs 'wasm-unsafe-eval'.)", { cause: error });
    }
  })();
  return loading;
}
