// The way to the engine through messages, from a page to the active service worker.

import { isHint } from './decode.js';
import { needActiveWorker } from './active.js';
import { post } from './envelope.js';
import { DEPOSED, name, protocol, toException, version } from './protocol.js';

/**
 * @typedef {import('./protocol.js').Command} Command
 * @typedef {import('./protocol.js').Answers} Answers
 * @typedef {import('./protocol.js').Reply} Reply
 * @typedef {import('./protocol.js').Notice} Notice
 * @typedef {import('./protocol.js').Response} Response
 * @typedef {import('./protocol.js').Hint} Hint
 *
 * @typedef {{ port: MessagePort, life: string, worker: ServiceWorker }} Connection
 */

/**
 * How long a worker has to greet, each of two times, in milliseconds. It may have to start first.
 */
const GREETING = 5000;
/** How often a worker that is still working on a command is asked whether it is the same one. */
const ASKING = 10_000;
/**
 * After one worker has taken over from another, the registration has the old one for some milliseconds more
 * in Chromium. So long does a command wait before it is given again, and a greeting before the next one.
 */
const TAKING_OVER = 200;
/**
 * After so long a silence of a worker that has work to do, it must have been stopped. It prompts
 * every 10 s.
 */
const SILENCE = 15_000;

export class PortLink {
  /** @type {import('./scope.js').Scope} */
  #scope;
  /** The worker's life to which we are subscribed. */
  #life = '';
  /** @type {MessagePort | undefined} */
  #port;
  /** @type {Promise<void> | undefined} */
  #subscribing;
  #heard = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watch;
  /** @type {BroadcastChannel | undefined} */
  #hints;

  /** @param {import('./scope.js').Scope} scope */
  constructor(scope) {
    this.#scope = scope;
  }

  /**
   * @template {Command} C
   * @param {C} command
   * @param {Promise<unknown>} [after]
   * @returns {Promise<Answers[C['type']]>}
   */
  async command(command, after) {
    for (let attempts = 3; attempts--;) {
      // A worker that has greeted does not wait long for what comes then.
      await after;
      await this.attend();
      const connection = await this.#connect();
      // Whoever asks for an object has to hear how it goes on, from the first moment.
      if (connection.life !== this.#life) await this.#subscribe();
      const answer = await this.#ask(connection, command).finally(() => connection.port.close());
      if (answer) return answer.value;
      if (command.type === 'fetch') {
        // The worker was stopped before it answered. What it had promised to itself it has kept.
        const kept = await this.command({ type: 'get', id: command.request.id });
        if (kept) return /** @type {Answers[C['type']]} */ (kept);
      }
    }
    throw new DOMException('The service worker stops again and again.', 'UnknownError');
  }

  /**
   * A port at whose other end a worker with this script has answered.
   *
   * @returns {Promise<Connection>}
   */
  async #connect() {
    for (let attempts = 2; attempts;) {
      const worker = needActiveWorker(this.#scope.registration);
      const { port1: port, port2 } = new MessageChannel();
      const greeting = next(port, worker);
      post(this.#scope.registration, 'connect', [port2]);
      const hello = await greeting;
      if (hello?.type === 'hello') {
        if (hello.protocol === protocol) return { port, life: hello.life, worker };
        port.close();
        throw new TypeError(`The page has version ${version} of ${name}, the service worker ${hello.version}. `
          + 'Update the worker, or reload the page.');
      }
      port.close();
      if (hello?.type !== 'statechange') attempts--;
    }
    throw new TypeError(`The service worker of ${this.#scope.url} does not answer. It must import `
      + 'background-fetch-sw.js, with the same options.');
  }

  /**
   * @template {Command} C
   * @param {Connection} connection
   * @param {C} command
   * @returns {Promise<{ value: Answers[C['type']] } | undefined>} undefined if the worker was
   *   stopped before it answered
   */
  #ask({ port, life, worker }, command) {
    const asking = new AbortController();
    return new Promise((/** @type {(answer?: any) => void} */ resolve, reject) => {
      const ask = async () => {
        const now = await this.#connect().catch(() => undefined);
        if (now?.life !== life) resolve();
        now?.port.postMessage(''); // No command, so that the worker does not wait for one.
        now?.port.close();
      };
      const timer = setInterval(ask, ASKING);
      const { signal } = asking;
      signal.onabort = () => clearInterval(timer);
      worker.addEventListener('statechange', () => setTimeout(ask, TAKING_OVER), { signal });
      listen(port, reply => {
        // A subscriber may be prompted before it has its answer.
        if (reply.type === 'answer') resolve(reply);
        if (reply.type !== 'error') return;
        // Another worker's engine has taken over: the registration will know of it in a moment.
        if (reply.name === DEPOSED) setTimeout(resolve, TAKING_OVER);
        else reject(toException(reply));
      });
      port.postMessage(command);
    }).finally(() => asking.abort());
  }

  /** The registration goes. */
  end() {
    post(this.#scope.registration, 'end');
  }

  /** Subscribes, in order to be prompted, if that is not so already. */
  async attend() {
    if (!this.#isPrompted()) await this.#subscribe();
  }

  /** Whether the worker was heard of so recently that it must be alive. */
  #isPrompted() {
    return this.#port !== undefined && performance.now() - this.#heard < SILENCE;
  }

  /** Gets a port over which the worker tells about ends, and asks to be kept alive. */
  #subscribe() {
    this.#subscribing ??= (async () => {
      this.#listen();
      const connection = await this.#connect();
      const { port, life } = connection;
      const nos = this.#scope.active;
      const answer = await this.#ask(connection, { type: 'subscribe', nos });
      if (!answer) return port.close();
      this.#leave();
      this.#port = port;
      this.#life = life;
      this.#heard = performance.now();
      /** @param {MessageEvent<Notice>} event */
      port.onmessage = ({ data }) => this.#notice(port, data);
      for (const [place, snapshot] of answer.value.entries()) this.#scope.refresh(nos[place], snapshot);
    })().finally(() => { this.#subscribing = undefined; });
    return this.#subscribing;
  }

  /**
   * @param {MessagePort} port
   * @param {Notice} notice
   */
  #notice(port, notice) {
    this.#heard = performance.now();
    /** @param {Response} response */
    const answer = response => port.postMessage(response);
    const scope = this.#scope;
    if (notice.type === 'prompt') {
      answer({ type: 'here' });
      post(scope.registration, 'ping');
    } else {
      const { state, turn } = notice;
      const settled = () => answer({ type: 'settled', turn });
      scope.deliver(state);
      // If its object is still on its way here, over another port, then that comes first.
      if (scope.has(state.no)) scope.shown(state.no).then(settled);
      else setTimeout(settled, 5);
    }
  }

