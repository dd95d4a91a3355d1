// What the specs are written with: `scenario(title, options, async ({ page, worker, server, … }) => …)`.
//
// Each scenario gets a page and a worker in a scope of its own. What goes wrong in either, and was not
// expected, fails it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Page } from './page.mjs';
import { stopWorkers } from './drivers/stop-workers.mjs';
import { session } from './session.mjs';
import { Worker } from './worker.mjs';

/**
 * @typedef {object} Options
 * @property {boolean} [plain] also runs without a driver, where storage lasts and takes Blobs
 * @property {boolean} [native] also runs against Chromium's own implementation (the default), or not
 * @property {string[]} [engines] only these
 * @property {number} [seconds] how long it may take
 * @property {string} [script] code that is appended to the worker
 * @property {string} [first] code that precedes the polyfill in the worker
 * @property {object} [options] of the polyfill, in page and worker
 * @property {string} [query] further parameters of the worker's script, as in `&without`
 * @property {boolean} [module] the worker is a module
 * @property {boolean} [register] a worker is registered and active before the scenario starts (the default)
 */

/**
 * @typedef {object} Fixture
 * @property {Page} page
 * @property {Worker} worker
 * @property {import('../../tools/site.mjs').Site} server the page's own origin
 * @property {import('../../tools/site.mjs').Site} other another origin
 * @property {string} engine
 * @property {boolean} plain
 * @property {boolean} native
 * @property {string} scope the registration's scope URL, which is also the page's directory
 * @property {() => Promise<void>} stopWorker stops the worker, and in WebKit leaves the page for it; not without a driver
 * @property {string} name unique to the scenario, for tags in URLs
 * @property {(pattern: RegExp) => void} expectProblem such a message on the console is in order
 */

let count = 0;
const round = Math.random().toString(36).slice(2, 7);

/**
 * @param {string} title a sentence
 * @param {Options} options
 * @param {(fixture: Fixture) => Promise<void>} play
 */
export function scenario(title, options, play) {
  const { engine, plain, native, module, grep } = session.options;
  // Modules import before anything else runs.
  if (module && options.first !== undefined) return;
  if (grep && !grep.test(title)) return;
  if (plain && !options.plain) return;
  if (native && options.native === false) return;
  if (options.engines && !options.engines.includes(engine)) return;
  const seconds = options.seconds ?? 60;
  session.enlist();
  // The limit inside the page strikes first and says more; this one is for what never returns.
  test(title, { timeout: (seconds + 30) * 1000 }, () => run(options, seconds, play));
}

/** @param {Options} options @param {number} seconds @param {(fixture: Fixture) => Promise<void>} play */
async function run(options, seconds, play) {
  const { engine, plain, native } = session.options;
  const { control, server, other } = session;
  const name = `${engine}-${round}-${count++}`;
  const scope = server.url(`/t/${name}/`);
  const module = options.module ?? session.options.module;
  const variant = `control=${encodeURIComponent(control.origin)}${native ? '&native' : ''}${plain ? '&plain' : ''}`
    + (options.options ? `&options=${encodeURIComponent(JSON.stringify(options.options))}` : '');
  const worker = new Worker(scope, seconds);
  const page = new Page(session.browser, `${scope}?${variant}`, seconds);
  session.receive(scope, report => worker.receive(report));
  /** @type {RegExp[]} */
  const expected = [];
  let failed = false;
  try {
    await page.open();
    if (options.register !== false) {
      const query = new URLSearchParams(variant);
      query.delete('plain');
      if (options.script) query.set('script', options.script);
      if (options.first) query.set('first', options.first);
      if (module) query.set('module', '');
      await page.register(`sw.js?${query}${options.query ?? ''}`);
    }
    await play({
      page, worker, server, other, engine, plain, native, scope, name,
      stopWorker: () => stopWorkers(engine, session.browser, other.url('/t/elsewhere/?native')),
      expectProblem: pattern => expected.push(pattern),
    });
  } catch (error) {
    failed = true;
    const problems = worker.problems.map(({ where, text }) => `${where}: ${text}`);
    if (problems.length > 0) /** @type {Error} */ (error).message += `\nMeanwhile:\n${problems.join('\n')}`;
    throw error;
  } finally {
    await page.leave().catch(error => {
      if (!failed) throw error;
    });
    session.receive(scope, undefined);
  }
  const unexpected = worker.problems.filter(({ text }) => !expected.some(pattern => pattern.test(text)));
  assert.deepEqual(unexpected.map(({ where, text }) => `${where}: ${text}`), [], 'problems in page or worker');
}
