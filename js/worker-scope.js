// The global object of the service worker, under its own type.

export const worker = globalScope();

function globalScope() {
  // Whatever comes after this would fail with less to say.
  if (!('ExtendableEvent' in globalThis)) throw new TypeError('Pages load background-fetch.js.');
  return /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
}
