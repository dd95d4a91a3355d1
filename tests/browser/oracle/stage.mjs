// Where a scenario is played: a page and a worker of its own, with Chromium's implementation or
// with ours.
import { transform } from 'esbuild';
import { Page } from '../page.mjs';
import { session } from '../session.mjs';
import { Worker } from '../worker.mjs';
import { makeProbe } from './probe.mjs';

const probeSource = `self.probe = (${makeProbe})();`;

/** Lets the page run code in the worker; no part of what is compared. */
const evaluator = `
  addEventListener('message', event => {
    if (event.data?.type !== 'oracle') return;
    event.stopImmediatePropagation();
    event.waitUntil((async () => {
      let answer;
      try {
        answer = { value: await (0, eval)(event.data.source) };
      } catch (error) {
        answer = { error: error.name + ': ' + error.message };
      }
      event.ports[0].postMessage(JSON.stringify(answer));
    })());
  });
`;

const context =
  '{ self, probe, registration: self.registration, manager: self.registration?.backgroundFetch, kept: (self.kept ??= {}) }';

/** How long one call into the page or the worker may take. */
const seconds = 60;

let count = 0;
const round = Math.random().toString(36).slice(2, 7);

export class Stage {
  probeSource = probeSource;
  script = '';

  /** What differs from stage to stage, and what stands for it in a trace. */
  get names() {
    const { server, other } = this;
    return /** @type {[string, string][]} */ ([
      [this.tag, 'TAG'],
      [server.origin, 'ORIGIN'],
      [other.origin, 'OTHER'],
      [new URL(server.origin).host, 'HOST'],
      [new URL(other.origin).host, 'OTHERHOST'],
    ]);
  }

  /** Errors, warnings and unhandled rejections, once each. @returns {string[]} */
  get problems() {
    const texts = this.worker.problems.map(({ where, text }) => {
      const [short = text.split('\n')[0]] = /^(?:error|unhandled): \w+/.exec(text) ?? [];
      return `${where}: ${short}`;
    });
    return [...new Set(texts)].sort();
  }

  /**
   * @param {import('../drivers/webdriver.mjs').Browser} browser
   * @param {boolean} native
   */
  constructor(browser, native) {
    this.browser = browser;
    this.native = native;
    this.tag = `oracle-${round}-${count++}`;
    this.server = session.server;
    this.other = session.other;
    this.scope = session.server.url(`/t/${this.tag}/`);
    this.variant = `control=${encodeURIComponent(session.control.origin)}${native ? '&native' : ''}`;
    this.page = new Page(browser, `${this.scope}?${this.variant}`, seconds);
    this.worker = new Worker(this.scope, seconds);
  }

  /**
   * Loads the page and registers its worker.
   *
   * @param {string} code of the worker, appended to it
   * @param {boolean} register
   */
  async open(code, register) {
    session.receive(this.scope, report => this.worker.receive(report));
    await this.load();
    this.script = await this.#worker(code);
    if (register) await this.page.register(this.script);
    await this.#verify(register);
  }

  /** Has another worker take over. @param {string} code */
  async replace(code) {
    await this.page.register(await this.#worker(code));
  }

  /** @param {string} code */
  async #worker(code) {
    const { code: script } = await transform(`${probeSource}\n${evaluator}\n${code}`, {
      minify: true,
    });
    return `sw.js?${this.variant}&script=${encodeURIComponent(script)}`;
  }

  /** That it is the implementation it is meant to be, in page and worker. @param {boolean} inWorker */
  async #verify(inWorker) {
    const look = (/** @type {Context} */ { self }) =>
      String(self.BackgroundFetchManager.prototype.fetch).includes('[native code]');
    const seen = [await this.inPage(look), ...(inWorker ? [await this.inWorker(look)] : [])];
    if (seen.some(native => native !== this.native)) throw new Error('It is the other implementation.');
  }

  async close() {
    try {
      await this.load();
      await this.page.leave();
    } finally {
      session.receive(this.scope, undefined);
    }
  }

  /** Loads the page, also again. */
  async load() {
    await this.page.open();
    await this.page.run(source => {
      (0, eval)(source);
    }, probeSource);
    await this.page.run(async () => {
      /** @type {any} */ (self).registration =
        (await navigator.serviceWorker.getRegistration()) ?? null;
    });
  }

  /**
   * Runs a function in the page, where `probe`, `registration` and `manager` are at hand.
   *
   * @template {any[]} A
   * @template R
   * @param {(context: Context, ...parameters: A) => R} code
   * @param {A} parameters
   * @returns {Promise<Awaited<R>>}
   */
  inPage(code, ...parameters) {
    return this.page.run(
      (source, parameters) => (0, eval)(source)(...parameters),
      `(...parameters) => (${code})(${context}, ...parameters)`,
      parameters,
    );
  }

  /**
   * The same in the worker.
   *
   * @template {any[]} A
   * @template R
   * @param {(context: Context, ...parameters: A) => R} code
   * @param {A} parameters
   * @returns {Promise<Awaited<R>>}
   */
  async inWorker(code, ...parameters) {
    const source = `(${code})(${context}, ...${JSON.stringify(parameters)})`;
    const answer = JSON.parse(
      await this.page.run(
        source =>
          new Promise(resolve => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = ({ data }) => resolve(data);
            /** @type {any} */ (self).registration.active.postMessage({ type: 'oracle', source }, [
              port2,
            ]);
          }),
        source,
      ),
    );
    if (answer.error) throw new Error(`in the worker: ${answer.error}`);
    return answer.value;
  }

  /**
   * The URL of a file. Both implementations get the same bytes.
   *
   * @param {string} label
   * @param {number} size
   * @param {Record<string, string | number>} [behaviour] parameters of tools/faults/plan.mjs
   * @param {{ url: (path: string) => string }} [server]
   */
  file(label, size, behaviour = {}, server = this.server) {
    const query = new URLSearchParams({ size: String(size), seed: label, of: this.tag });
    for (const [key, value] of Object.entries(behaviour)) query.set(key, String(value));
    return server.url(`/bytes/${label}?${query}`);
  }

  /**
   * A file that waits at the scenario's gate: half-way, or before its head.
   *
   * @param {string} label
   * @param {number} size
   * @param {Record<string, string | number>} [behaviour]
   */
  held(label, size, behaviour = {}) {
    return this.file(label, size, { gate: this.tag, hold: Math.floor(size / 2), ...behaviour });
  }

  /** Lets held files go on. */
  release() {
    this.server.release(this.tag);
    this.other.release(this.tag);
  }

  /** Resolves when this many bytes of the scenario's files have been sent. @param {number} bytes */
  sent(bytes) {
    return this.server.log.until(
      log =>
        log
          .of(this.tag)
          .filter(({ url }) => url.pathname.startsWith('/bytes'))
          .reduce((sum, { sent }) => sum + sent, 0) >= bytes,
    );
  }
}

/**
 * @typedef {object} Context
 * @property {any} self
 * @property {import('./probe.mjs').Probe} probe
 * @property {any} registration
 * @property {any} manager
 * @property {Record<string, any>} kept what the next function finds again
 */
