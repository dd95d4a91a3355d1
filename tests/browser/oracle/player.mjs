// One of the two implementations, in a browser of its own.
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from '../drivers/index.mjs';
import { normalise } from './compare.mjs';
import { Stage } from './stage.mjs';

/**
 * @typedef {object} Play
 * @property {unknown} [trace]
 * @property {Error} [error] why there is no trace
 * @property {number} seconds
 */

/** How long a scenario may take, in milliseconds. */
const limit = 120_000;

export class Player {
  /** @type {import('../drivers/webdriver.mjs').Browser | undefined} */
  #browser;

  /** @param {boolean} native whether it is Chromium's own */
  constructor(native) {
    this.native = native;
  }

  /** Takes another browser: one that crashed or hangs spoils what comes after it. */
  async renew() {
    await this.close();
    this.#browser = await launch('chromium');
    return this.#browser.version;
  }

  async close() {
    await this.#browser?.close().catch(() => {});
    this.#browser = undefined;
  }

  /**
   * @param {import('./scenario.mjs').Scenario} scenario
   * @returns {Promise<Play>}
   */
  async play({ script, register, play }) {
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    if (!this.#browser) await this.renew();
    const stage = new Stage(/** @type {any} */ (this.#browser), this.native);
    try {
      await stage.open(script, register);
      const observed = await Promise.race([
        play(stage),
        sleep(limit, undefined, { ref: false }).then(() => {
          throw new Error('It takes too long.');
        }),
      ]);
      stage.release();
      await stage.close();
      const trace = normalise({ ...observed, problems: stage.problems }, stage.names);
      return { trace, seconds: seconds() };
    } catch (thrown) {
      stage.release();
      await this.close();
      return { error: /** @type {Error} */ (thrown), seconds: seconds() };
    }
  }
}
