// The global object of the service worker, under its own type.

export const worker = globalScope();

/** The browser's own, also when the application puts another one in its place. */
export const { fetch } = globalThis;

function globalScope() {
  // Whatever comes after this would fail with less to say.
  if (!('ExtendableEvent' in globalThis)) throw new TypeError('Pages load background-fetch.js.');
  return /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));
}
