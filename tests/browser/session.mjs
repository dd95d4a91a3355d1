// What all specs of one run share: the browser, two origins and the place that pages report to.
import { after, before } from 'node:test';
import { option } from '../../tools/lib/options.mjs';
import { startSite } from '../../tools/site.mjs';
import { Control } from './control.mjs';
import { launch } from './drivers/index.mjs';

/** @param {string} name */
const flag = name => process.argv.includes(`--${name}`);

class Session {
  options = {
    engine: option('engine') ?? 'chromium',
    plain: flag('plain'),
    native: flag('native'),
    module: flag('module'),
    grep: option('grep') === undefined ? undefined : new RegExp(option('grep') ?? '', 'i'),
    only: option('spec'),
  };

  control = new Control();
  /** @type {import('./drivers/webdriver.mjs').Browser} */ browser = /** @type {any} */ (undefined);
  /** @type {import('../../tools/site.mjs').Site} */ server = /** @type {any} */ (undefined);
  /** @type {import('../../tools/site.mjs').Site} */ other = /** @type {any} */ (undefined);

  /** @type {Map<string, (report: import('./control.mjs').Report) => void>} */
  #receivers = new Map();

  #enlisted = false;

  /** Called for every test. Without any, nothing would end what is started before the first. */
  enlist() {
    if (this.#enlisted) return;
    this.#enlisted = true;
    before(() => this.start());
    after(() => this.end());
  }

  async start() {
    await this.startServers();
    const { engine, plain } = this.options;
    this.browser = await launch(engine, plain
      ? { plain: { control: this.control, url: this.server.url(`/t/first/?plain&native&control=${this.control.origin}`) } }
      : {});
  }

  /** All but the browser. */
  async startServers() {
    await this.control.start();
    this.control.onreport = report => this.#receivers.get(report.scope)?.(report);
    this.server = await startSite();
    this.other = await startSite();
  }

  async end() {
    await this.browser?.close();
    await this.server?.close();
    await this.other?.close();
    this.control.close();
  }

  /**
   * Directs what pages and workers of a scope report.
   *
   * @param {string} scope
   * @param {((report: import('./control.mjs').Report) => void) | undefined} receiver
   */
  receive(scope, receiver) {
    if (receiver) this.#receivers.set(scope, receiver);
    else this.#receivers.delete(scope);
  }
}

export const session = new Session();
