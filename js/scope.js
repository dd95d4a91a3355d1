// What this realm knows about the background fetches of one service worker registration.
//
// Everything that arrives from the engine comes through `deliver`, over whichever channel, and is
// put in order there.

import { createRegistration, stateOf, update } from './registration.js';
import { PortLink } from './channel.js';
import { Reader } from './reader.js';

/**
 * @typedef {import('./protocol.js').Snapshot} Snapshot
 * @typedef {import('./protocol.js').Command} Command
 * @typedef {import('./registration.js').BackgroundFetchRegistration} BackgroundFetchRegistration
 *
 * @typedef {object} Link The way to the engine.
 * @property {<C extends Command>(command: C, after?: Promise<unknown>) =>
 *   Promise<import('./protocol.js').Answers[C['type']]>} command `after`: not to be given before that
 * @property {() => void} end says that the registration goes
 */

/**
 * How many background fetches without an object here are remembered, for an object that is on its
 * way.
 */
const REMEMBERED = 100;

/** The longest time between two looks at the database for something that no hint announced. */
const PATIENCE = 500;

/** @type {Map<string, Scope>} */
const scopes = new Map();

/** @type {((scope: Scope) => Link | undefined) | undefined} */
let localLink;

/**
 * In the service worker: a link that needs no messages, or undefined while another worker is the
 * active one.
 *
 * @param {(scope: Scope) => Link | undefined} link
 */
export const linkLocally = link => { localLink = link; };

export class Scope {
  /**
   * The one for this registration. A registration that was made anew under the same scope takes the
   * place of the old one.
   *
   * @param {ServiceWorkerRegistration} registration
   */
  static of(registration) {
    const url = registration.scope;
    const scope = scopes.get(url) ?? new Scope(url, registration);
    scopes.set(url, scope);
    scope.registration = registration;
    return scope;
  }

  /**
   * @type {Map<number, WeakRef<BackgroundFetchRegistration>>}
   *   #backgroundfetchmanager-backgroundfetchregistration-instances
   */
  #instances = new Map();
  /**
   * What is under way stays here although nobody else may hold it: its listeners want to be called.
   *
   * @type {Map<number, BackgroundFetchRegistration>}
   */
  #active = new Map();
  /** @type {Map<number, Snapshot>} */
  #latest = new Map();
  /** @type {Map<number, Set<() => void>>} */
  #waiting = new Map();
  /** Resolves when the last edit is done. @type {Promise<unknown>} */
  #edits = Promise.resolve();
  /** Aborts that are being answered. @type {Map<number, Promise<unknown>>} */
  #aborting = new Map();
  #port = new PortLink(this);

  /**
   * @param {string} url
   * @param {ServiceWorkerRegistration} registration
   */
  constructor(url, registration) {
    this.url = url;
    this.registration = registration;
    this.reader = new Reader(url);
  }

