// The worker that every background fetch needs.

/**
 * The active worker of a registration.
 *
 * @param {ServiceWorkerRegistration} registration
 */
export function needActiveWorker({ active }) {
  if (active) return active;
  throw new TypeError('The registration has no active service worker. Wait for navigator.serviceWorker.ready.');
}
