// Registers the service worker and waits until the right one is at work.

/**
 * The registration, with an active worker that was started from the address this page wants.
 *
 * @returns {Promise<ServiceWorkerRegistration>}
 */
export async function registerWorker() {
  if (!('serviceWorker' in navigator)) {
    throw new Error('There are no service workers here, so episodes can be streamed but not kept.');
  }
  const force = 'force' in document.documentElement.dataset;
  const script = new URL(force ? '/service-worker.js?force' : '/service-worker.js', location.href);
  const registration = await navigator.serviceWorker.register(script);
  // `ready` would do, if it were not for the switch: after it the active worker is the one of the
  // other side for a moment.
  while (registration.active?.scriptURL !== script.href) {
    const coming = registration.installing ?? registration.waiting;
    if (!coming) throw new Error('The service worker could not be installed.');
    await changed(coming);
  }
  return registration;
}

/**
 * Waits for the worker's next state: a worker that installs or waits always has one.
 *
 * @param {ServiceWorker} worker
 */
const changed = worker =>
  new Promise(resolve => {
    worker.addEventListener('statechange', resolve, { once: true });
  });
