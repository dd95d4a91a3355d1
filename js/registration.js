// BackgroundFetchRegistration:
// https://wicg.github.io/background-fetch/#background-fetch-registration

import { getHandler, setHandler } from './handlers.js';
import { matchRecords, toCacheQueryOptions } from './matching.js';
import { toRequestInput } from './request.js';
import { illegalConstructor, needArguments, promised } from './webidl.js';

/**
 * @typedef {import('./protocol.js').State} State
 * @typedef {import('./scope.js').Scope} Scope
 */

/**
 * Handed to the constructor behind its back: pages cannot call it.
 *
 * @type {{ scope: Scope, state: State } | undefined}
 */
let birth;

/**
 * A new object for a background fetch.
 *
 * @param {Scope} scope
 * @param {State} state
 */
export function createRegistration(scope, state) {
  birth = { scope, state: { ...state } };
  return new BackgroundFetchRegistration();
}

/**
 * Brings an object up to date.
 *
 * @type {(registration: BackgroundFetchRegistration, state: State) => void}
 */
export let update;

/**
 * What an object shows. Throws a TypeError for anything else.
 *
 * @type {(registration: BackgroundFetchRegistration) => State}
 */
export let stateOf;

export class BackgroundFetchRegistration extends EventTarget {
  /** @type {Scope} */
  #scope;
  /** @type {State} */
  #state;

  constructor() {
    if (!birth) throw illegalConstructor();
    super();
    this.#scope = birth.scope;
    this.#state = birth.state;
    birth = undefined;
  }

  static {
    update = (registration, state) => registration.#update(state);
    stateOf = registration => registration.#state;
  }

  get id() { return this.#state.id; }
  get uploadTotal() { return this.#state.uploadTotal; }
  get uploaded() { return this.#state.uploaded; }
  get downloadTotal() { return this.#state.downloadTotal; }
  get downloaded() { return this.#state.downloaded; }
  get result() { return this.#state.result; }
  get failureReason() { return this.#state.failureReason; }
  get recordsAvailable() { return this.#state.recordsAvailable; }

  get onprogress() {
    this.#state; // The brand check.
    return getHandler(this, 'progress');
  }

  set onprogress(value) {
    this.#state;
    setHandler(this, 'progress', value);
  }

  /** https://wicg.github.io/background-fetch/#background-fetch-registration-abort */
  abort() {
    return promised(() => {
      const { no, result } = this.#state;
      const { registration } = this.#scope;
      // Without an active worker there is no engine, and so nothing that could be aborted.
      if (result || !registration.active) return false;
      return this.#scope.abort(no).catch(error => {
        if (registration.active) throw error;
        return false;
      });
    });
  }

  // Not in the specification, and only there with the option `pause`: the paused flag.
  get paused() { return this.#state.paused; }
  pause() { return promised(() => this.#setPaused(true)); }
  resume() { return promised(() => this.#setPaused(false)); }

  /** @param {boolean} paused */
  async #setPaused(paused) {
    const scope = this.#scope;
    scope.deliver(await scope.edit({ type: 'pause', no: this.#state.no, paused }));
  }

  /**
   * https://wicg.github.io/background-fetch/#background-fetch-registration-match
   *
   * @param {unknown} request
   */
  match(request) {
    return promised(() => {
      this.#state;
      needArguments(arguments.length, 1);
      const input = toRequestInput(request);
      return this.#matchAll(input, arguments[1], true).then(matches => matches[0]);
    });
  }

  /** https://wicg.github.io/background-fetch/#background-fetch-registration-match-all */
  matchAll() {
    return promised(() => {
      this.#state;
      /** @type {unknown} */
      const request = arguments[0];
      const input = request === undefined ? undefined : toRequestInput(request);
      return this.#matchAll(input, arguments[1], false);
    });
  }

  /**
   * @param {Request | string | undefined} input undefined: every record
   * @param {unknown} options
   * @param {boolean} first whether the first match is enough
   */
  #matchAll(input, options, first) {
    const query = toCacheQueryOptions(options);
    if (!this.#state.recordsAvailable) throw unavailable();
    const request = typeof input === 'string' ? new Request(input) : input;
    return matchRecords(this.#scope, this.#state.no, request, query, first).then(records => {
      if (records) return records;
      // The database has forgotten them, and the news is still on its way here.
      this.#state.recordsAvailable = false;
      throw unavailable();
    });
  }

  /**
   * Update background fetch instances, the part that runs here:
   * https://wicg.github.io/background-fetch/#update-background-fetch-instance-algorithm
   *
   * @param {State} state
   */
  #update({ downloaded, uploaded, result, failureReason, recordsAvailable, paused }) {
    const state = this.#state;
    // Without an end, only a stranger says that.
    if (result && !recordsAvailable) state.recordsAvailable = false;
    if (state.result) return; // No progress after the end.
    const pausedChanged = state.paused !== paused && !result;
    const moved = state.downloaded !== downloaded || state.uploaded !== uploaded || result;
    Object.assign(state, { downloaded, uploaded, result, failureReason, paused });
    if (pausedChanged) this.dispatchEvent(new Event(paused ? 'pause' : 'resume'));
    if (moved) this.dispatchEvent(new Event('progress'));
  }
}

/** Takes away what only those have who ask for it. */
export function withholdPause() {
  for (const key of ['paused', 'pause', 'resume']) Reflect.deleteProperty(BackgroundFetchRegistration.prototype, key);
}

const unavailable = () =>
  new DOMException('The records are no longer available.', 'InvalidStateError');
