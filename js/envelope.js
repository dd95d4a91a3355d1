// What a page posts to the service worker itself, so that the application's own handlers hear nothing of it.
//
// A command never travels alone: the page posts `connect` with a port to the active worker, the worker
// greets on that port, the page sends its command there and gets the answer there. So a worker without
// this script is found out before anything is asked of it.

import { name, protocol } from './protocol.js';

/** @type {'background-fetch-polyfill:'} */
const prefix = `${name}:`;

/**
 * @typedef {'connect' | 'ping' | 'leave' | 'end'} Kind `end`: the registration goes
 * @typedef {{ type: `${typeof prefix}${Kind}`, protocol: number }} Envelope
 */

/**
 * At their target, listeners that capture come before those that do not, whenever they were added (DOM,
 * "dispatch"): so ours is the first, and stops the event. Chromium keeps to that in documents only. There,
 * what a page posts is something that is not exposed in service workers and cannot be read in them: an
 * event `messageerror`, of which those who listen for messages hear nothing. Its ports arrive all the
 * same, and one of them brings the envelope. Firefox would drop them.
 */
const isHidden = 'NavigatorUAData' in globalThis && 'AudioData' in globalThis;

/** So many ports come with an unreadable message of ours. Nobody else's has as many. */
const PORTS = 3;

/** How long an envelope may be on its way when its port is there already, in milliseconds. */
const LATE = 10_000;

/**
 * To the active worker, if there is one.
 *
 * @param {ServiceWorkerRegistration} registration
 * @param {Kind} kind
 * @param {MessagePort[]} [ports]
 */
export function post({ active: worker }, kind, ports = []) {
  if (!worker) return;
  /** @type {Envelope} */
  const envelope = { type: `${prefix}${kind}`, protocol };
  if (!isHidden) return worker.postMessage(envelope, ports);
  const { port1, port2 } = new MessageChannel();
  const spare = new MessageChannel();
  port1.postMessage(envelope, ports);
  const unreadable = new AudioData({
    format: 'u8', sampleRate: 8000, numberOfFrames: 1, numberOfChannels: 1, timestamp: 0, data: new Uint8Array(1),
  });
  worker.postMessage(unreadable, [port2, spare.port1, spare.port2]);
  unreadable.close();
}

/**
 * Hears what pages post, in the service worker.
 *
 * @param {ServiceWorkerGlobalScope} worker
 * @param {(kind: Kind, port?: MessagePort) => Promise<void>} hear the worker stays as long as it takes
 */
export function hearEnvelopes(worker, hear) {
  /** @param {{ data: unknown, ports: readonly MessagePort[] }} message */
  const open = async ({ data, ports: [port] }) => {
    if (isEnvelope(data)) await hear(/** @type {Kind} */ (data.type.slice(prefix.length)), port);
  };
  worker.addEventListener('message', event => {
    if (!isEnvelope(event.data)) return;
    event.stopImmediatePropagation();
    event.waitUntil(open(event));
  }, { capture: true });
  worker.addEventListener('messageerror', event => {
    if (event.ports.length !== PORTS) return;
    event.stopImmediatePropagation();
    event.waitUntil(new Promise(resolve => {
      setTimeout(resolve, LATE);
      const [carrier] = event.ports;
      carrier.onmessage = message => {
        carrier.close();
        resolve(open(message));
      };
    }));
  }, { capture: true });
}

/**
 * Whether a message belongs to us. Its sender is judged elsewhere.
 *
 * @param {unknown} data
 * @returns {data is Envelope}
 */
const isEnvelope = data => typeof data === 'object' && data !== null
  && 'type' in data && typeof data.type === 'string' && data.type.startsWith(prefix);
