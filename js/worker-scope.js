// The global object of the service worker, under its own type.

export const worker = globalScope();

/** As it is when this script is evaluated, also when the application puts another one in its place later. */
export const { fetch } = globalThis;

function globalScope() {
  // Whatever comes after this would fail with less to say.
  if (!('ExtendableEvent' in globalThis)) throw new TypeError('This script is for service workers; pages load background-fetch.js.');
  return /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
}
