// The service worker's side of the engine: opens it when it is first needed, gives it commands, and
// does what it asks for.

import { Engine } from '#engine';
import { clear } from './clear.js';
import { BackgroundFetchEvent, BackgroundFetchUpdateUIEvent, deliver } from './events.js';
import { rest, stayFor, subscribe, work } from './keepalive.js';
import { unleased } from './lease.js';
import { load } from './wasm.js';
import { options } from './options.js';
import { tellPages } from './pages.js';
import { hearViolation, probe } from './probe.js';
import { DEPOSED, name } from './protocol.js';
import { Scope } from './scope.js';
import { gather, head, send } from './transfer.js';
import { worker } from './worker-scope.js';

/**
 * @typedef {import('./protocol.js').State} State
 * @typedef {import('./protocol.js').Snapshot} Snapshot
 * @typedef {import('./protocol.js').Command} Command
 * @typedef {import('./protocol.js').Answers} Answers
 * @typedef {import('./protocol.js').Hint} Hint
 */

/** Tells this start of the worker from all others. */
export const life = `${Math.random()}`;

let turn = 0;

/** @type {Promise<Engine> | undefined} */
let opening;

/** Whether another worker's engine has taken over. */
let deposed = false;

/** For how long another engine has the database to itself, in milliseconds: twice as long each time. */
let truce = 5_000;

/** @type {BroadcastChannel | undefined} */
let channel;

/**
 * @param {State} state
 * @returns {Snapshot}
 */
const snapshot = state => ({ ...state, life, turn: ++turn });

const scope = () => Scope.of(worker.registration);

/** @param {Hint} hint */
function hint(hint) {
  channel ??= new BroadcastChannel(`${name} ${worker.registration.scope}`);
  channel.postMessage(hint);
}

/**
 * No functional event comes before its worker is activated. What is counted as dispatched must be, so this is
 * waited for before: https://w3c.github.io/ServiceWorker/#fire-functional-event-algorithm
 */
async function activated() {
  const { active } = worker.registration;
  while (active?.state === 'activating') {
    await new Promise(resolve => { active.addEventListener('statechange', resolve, { once: true }); });
  }
}

/** What the engine asks for. */
const host = {
  send,
  probe,
  head,
  gather,

  /** Progress. @param {State} state */
  announce(state) {
    const news = snapshot(state);
    hint({ type: 'progress', state: news });
    scope().deliver(news);
  },

  /** The end: it is known everywhere, and the worker activated, before the event tells about it. @param {State} state */
  async tell(state) {
    const news = snapshot(state);
    const told = tellPages(news);
    hint({ type: 'progress', state: news }); // For pages whose port was lost.
    scope().deliver(news);
    await Promise.all([told, scope().shown(state.no), activated()]);
  },

  /**
   * @param {'success' | 'fail' | 'abort' | 'click'} kind
   * @param {State} state
   */
  async dispatch(kind, state) {
    try {
      const Interface = kind === 'success' || kind === 'fail' ? BackgroundFetchUpdateUIEvent : BackgroundFetchEvent;
      const event = new Interface(`backgroundfetch${kind}`, { registration: scope().instance(snapshot(state)) });
      await stayFor(deliver(event, async ui => (await engine()).updateUI(state.no, ui)));
    } catch (error) {
      reportError(error);
    }
  },

  /** @param {boolean} busy */
  busy(busy) {
    if (busy) work();
    else rest();
  },

  /**
   * @param {number} no
   * @param {() => Promise<void>} sweep
   */
  sweep(no, sweep) {
    unleased(worker.registration.scope, no, sweep);
  },

  /**
   * The engine has stopped for good.
   *
   * @param {boolean} again whether the next command begins anew: the storage was cleared, or belongs to a
   *   later version and opening it says so; else another worker's engine has taken over
   */
  lost(again) {
    deposed = !again;
    // Pages talk to the active worker only. If that is still this one, then the other engine's was mistaken.
    if (deposed) setTimeout(() => { deposed = false; }, truce *= 2);
    opening = undefined;
  },
};

/** The engine. It is opened on first use, and again if that failed. */
export function engine() {
  opening ??= (async () => {
    if (deposed) throw new DOMException('Another engine has taken over this scope.', DEPOSED);
    // Some databases never open, and nobody says so. The reader gives up after a time; what else it may
    // find wrong the engine says better.
    const opens = scope().reader.inUse().catch(error => {
      if (error.name === 'UnknownError') throw error;
    });
    await Promise.all([load(), opens]);
    addEventListener('securitypolicyviolation', hearViolation);
    const opened = await Engine.open(worker.registration.scope, host, options().windows);
    hint({ type: 'start', life });
    return opened;
  })();
  opening.catch(() => { opening = undefined; });
  return opening;
}