  /** Hears what the worker tells everybody, and takes note of this page's comings and goings. */
  #listen() {
    this.#watch ??= setInterval(async () => {
      if (this.#isPrompted()) return;
      // Either the worker has nothing left to do, or it was stopped.
      if (this.#scope.running || await this.#scope.reader.unfinished().catch(() => false)) {
        this.#resubscribe();
      } else {
        clearInterval(this.#watch);
        this.#watch = undefined;
      }
    }, SILENCE / 3);
    if (this.#hints) return;
    const scope = this.#scope;
    const hints = this.#hints = new BroadcastChannel(`${name} ${scope.url}`);
    /** @param {MessageEvent<Hint>} event */
    hints.onmessage = ({ data }) => {
      if (!isHint(data)) return;
      if (data.type === 'start') {
        if (data.life !== this.#life) this.#resubscribe();
      } else if (data.state.result) {
        // Anybody can say so. The database knows.
        scope.refresh(data.state.no);
      } else {
        scope.deliver(data.state);
      }
    };
    addEventListener('pagehide', () => {
      if (scope.active.length || this.#isPrompted()) post(scope.registration, 'leave');
      this.#leave();
      hints.close();
      this.#hints = undefined;
      // Back from the cache of pages, which heard nothing.
      addEventListener('pageshow', () => {
        this.#listen();
        if (scope.active.length) this.#resubscribe();
        scope.reread();
      }, once);
    }, once);
  }

  /** Gives the port back: the worker need not wait for it to acknowledge anything. */
  #leave() {
    this.#port?.postMessage({ type: 'leave' });
    this.#port?.close();
    this.#port = undefined;
    this.#life = '';
  }

  /** Nobody waits for this one; the next command says what is wrong. */
  #resubscribe() {
    this.#subscribe().catch(() => this.#scope.reread());
  }
}

const once = { once: true };

/**
 * @param {MessagePort} port
 * @param {(reply: Reply) => void} hear
 */
function listen(port, hear) {
  /** @param {MessageEvent<Reply>} event */
  port.onmessage = ({ data }) => hear(data);
}

/**
 * The first thing that a worker says on a port, a `Hello` if it is ours, or an event when there will be
 * none: after a while, or when the worker is no longer what it was, because another one has taken over or
 * its registration was removed.
 *
 * @param {MessagePort} port
 * @param {ServiceWorker} worker
 * @returns {Promise<any>}
 */
const next = (port, worker) => new Promise(resolve => {
  const signal = AbortSignal.timeout(GREETING);
  signal.onabort = resolve;
  /** @param {Event} [event] */
  const changed = event => setTimeout(resolve, TAKING_OVER, event);
  worker.addEventListener('statechange', changed, { signal });
  const isRedundant = () => worker.state === 'redundant';
  if (isRedundant()) changed();
  // One that goes may still greet, and answer nothing more.
  listen(port, hello => isRedundant() || resolve(hello));
});
