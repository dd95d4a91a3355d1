// A browser, the server, and a place for each lane: ours, the peers in a worker without us, native.
import { setTimeout as sleep } from 'node:timers/promises';
import { Control } from '../browser/control.mjs';
import { launch } from '../browser/drivers/index.mjs';
import { memory } from '../browser/drivers/processes.mjs';
import { stopWorkers } from '../browser/drivers/stop-workers.mjs';
import { Page } from '../browser/page.mjs';
import { pageSide } from './inside/page.mjs';
import { BenchServer } from './server.mjs';

/** @typedef {'ours' | 'peer' | 'native'} Place where work is done: scopes with and without us */

/** A whole benchmark may take this long, in seconds. */
const PATIENCE = 300;

let tags = 0;

export class Stage {
  control = new Control();
  server = new BenchServer();
  /** Another origin, to leave the pages for. */
  elsewhere = new BenchServer();
  /** @type {import('../browser/drivers/webdriver.mjs').Browser} */ browser = /** @type {any} */ (undefined);
  /** @type {Page} */ page = /** @type {any} */ (undefined);
  /** @type {Set<string>} places whose worker is registered */
  #ready = new Set();
  #scope = '';
  /** @type {() => Promise<void>} */
  #back = async () => {};

  /**
   * @param {string} engine
   * @param {boolean} quick small sizes: whether it works, not how fast
   */
  constructor(engine, quick) {
    this.engine = engine;
    this.quick = quick;
    // Private sessions of WebKit, which its driver makes, hold no Blobs and keep everything in memory.
    this.plain = engine === 'webkit';
  }

  async start() {
    await this.control.start();
    await this.server.start();
    await this.elsewhere.start();
    await this.#launch();
  }

  async #launch() {
    const url = this.elsewhere.url(`/t/first/?native&plain&control=${encodeURIComponent(this.control.origin)}`);
    this.browser = await launch(this.engine, this.plain ? { plain: { control: this.control, url } } : {});
  }

  /** Takes a new browser: memory that was given back late would hide what is taken next. */
  async restart() {
    await this.browser.close();
    this.#ready.clear();
    await this.#launch();
  }

  async close() {
    await this.browser?.close();
    this.server.close();
    this.elsewhere.close();
    this.control.close();
  }

  /** A name for the URLs and the id of one run. */
  tag = () => `run${tags++}`;

  /**
   * Opens the page of a place, with its worker.
   *
   * @param {Place} place
   * @param {string} [first] a script of `inside/` that runs before ours in the worker
   */
  async enter(place, first = '') {
    this.#back = () => this.enter(place, first);
    const name = place + (first && `-${first}`);
    this.#scope = this.server.url(`/t/${name}/`);
    const query = new URLSearchParams(this.plain ? { plain: '', control: this.control.origin } : {});
    if (place === 'ours') query.set('options', '{"pause":true}');
    else query.set('native', '');
    this.page = new Page(this.browser, `${this.#scope}?${query}`, PATIENCE);
    await this.page.open();
    const script = new URLSearchParams({
      first: `${first && `importScripts('/bench/${first}.js');`}self.benchStarted = performance.now();`,
      script: "self.benchEvaluated = performance.now();importScripts('/bench/worker.js');",
      ...(place !== 'ours' && { native: '' }),
    });
    if (this.#ready.has(name)) {
      await this.page.run(async () => {
        /** @type {any} */ (self).registration = await navigator.serviceWorker.getRegistration();
      });
    } else {
      await this.page.register(`sw.js?${script}`);
      this.#ready.add(name);
    }
    await this.page.run(pageSide);
  }

  /** Calls a method of `bench` in the page. @param {string} name @param {...unknown} parameters @returns {Promise<any>} */
  call(name, ...parameters) {
    return this.page.run((name, ...parameters) => /** @type {any} */ (self).bench[name](...parameters), name, ...parameters);
  }

  /** Has the worker do something. @param {string} what @param {string[]} [urls] @returns {Promise<{ at: number, time: number, value: any }>} */
  ask = (what, urls = []) => this.call('ask', what, urls);

  /**
   * Waits for the end of a background fetch; nothing when it takes longer than the limit.
   *
   * @param {string} id
   * @param {number} [limit] milliseconds
   * @returns {Promise<{ type: string, at: number, failureReason: string, matched?: number, kept?: number } | undefined>}
   */
  async end(id, limit = (PATIENCE - 10) * 1000) {
    const end = await this.call('end', id, limit);
    if (end && end.type !== 'success') throw new Error(`${id} ended with ${end.type} ${end.failureReason}`);
    return end;
  }

  /** Frees what a run has stored, and lets the machine come to rest. */
  async rest() {
    await this.ask('clear');
    await this.call('drained', `background-fetch-polyfill ${this.#scope}`);
    await sleep(300);
  }

  /** Stops the worker and comes back to the page. Returns the time in between. */
  async stopWorker() {
    const query = this.plain ? `&plain&control=${encodeURIComponent(this.control.origin)}` : '';
    await stopWorkers(this.engine, this.browser, this.elsewhere.url(`/t/elsewhere/?native${query}`));
    const stopped = Date.now();
    // In WebKit the page had to leave for it.
    if (this.plain) await this.#back();
    await sleep(500);
    return stopped;
  }

  /**
   * Wakes a stopped worker by a question, and tells when it was first asked: in WebKit, where the page
   * had to leave, it asks by itself as it opens.
   *
   * @param {string} id
   */
  async wake(id) {
    const { at, opened } = await this.call('wake', id);
    return this.plain ? opened : at;
  }

  /** What the whole browser takes at most from here on until the returned function is called, in MiB. */
  watchMemory() {
    const before = memory(this.browser.pid);
    let peak = before;
    const timer = setInterval(() => (peak = Math.max(peak, memory(this.browser.pid))), 100);
    return () => {
      clearInterval(timer);
      return Math.max(peak, memory(this.browser.pid)) - before;
    };
  }
}