/** @type {Promise<void> | undefined} */
let resuming;

/** Opens the engine if there may be something left to do. However many ask, it is looked up once. */
export function resume() {
  resuming ??= (async () => {
    // What is wrong with the storage the engine says better.
    if (!deposed && (opening || await scope().reader.inUse().catch(() => true))) await engine();
  })().finally(() => { resuming = undefined; });
  return resuming;
}

/**
 * Ends all background fetches, without events: the registration goes.
 *
 * @param {boolean} [gone] it has gone, and another one may have come: then only what this engine has is its own
 */
export async function end(gone) {
  try {
    if (deposed || !(opening || !gone && await scope().reader.inUse())) return;
    const ours = await engine();
    const nos = gone && (/** @type {State[]} */ (ours.inspect())).map(({ no }) => no);
    ours.clear();
    await clear(worker.registration, Infinity, nos);
  } catch (error) {
    reportError(error);
  }
}

/**
 * Carries out a command.
 *
 * @template {Command} C
 * @param {C} command
 * @param {MessagePort} [port] where it came from
 * @returns {Promise<Answers[C['type']]>}
 */
export async function command(command, port) {
  return /** @type {Answers[C['type']]} */ (await answer(await engine(), command, port));
}

/**
 * @param {Engine} engine
 * @param {Command} command
 * @param {MessagePort} [port]
 * @returns {Promise<Answers[Command['type']]>}
 */
async function answer(engine, command, port) {
  switch (command.type) {
    case 'fetch':
      // The oldest news there can be: progress may have been announced before this line is reached.
      return { ...await engine.fetch(command.request), life, turn: 0 };
    case 'get': {
      const state = engine.get(command.id);
      return state && snapshot(state);
    }
    case 'abort':
      return engine.abort(command.no);
    case 'pause':
      return pause(engine, command.no, command.paused);
    case 'retry':
      return engine.retry(true);
    case 'click':
      return click(engine, command.id);
    case 'inspect':
      return engine.inspect();
    case 'subscribe': {
      if (port) {
        subscribe(port);
        engine.retry(false); // A page has come: what waits for a server need not wait any longer.
      }
      return command.nos.map(numbered(engine)).map(state => state && snapshot(state));
    }
    default:
      throw new TypeError('An unknown command.');
  }
}

/** Looks up active background fetches by their numbers. @param {Engine} engine */
function numbered(engine) {
  const states = new Map((/** @type {State[]} */ (engine.inspect())).map(state => [state.no, state]));
  return (/** @type {number} */ no) => states.get(no);
}

/**
 * Sets or unsets the paused flag: https://wicg.github.io/background-fetch/#background-fetch-paused-flag
 *
 * @param {Engine} engine
 * @param {number} no
 * @param {boolean} paused
 */
async function pause(engine, no, paused) {
  const stored = engine.pause(no, paused);
  const state = numbered(engine)(no);
  if (!state) throw new DOMException('This background fetch has ended.', 'InvalidStateError');
  if (state.paused !== paused) {
    // Anything else may have effects when it is sent again.
    throw new DOMException('Only a background fetch whose requests are all GET can be paused.', 'InvalidStateError');
  }
  const news = snapshot(state);
  await stored;
  return news;
}

/**
 * Fire a background fetch click event:
 * https://wicg.github.io/background-fetch/#fire-a-background-fetch-click-event-algorithm
 *
 * @param {Engine} engine
 * @param {string} id
 */
async function click(engine, id) {
  await activated();
  const state = engine.get(id) ?? await settled(id);
  if (!state) throw new DOMException(`There is no background fetch "${id}".`, 'NotFoundError');
  host.dispatch('click', state);
  return undefined;
}

/**
 * The newest background fetch with this id, if its rows are still there.
 *
 * @param {string} id
 * @returns {Promise<State | undefined>}
 */
async function settled(id) {
  const { keys, values } = await scope().reader.fetches();
  const newest = values.findLastIndex(row => row.id === id);
  return newest < 0 ? undefined : { ...values[newest], no: keys[newest] };
}
