// Files on the fault server, and background fetches of them.
import { checksum } from '../../tools/faults/bytes.mjs';
import { session } from './session.mjs';

/** @typedef {import('./worker.mjs').Snapshot} Snapshot */
/** @typedef {string | { url: string, method?: string, headers?: Record<string, string>, body?: string, mode?: RequestMode, redirect?: RequestRedirect }} Asked */
/** @typedef {{ url: string, method: string, status: number, type: string, responseUrl: string, size: number, sum: string } | { url: string, method: string, error: string }} Received */

/**
 * A file of the server: where it is, how long, and its checksum.
 *
 * @param {{ url: (path: string) => string }} server
 * @param {string} name part of the URL and of the seed, so that it is the scenario's own
 * @param {number} size
 * @param {Record<string, string | number>} [behaviour] parameters of tools/faults/plan.mjs
 */
export function file(server, name, size, behaviour = {}) {
  const query = new URLSearchParams({ size: String(size), seed: name });
  for (const [key, value] of Object.entries(behaviour)) query.set(key, String(value));
  return { url: server.url(`/bytes/${name}?${query}`), size, sum: checksum(name, size) };
}

/** @param {number} count @param {(index: number) => ReturnType<typeof file>} make */
export const files = (count, make) => Array.from({ length: count }, (_, index) => make(index));

/**
 * Asks for a background fetch and resolves with the registration as it then is. The page keeps it as
 * `self.job`, and counts its progress events.
 *
 * @param {import('./page.mjs').Page} page
 * @param {string} id
 * @param {Asked[]} requests
 * @param {object} [options]
 * @returns {Promise<Snapshot>}
 */
export function begin(page, id, requests, options = {}) {
  return page.run(async (id, requests, options) => {
    const { harness, registration } = /** @type {any} */ (self);
    const made = requests.map(request => (typeof request === 'string' ? request : new Request(request.url, request)));
    const job = await registration.backgroundFetch.fetch(id, made, options);
    /** @type {any} */ (self).job = job;
    harness.watch(job);
    return harness.snapshot(job);
  }, id, requests, options);
}

/**
 * Resolves when the page's registration of {@link begin} has its result, with what it then is and all
 * that progress events showed.
 *
 * @param {import('./page.mjs').Page} page
 * @returns {Promise<Snapshot & { progress: Snapshot[] }>}
 */
export function settled(page) {
  return page.run(async () => {
    const { harness, job } = /** @type {any} */ (self);
    return harness.settled(job);
  });
}

/**
 * Resolves with what the page's registration of {@link begin} shows to be stored, once that is so much.
 *
 * @param {import('./page.mjs').Page} page
 * @param {number} [bytes]
 * @returns {Promise<number>}
 */
export function stored(page, bytes = 1) {
  return page.run(bytes => new Promise(resolve => {
    const { job } = /** @type {any} */ (self);
    const look = () => (job.downloaded >= bytes || job.result) && resolve(job.downloaded);
    job.addEventListener('progress', look);
    look();
  }), bytes);
}

/**
 * The requests of a file's body, by their first byte.
 *
 * @param {Pick<import('./support.mjs').Fixture, 'server' | 'name'>} fixture
 * @param {string} [of] the file's name, if it is not the scenario's
 */
export const starts = ({ server, name }, of = name) =>
  server.log.of(`/bytes/${of}?`).map(({ headers }) => Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0));

/** Says something to the worker's script. @param {import('./page.mjs').Page} page @param {string} word */
export const say = (page, word) => page.run(word => new BroadcastChannel(`words ${new URL('./', location.href).href}`).postMessage(word), word);

/**
 * Code for the worker: reports every record of a background fetch that ends, with the checksum of its
 * body, as `records`.
 */
export const reportRecords = `
  for (const type of ['backgroundfetchsuccess', 'backgroundfetchfail', 'backgroundfetchabort']) {
    self.addEventListener(type, event => {
      event.waitUntil(event.registration.matchAll().then(harness.received).then(records => harness.report('records', records)));
    });
  }
`;

/**
 * What {@link reportRecords} reports of these files.
 *
 * @param {ReturnType<typeof file>[]} wanted
 * @param {ResponseType} [type]
 */
export function whole(wanted, type = 'basic') {
  // Native rebuilds responses, and loses their type.
  const shown = session.options.native ? 'default' : type;
  return wanted.map(({ url, size, sum }) => ({ url, method: 'GET', status: 200, type: shown, responseUrl: url, size, sum }));
}

/** Keeps the records until the page has seen them: the handler ends when it is told to. */
export const keepRecords = `
  for (const type of ['success', 'fail', 'abort']) addEventListener('backgroundfetch' + type, event => {
    event.waitUntil(new Promise(resolve => { new BroadcastChannel('let go ' + harness.scope).onmessage = resolve; }));
    harness.report('kept');
  });
`;

/** @param {import('./page.mjs').Page} page @param {string} scope */
export const letGo = (page, scope) => page.run(scope => new BroadcastChannel(`let go ${scope}`).postMessage(''), scope);

/**
 * For the worker's script, before the import: calls `hear(data, ports, event)` for whatever a page posts, in either of the ways that
 * js/envelope.js has.
 */
export const overhear = `
  const overhear = hear => {
    addEventListener('message', event => hear(event.data, event.ports, event), { capture: true });
    addEventListener('messageerror', event => {
      event.ports[0].addEventListener('message', ({ data, ports }) => hear(data, ports, event));
    }, { capture: true });
  };
`;