  /**
   * Gives a command to the engine.
   *
   * @template {Command} C
   * @param {C} command
   * @param {Promise<unknown>} [after]
   */
  command(command, after) {
    return (localLink?.(this) ?? this.#port).command(command, after);
  }

  /**
   * Gives a command that changes which background fetches are active, after all those for which
   * this was called before: messages may overtake each other.
   * https://wicg.github.io/background-fetch/#service-worker-registration-concept-extensions
   *
   * @template {Command} C
   * @param {C | Promise<C>} command
   */
  edit(command) {
    const after = this.#edits;
    const answer = Promise.resolve(command).then(command => this.command(command, after));
    this.#edits = answer.catch(() => after);
    return answer;
  }

  /**
   * Aborts a background fetch. The end does not show here before the answer: whoever waits for that
   * may want to listen then.
   *
   * @param {number} no
   */
  abort(no) {
    const answer = this.edit({ type: 'abort', no });
    const answered = Promise.allSettled([answer, this.#aborting.get(no)]).then(nextTask).then(() => {
      if (this.#aborting.get(no) === answered) this.#aborting.delete(no);
    });
    this.#aborting.set(no, answered);
    return answer;
  }

  /**
   * Ends all background fetches, because the registration goes. What the worker does not live to hear
   * ends when another one is installed, and so does what cannot be told, as in a frame that is gone.
   */
  async end() {
    try {
      await (localLink?.(this) ?? this.#port).end();
    } catch {
      // The next worker sees to it.
    }
  }

  /** Stands by the worker, so that it stays alive while it has work. */
  attend() {
    return this.#port.attend();
  }

  /** Resolves when what was delivered about a background fetch shows. @param {number} no */
  async shown(no) {
    await this.#aborting.get(no);
  }

  /** The numbers of the background fetches that have an object here and are under way. */
  get active() {
    return [...this.#active.keys()];
  }

  /** Whether any of these is not paused. */
  get running() {
    return [...this.#active.values()].some(instance => !stateOf(instance).paused);
  }

  /** Whether this realm has an object for a background fetch. @param {number} no */
  has(no) {
    return this.#instances.get(no)?.deref() !== undefined;
  }

  /**
   * Get a BackgroundFetchRegistration instance:
   * https://wicg.github.io/background-fetch/#get-a-backgroundfetchregistration-instance-algorithm
   *
   * @param {Snapshot} snapshot
   */
  instance(snapshot) {
    const { no } = snapshot;
    const known = this.#instances.get(no)?.deref();
    // When storage was cleared, numbers begin anew; what is over does not begin anew.
    if (known?.id === snapshot.id && (!known.result || snapshot.result)) {
      this.deliver(snapshot);
      return known;
    }
    const instance = createRegistration(this, snapshot);
    this.#instances.set(no, new WeakRef(instance));
    if (!snapshot.result) this.#active.set(no, instance);
    // What overtook this snapshot follows in a task of its own, when whoever asked for the object
    // has had time to add a listener.
    setTimeout(() => {
      const latest = this.#latest.get(no);
      if (latest) this.#apply(latest);
    });
    return instance;
  }

  /**
   * Takes news about a background fetch, unless newer ones are here already.
   *
   * @param {Snapshot} snapshot
   */
  deliver(snapshot) {
    const { no, life, turn } = snapshot;
    const known = this.#latest.get(no);
    if (known?.life === life && known.turn >= turn) return;
    this.#latest.delete(no);
    this.#latest.set(no, snapshot);
    const [oldest] = this.#latest.keys();
    if (this.#latest.size > REMEMBERED) this.#latest.delete(oldest);
    this.#apply(snapshot);
  }

  /**
   * Takes what the engine answers about a background fetch that was under way when it was last
   * heard of.
   *
   * @param {number} no
   * @param {Snapshot} [snapshot] undefined: it is no longer under way, as far as anybody says
   */
  async refresh(no, snapshot) {
    if (snapshot) return this.deliver(snapshot);
    try {
      const row = await this.reader.fetch(no) ?? {
        // Without a trace of it, the storage was cleared.
        .../** @type {const} */ ({ result: 'failure', failureReason: 'fetch-error' }),
        ...await this.reader.end(no),
        recordsAvailable: false,
      };
      await this.shown(no);
      const instance = this.#instances.get(no)?.deref();
      if (!instance || !row.result) return; // Not here, or not over.
      this.#active.delete(no);
      update(instance, { ...stateOf(instance), ...row });
    } catch {
      // The database cannot be read; the next look may succeed.
    }
  }

  /** Takes note of what is over, where no engine says so. */
  reread() {
    for (const no of this.#instances.keys()) this.refresh(no);
  }

  /** @param {Snapshot} snapshot */
  #apply(snapshot) {
    const { no } = snapshot;
    const aborting = snapshot.result ? this.#aborting.get(no) : undefined;
    if (aborting) aborting.then(() => this.#show(snapshot));
    else this.#show(snapshot);
    for (const wake of this.#waiting.get(no) ?? []) wake();
  }

  /** @param {Snapshot} snapshot */
  #show(snapshot) {
    const { no, result } = snapshot;
    const instance = this.#instances.get(no)?.deref();
    if (result) this.#active.delete(no);
    if (instance) update(instance, snapshot);
    else this.#instances.delete(no);
  }

  /**
   * Resolves when the database may hold something new about a background fetch.
   *
   * @param {number} no
   * @returns {Promise<void>}
   */
  change(no) {
    return new Promise(resolve => {
      const waiting = this.#waiting.get(no) ?? new Set();
      this.#waiting.set(no, waiting);
      const wake = () => {
        clearTimeout(timer);
        waiting.delete(wake);
        if (!waiting.size) this.#waiting.delete(no);
        resolve();
      };
      const timer = setTimeout(wake, PATIENCE);
      waiting.add(wake);
    });
  }
}

/**
 * Resolves when what waits for a promise that was just settled has run. A timer would be slow in a
 * hidden page.
 */
const nextTask = () => new Promise(resolve => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve(undefined);
  };
  port2.postMessage('');
});
