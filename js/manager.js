// BackgroundFetchManager: https://wicg.github.io/background-fetch/#background-fetch-manager

import { needActiveWorker } from './active.js';
import { toFetchOptions } from './dictionaries.js';
import { permission } from './permissions.js';
import { checkQuota, checkRequest, mayHaveBody, storeRequest, toRequest, toRequestInputs } from './request.js';
import { Scope } from './scope.js';
import { faceOf, needArguments, promised, toDOMString } from './webidl.js';

/** @type {WeakMap<ServiceWorkerRegistration, object>} */
const managers = new WeakMap();

/**
 * ServiceWorkerRegistration's background fetch manager:
 * https://wicg.github.io/background-fetch/#extensions-to-service-worker-registration
 *
 * @param {ServiceWorkerRegistration} registration
 */
export function managerOf(registration) {
  let manager = managers.get(registration);
  if (!manager) {
    managers.set(registration, manager = Reflect.construct(Implementation, [registration], BackgroundFetchManager));
  }
  return manager;
}

class Implementation extends EventTarget {
  /** @type {ServiceWorkerRegistration} */
  #registration;

  /** @param {ServiceWorkerRegistration} registration */
  constructor(registration) {
    super();
    this.#registration = registration;
  }

  /**
   * https://wicg.github.io/background-fetch/#background-fetch-manager-fetch
   *
   * @param {unknown} id
   * @param {unknown} requests
   */
  fetch(id, requests) {
    return promised(() => {
      const registration = this.#registration;
      needArguments(arguments.length, 2);
      const name = toDOMString(id);
      const inputs = toRequestInputs(requests);
      const options = toFetchOptions(arguments[2]);

      // Deviation: in the order of Chromium, whose pages see only the first of several errors.
      refuseEmpty(name);
      needActiveWorker(registration);
      if (!inputs.length) throw new TypeError('At least one request must be given.');
      const constructed = inputs.map(toRequest);
      constructed.forEach((request, index) => checkRequest(request, inputs[index]));
      return start(registration, name, constructed, inputs, options);
    });
  }

  /**
   * https://wicg.github.io/background-fetch/#background-fetch-manager-get
   *
   * @param {unknown} id
   */
  get(id) {
    return promised(async () => {
      const registration = this.#registration;
      needArguments(arguments.length, 1);
      const name = toDOMString(id);
      refuseEmpty(name);
      // The database knows whether there is anything to ask for: a page that only looks starts no
      // worker.
      if (!(await activeIds(registration)).includes(name)) return undefined;
      const scope = Scope.of(registration);
      const snapshot = await scope.command({ type: 'get', id: name });
      return snapshot && scope.instance(snapshot);
    });
  }

  /** https://wicg.github.io/background-fetch/#background-fetch-manager-get-ids */
  getIds() {
    return promised(() => activeIds(this.#registration));
  }
}

export const BackgroundFetchManager = faceOf(Implementation);

/**
 * The ids of a registration's background fetches. Without an active worker, nothing can be under way:
 * what the database holds belonged to another registration, which was removed.
 *
 * @param {ServiceWorkerRegistration} registration
 * @returns {Promise<string[]> | string[]}
 */
const activeIds = registration => registration.active ? Scope.of(registration).reader.ids() : [];

/**
 * Deviation: the text takes any id; engines and their test suite refuse the empty one.
 *
 * @param {string} id
 */
function refuseEmpty(id) {
  if (!id) throw new TypeError('The id must not be empty.');
}

/**
 * The asynchronous part of fetch(): everything that has to be asked or read.
 *
 * @param {ServiceWorkerRegistration} registration
 * @param {string} id
 * @param {Request[]} requests
 * @param {(Request | string)[]} inputs what they were made of
 * @param {import('./dictionaries.js').FetchOptions} options
 */
async function start(registration, id, requests, inputs, { icons = [], title = '', downloadTotal }) {
  const scope = Scope.of(registration);
  if (permission() === 'denied') throw new DOMException('Background fetch permission is denied.', 'NotAllowedError');
  const haveBodies = requests.some(mayHaveBody);
  const command = (async () => {
    await checkQuota(downloadTotal);
    // Nobody reads a body for nothing.
    if (haveBodies && await scope.edit({ type: 'get', id })) throw new TypeError('A background fetch with this id is active.');
    const stored = await Promise.all(requests.map((request, index) => storeRequest(request, inputs[index])));
    const uploadTotal = stored.reduce((total, { body }) => total + (body?.size ?? 0), 0);
    needActiveWorker(registration);
    return /** @type {const} */ ({ type: 'fetch', request: { id, title, icons, downloadTotal, uploadTotal, requests: stored } });
  })();
  // Deviation: the text has every other call wait while a body is being read, even for ever.
  if (haveBodies) await command;
  return scope.instance(await scope.edit(command));
}
