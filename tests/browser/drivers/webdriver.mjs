// A browser under WebDriver (https://www.w3.org/TR/webdriver2/), for any of the three drivers.
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What every kind of browser here can do.
 *
 * @typedef {object} Browser
 * @property {string} version
 * @property {number} pid the root of its process tree
 * @property {(url: string) => Promise<void>} open resolves when the page has loaded
 * @property {(source: string, seconds: number) => Promise<any>} evaluate an expression in the page; its
 *   value, awaited, must be a string
 * @property {() => Promise<void>} close
 * @property {() => Promise<void>} kill ends all processes at once, and resolves when they are gone
 * @property {(method: string, path: string, body?: object) => Promise<any>} [command] of WebDriver, in this session
 * @property {(command: string, parameters?: object) => Promise<any>} [cdp] Chromium only
 */

/**
 * @param {object} options
 * @param {number} options.port
 * @param {{ pid: number, kill: () => Promise<void>, end: () => Promise<void> }} options.driver
 * @param {object} options.capabilities
 * @param {boolean} [options.sandboxed] scripts of this driver run beside the page's realm, not in it
 * @returns {Promise<Browser>}
 */
export async function connect({ port, driver, capabilities, sandboxed = false }) {
  const base = `http://127.0.0.1:${port}`;

  /** @param {string} method @param {string} path @param {object} [body] */
  async function command(method, path, body) {
    const response = await fetch(base + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`WebDriver: ${value.error}: ${value.message}`);
    return value;
  }

  for (let tries = 0; ; tries++) {
    if (await command('GET', '/status').then(({ ready }) => ready, () => false)) break;
    if (tries > 150) throw new Error('the driver does not start');
    await sleep(100);
  }
  const created = await command('POST', '/session', { capabilities: { alwaysMatch: capabilities } });
  const session = `/session/${created.sessionId}`;
  let seconds = 0;
  /** @param {string} source */
  const inPage = source => (sandboxed ? `window.eval(${JSON.stringify(source)})` : source);

  return {
    version: created.capabilities.browserVersion,
    pid: driver.pid,
    async open(url) {
      await command('POST', `${session}/url`, { url });
    },
    async evaluate(source, limit) {
      if (limit !== seconds) {
        await command('POST', `${session}/timeouts`, { script: limit * 1000, pageLoad: 60_000 });
        seconds = limit;
      }
      return command('POST', `${session}/execute/async`, {
        script: `const done = arguments[0]; Promise.resolve(${inPage(source)}).then(done)`,
        args: [],
      });
    },
    async close() {
      await Promise.race([command('DELETE', session).catch(() => {}), sleep(8000)]);
      await driver.end();
    },
    kill: () => driver.kill(),
    command: (method, path, body) => command(method, session + path, body),
    cdp: (cmd, params = {}) => command('POST', `${session}/goog/cdp/execute`, { cmd, params }),
  };
}
