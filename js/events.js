// BackgroundFetchEvent and BackgroundFetchUpdateUIEvent:
// https://wicg.github.io/background-fetch/#background-fetch-event
//
// Events that a script dispatches are never trusted, and the native waitUntil() refuses them. So
// these have a waitUntil() of their own; whoever dispatches them keeps the worker alive in some
// other way. What the text asks of `isTrusted` is asked of `activity`, which only `deliver` can
// give.

import { toUIOptions } from './dictionaries.js';
import { stateOf } from './registration.js';
import { needArguments, promised, toDictionary } from './webidl.js';

/**
 * @typedef {import('./protocol.js').UIOptions} UIOptions
 * @typedef {import('./registration.js').BackgroundFetchRegistration} BackgroundFetchRegistration
 *
 * @typedef {object} Activity
 * @property {number} pending what still extends the event's life; 0 when it is over
 * @property {() => void} end
 * @property {(ui: UIOptions) => Promise<void>} updateUI
 */

/**
 * After this time an event is over, as in the engines, whatever its handlers still wait for. In
 * milliseconds.
 */
const TIMEOUT = 300_000;

/**
 * Dispatches an event as the functional event that it is. Resolves when it is no longer active.
 *
 * @type {(event: BackgroundFetchEvent, updateUI: (ui: UIOptions) => Promise<void>) =>
 *   Promise<void>}
 */
export let deliver;

/**
 * The activity of an event, or undefined if it was not delivered or is over.
 *
 * @type {(event: BackgroundFetchEvent) => Activity | undefined}
 */
let activityOf;

export class BackgroundFetchEvent extends ExtendableEvent {
  /** @type {BackgroundFetchRegistration} */
  #registration;
  /** @type {Activity | undefined} */
  #activity;

  /**
   * @param {string} type
   * @param {ExtendableEventInit & { registration: BackgroundFetchRegistration }} init
   */
  constructor(type, init) {
    needArguments(arguments.length, 2);
    super(type, init);
    const { registration } = toDictionary(init, 'BackgroundFetchEventInit');
    this.#registration = /** @type {BackgroundFetchRegistration} */ (registration);
    try {
      stateOf(this.#registration);
    } catch {
      throw new TypeError('registration must be a BackgroundFetchRegistration.');
    }
  }

  static {
    activityOf = event => event.#activity?.pending ? event.#activity : undefined;
    deliver = (event, updateUI) => new Promise(resolve => {
      /** @type {Activity} */
      const activity = { pending: 1, end: resolve, updateUI };
      event.#activity = activity;
      setTimeout(finish, TIMEOUT, activity);
      // Handlers may still call waitUntil() in a microtask, and no later. Had the browser
      // dispatched the event, microtasks would run between the listeners; now they run after the
      // last one, and before the first task. Which kind of task comes first depends on the engine;
      // both are queued before any of the handlers'.
      let dispatching = true;
      const over = () => {
        if (dispatching) release(activity);
        dispatching = false;
        port1.close();
      };
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = over;
      port2.postMessage(undefined);
      setTimeout(over);
      globalThis.dispatchEvent(event);
    });
  }

  get registration() { return this.#registration; }

  /**
   * https://w3c.github.io/ServiceWorker/#extendableevent-add-lifetime-promise
   *
   * @param {unknown} promise
   */
  waitUntil(promise) {
    const activity = activityOf(this);
    needArguments(arguments.length, 1);
    if (!activity) throw new DOMException('The event handler is already finished.', 'InvalidStateError');
    activity.pending++;
    const done = () => queueMicrotask(() => release(activity));
    Promise.resolve(promise).then(done, reason => {
      done();
      // Whoever waits for a promise handles it: it is reported, and not as unhandled.
      console.error(reason);
    });
  }
}

export class BackgroundFetchUpdateUIEvent extends BackgroundFetchEvent {
  /** #ui-updated-flag */
  #updated = false;

  /**
   * @param {string} type
   * @param {ExtendableEventInit & { registration: BackgroundFetchRegistration }} init
   */
  constructor(type, init) {
    needArguments(arguments.length, 2);
    super(type, init);
  }

  /** https://wicg.github.io/background-fetch/#background-fetch-update-ui-event-update-ui */
  updateUI() {
    return promised(async () => {
      this.#updated; // A TypeError on a wrong receiver comes before all others.
      const ui = toUIOptions(arguments[0]);
      const activity = activityOf(this);
      if (this.#updated) throw new DOMException('updateUI() may be called once.', 'InvalidStateError');
      if (!activity) throw new DOMException('updateUI() may be called while the event is active.', 'InvalidStateError');
      this.#updated = true;
      await activity.updateUI(ui);
    });
  }
}

/** @param {Activity} activity */
function release(activity) {
  if (activity.pending && !--activity.pending) activity.end();
}

/** @param {Activity} activity */
function finish(activity) {
  activity.pending = 0;
  activity.end();
}
