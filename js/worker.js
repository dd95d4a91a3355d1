// The service worker's side: everything that must be in place when the script has run. The engine
// comes later, when it is needed: running this script starts nothing.

import { patchRespondWith } from './cache.js';
import { clear } from './clear.js';
import { isCommand } from './decode.js';
import { hearEnvelopes } from './envelope.js';
import { BackgroundFetchEvent, BackgroundFetchUpdateUIEvent } from './events.js';
import { getHandler, setHandler } from './handlers.js';
import { command, end, life, resume } from './host.js';
import { installInterfaces } from './install.js';
import { HOLD, PROMPT, hold, yieldToUpdates } from './keepalive.js';
import { globalOptions } from './options.js';
import { DEPOSED, name, protocol, toException, toFailure, version } from './protocol.js';
import { Scope, linkLocally } from './scope.js';
import { expose } from './webidl.js';
import { worker } from './worker-scope.js';

/**
 * @typedef {import('./protocol.js').Command} Command
 * @typedef {import('./protocol.js').Reply} Reply
 */

/** Pages that have been greeted and have not sent their command yet: beyond so many, the first is let go. */
const GREETED = 1000;
/** How long an event is held for the command of a page that has been greeted, in milliseconds. */
const THINKING = 10_000;

/** How long after a page has said farewell its port is closed as well, at most, in milliseconds. */
const FAREWELL = 100;

/** @type {Set<() => void>} what refuses each of them */
const greeted = new Set();

/** Whether this worker was just installed, and so is not the active one. */
let installing = false;

/** Installs the API, unless the browser has it. */
export function installWorker() {
  if (!installInterfaces(globalOptions(), {
    inspect: () => give({ type: 'inspect' }, []),
    retry: () => give({ type: 'retry' }),
  })) return;
  expose('BackgroundFetchEvent', BackgroundFetchEvent);
  expose('BackgroundFetchUpdateUIEvent', BackgroundFetchUpdateUIEvent);
  for (const type of ['success', 'fail', 'abort', 'click']) exposeHandler(`backgroundfetch${type}`);
  patchRespondWith(FetchEvent);
  linkLocally(scope => scope.url === worker.registration.scope && isActive() ? { command: ask, end } : undefined);
  listen();
}

/**
 * A command of the application's. A version that is not the active one gives it to that one, whose engine
 * it would depose, and does not fail on its account: that would fail its own installation.
 *
 * @param {import('./protocol.js').Command} asked
 * @param {unknown} [nothing] the answer where no active worker gives one
 */
async function give(asked, nothing) {
  if (isActive()) return ask(asked);
  const { registration } = worker;
  return registration.active ? Scope.of(registration).command(asked).catch(() => nothing) : nothing;
}

/**
 * A command of this worker itself. It fails with what a page's would fail with.
 *
 * @template {Command} C
 * @param {C} asked
 * @param {Promise<unknown>} [after]
 * @returns {Promise<import('./protocol.js').Answers[C['type']]>}
 */
const ask = async (asked, after) => {
  await after;
  return command(asked).catch(error => { throw toException(toFailure(error)); });
};

/**
 * https://wicg.github.io/background-fetch/#extensions-to-service-worker-global
 *
 * @param {string} type
 */
function exposeHandler(type) {
  const key = `on${type}`;
  const given = Object.getOwnPropertyDescriptor(worker, key);
  if (given && !given.configurable) {
    // Declared with var, it stays a variable; what it holds is the handler all the same.
    worker.addEventListener(type, event => {
      const handler = Reflect.get(worker, key);
      if (typeof handler === 'function') Reflect.apply(handler, worker, [event]);
    });
    return;
  }
  // One that was set before the script.
  const handler = Reflect.get(worker, key);
  Reflect.set(worker, key, null);
  Object.defineProperties(worker, Object.getOwnPropertyDescriptors({
    get [key]() { return getHandler(globalObject(this), type); },
    set [key](/** @type {unknown} */ value) { setHandler(globalObject(this), type, value); },
  }));
  setHandler(worker, type, handler);
}

