// A browser without a driver: its page asks the harness for what to do (fixtures/page.js, `?plain`).
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @param {import('../control.mjs').Control} control
 * @param {{ pid: number, describe: () => string, kill: () => Promise<void>, end: () => Promise<void> }} process
 * @returns {Promise<import('./webdriver.mjs').Browser>}
 */
export async function plain(control, process) {
  /** The next page that reports. @param {number} seconds */
  function page(seconds) {
    const limit = new AbortController();
    return Promise.race([
      new Promise(resolve => (control.onpage = resolve)),
      sleep(seconds * 1000, undefined, { signal: limit.signal }).then(() => {
        throw new Error(`no page has reported\n  asked for and given:${control.recent}\n  ${process.describe()}`);
      }),
    ]).finally(() => limit.abort());
  }

  await page(120).catch(async error => {
    await process.end();
    throw error;
  });
  return {
    version: 'plain',
    pid: process.pid,
    async open(url) {
      const arrived = page(120);
      control.open(url);
      await arrived;
    },
    evaluate(source, seconds) {
      const limit = new AbortController();
      return Promise.race([
        control.evaluate(source),
        sleep(seconds * 1000, undefined, { signal: limit.signal }).then(() => {
          throw new Error(`no answer from the page within ${seconds} s`);
        }),
      ]).finally(() => limit.abort());
    },
    close: () => process.end(),
    kill: () => process.kill(),
  };
}