/**
 * What `this` stands for in an attribute of the global object.
 *
 * @param {unknown} receiver
 */
function globalObject(receiver) {
  if ((receiver ?? worker) !== worker) throw new TypeError('Illegal invocation');
  return worker;
}

function listen() {
  hearEnvelopes(worker, hear);
  worker.addEventListener('install', event => {
    installing = true;
    // The first worker of a registration: what is stored belonged to another one, under the same
    // scope, that was removed.
    if (!worker.registration.active) event.waitUntil(clear(worker.registration).catch(reportError));
  });
  // Others remove a registration without a word, and Chromium forgets what was posted to a worker whose registration goes
  // meanwhile. Only there does a worker see that it has gone; one that is replaced has a successor.
  const { serviceWorker } = worker;
  serviceWorker?.addEventListener('statechange', () => {
    if (serviceWorker.state === 'redundant' && !worker.registration.active) end(true);
  });
  worker.addEventListener('activate', () => {
    installing = false;
    // Without waitUntil(): until this event is over, the worker answers no fetch.
    resume().catch(reportError);
  });
  for (const type of ['push', 'sync', 'periodicsync', 'notificationclick']) {
    worker.addEventListener(type, given => {
      const event = /** @type {ExtendableEvent & { tag?: string }} */ (given);
      if (event.tag === name) event.stopImmediatePropagation();
      event.waitUntil(stay(() => hold(HOLD)));
    }, { capture: true });
  }
  yieldToUpdates();
}

/**
 * Whether this is the registration's active worker. One that is being installed, or waits, leaves
 * everything to that one.
 */
function isActive() {
  const state = worker.serviceWorker?.state;
  return state
    ? state === 'activating' || state === 'activated'
    : !installing && worker.registration.active !== null;
}

/**
 * @param {import('./envelope.js').Kind} kind
 * @param {MessagePort} [port]
 */
async function hear(kind, port) {
  if (kind === 'end') return end(!isActive());
  if (!isActive()) return; // Meant for the active one, whoever sent it.
  if (kind === 'connect' && port) await serve(port);
  else await stay(async () => {
    if (kind === 'ping') return hold(PROMPT);
    await new Promise(resolve => { setTimeout(resolve, FAREWELL); });
    return hold(HOLD);
  });
}

/**
 * Takes up what is left to do, and stays for it.
 *
 * @param {() => Promise<void>} hold
 */
async function stay(hold) {
  await resume().catch(reportError);
  await hold();
}

/**
 * Greets a page, and carries out the one command that it then sends. Nobody waits for that for long; but
 * if it comes, it is carried out.
 *
 * @param {MessagePort} port
 */
function serve(port) {
  /** @param {Reply} message */
  const reply = message => port.postMessage(message);
  reply({ type: 'hello', protocol, version, life });
  return new Promise(resolve => {
    const refuse = () => {
      greeted.delete(refuse);
      port.onmessage = null;
      reply(toFailure(new TypeError('This is no command.')));
      resolve(undefined);
    };
    setTimeout(resolve, THINKING);
    port.onmessage = ({ data }) => {
      if (!isCommand(data)) return refuse();
      greeted.delete(refuse);
      port.onmessage = null;
      resolve(carryOut(data, port).then(value => reply({ type: 'answer', value }), error => reply(toFailure(error))));
    };
    greeted.add(refuse);
    const [first] = greeted;
    if (greeted.size > GREETED) first();
  });
}

/**
 * @param {import('./protocol.js').Command} asked
 * @param {MessagePort} port
 */
async function carryOut(asked, port) {
  // It was when it greeted.
  if (!isActive()) throw new DOMException('Another version has taken over.', DEPOSED);
  return command(asked, port);
}
