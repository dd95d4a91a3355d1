// Rounds of SIGKILL: a browser with a profile that lasts is killed at a random moment of its downloads,
// started again and visited once, and everything must arrive without a stored byte being asked for again.
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSite } from '../../tools/site.mjs';
import { Control } from './control.mjs';
import { begin, file, files } from './downloads.mjs';
import { launch } from './drivers/index.mjs';
import { remove } from './drivers/processes.mjs';
import { Page } from './page.mjs';
import { readRows } from './rows.mjs';

const MiB = 1 << 20;

/** From the first `fetch()` on, a kill comes within this time, in milliseconds: the downloads take about as long. */
const LATEST = 4500;
/** How long a visit may take to complete everything, in seconds, on a machine that has other things to do. */
const PATIENCE = 240;
/** One kill in so many is followed by another before the downloads are complete. */
const AGAIN = 4;

/** @typedef {{ id: string, files: ReturnType<typeof file>[], proven: boolean, started: boolean }} Job */

/** Numbers in [0, 1) that a seed repeats (mulberry32). @param {number} seed */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Reports each end with its records, by id. */
const script = `
  for (const type of ['backgroundfetchsuccess', 'backgroundfetchfail', 'backgroundfetchabort']) {
    self.addEventListener(type, event => {
      const { id, result } = event.registration;
      event.waitUntil(event.registration.matchAll().then(harness.received).then(records => harness.report('end', { id, result, records })));
    });
  }
`;

export class Kills {
  /** What all rounds have shown so far. */
  sum = { kills: 0, unfinished: 0, stored: 0, lost: 0, again: 0, whole: 0, redelivered: 0 };

  #engine;
  #seed;
  #random;
  #profile;
  /** Outlives every browser: workers report here. */
  #reports = new Control();
  /** @type {Map<string, any[]>} the reported ends, by id */
  #ends = new Map();
  /** @type {string[]} */
  #problems = [];
  /** @type {() => void} */
  #changed = () => {};
  /** @type {Control | undefined} what the page of the present browser asks for work */
  #control;
  /** @type {import('./drivers/webdriver.mjs').Browser} */
  #browser = /** @type {any} */ (undefined);
  /** @type {import('../../tools/site.mjs').Site} */
  #site = /** @type {any} */ (undefined);
  #round = 0;

  /** @param {string} engine @param {number} seed */
  constructor(engine, seed) {
    this.#engine = engine;
    this.#seed = seed;
    this.#random = chance(seed);
    this.#profile = mkdtempSync(join(tmpdir(), `background-fetch-kill-${engine}-`));
  }

  async start() {
    this.#site = await startSite();
    await this.#reports.start();
    this.#reports.onreport = report => this.#note(report);
    await this.#launch();
  }

  async end() {
    await this.#browser?.close();
    this.#control?.close();
    this.#reports.close();
    await this.#site?.close();
    remove(this.#profile);
  }

  /** @param {import('./control.mjs').Report} report */
  #note({ kind, name, value, where, text }) {
    // The one without a validator says that it starts over, as it should.
    if (kind === 'problem' && !/starts over/.test(text)) this.#problems.push(`${where}: ${text}`);
    if (kind === 'report' && name === 'end') this.#ends.set(value.id, [...(this.#ends.get(value.id) ?? []), value]);
    this.#changed();
  }

  get #scope() {
    return this.#site.url('/t/kills/');
  }

  /** Starts the browser on a page that leaves the downloads alone. */
  async #launch() {
    this.#control?.close();
    const control = this.#control = await new Control().start();
    control.onreport = report => this.#note(report);
    const url = this.#site.url(`/t/elsewhere/?plain&native&control=${encodeURIComponent(control.origin)}`);
    this.#browser = await launch(this.#engine, { profile: this.#profile, plain: { control, url } });
  }

  /** The visit of a page that registers its worker, as pages do each time they load. */
  async #visit() {
    const page = new Page(this.#browser, `${this.#scope}?plain&control=${encodeURIComponent(this.#control?.origin ?? '')}`, PATIENCE);
    await page.open();
    await page.register(`sw.js?${new URLSearchParams({ control: this.#reports.origin, script })}`);
    return page;
  }

  /** One kill, or now and then several, of one set of downloads. */
  async round() {
    const no = this.#round++;
    try {
      const jobs = this.#jobs(`${this.#engine}-${this.#seed}-${no}`);
      let page = await this.#visit();
      const beginning = this.#begin(page, jobs);
      beginning.catch(() => {}); // Awaited below.
      do {
        await sleep(this.#random() * LATEST);
        page = await this.#crash(jobs);
      } while (this.#random() * AGAIN < 1);
      await beginning;
      await this.#complete(jobs);
    } catch (error) {
      /** @type {Error} */ (error).message += `\n(round ${no} of seed ${this.#seed} in ${this.#engine})\n  problems: ${this.#problems.join('; ') || 'none'}\n  the last requests:${this.#site.recent}`;
      throw error;
    }
    assert.deepEqual(this.#problems, [], `problems in page or worker (round ${no} of seed ${this.#seed})`);
  }

  /**
   * A large file that goes on in windows, one of medium size, many small ones, and one whose server proves nothing.
   *
   * @param {string} name
   * @returns {Job[]}
   */
  #jobs(name) {
    const one = (/** @type {string} */ kind, /** @type {number} */ size, /** @type {object} */ behaviour) =>
      file(this.#site, `${name}-${kind}`, size, { ...behaviour });
    return [
      { id: `${name}-large`, proven: true, files: [one('large', 12 * MiB, { rate: 3 * MiB })] },
      { id: `${name}-medium`, proven: true, files: [one('medium', 2 * MiB, { rate: 0.7 * MiB })] },
      { id: `${name}-small`, proven: true, files: files(24, index => one(`small-${index}`, 20_000 + index, { delay: 400 })) },
      { id: `${name}-unproven`, proven: false, files: [one('unproven', 1.5 * MiB, { rate: 0.5 * MiB, etag: 'none', lastmod: 'none' })] },
    ].map(job => ({ ...job, started: false }));
  }

  /** One after the other, until the browser is gone. @param {Page} page @param {Job[]} jobs */
  async #begin(page, jobs) {
    try {
      for (const job of jobs) {
        await begin(page, job.id, job.files.map(({ url }) => url));
        job.started = true;
      }
    } catch (error) {
      if (/** @type {Error} */ (error).name !== 'AbortError') throw error;
    }
  }

  /** Kills the browser, starts it again, looks what is stored, and visits the page. @param {Job[]} jobs */
  async #crash(jobs) {
    // Firefox that finds its profile in use asks what to do, and there is nobody to answer.
    await this.#browser.kill();
    this.sum.kills++;
    await this.#launch();
    const before = this.#site.log.entries.length;
    const look = new Page(this.#browser, this.#site.url('/t/elsewhere/'), PATIENCE);
    const rows = await look.run(readRows, this.#scope);
    for (const job of jobs) {
      const row = rows.fetches.find(({ id }) => id === job.id);
      // It may have been killed before `fetch()` was done. Once done, it is there.
      if (row) job.started = true;
      else if (job.started && !this.#ends.has(job.id)) {
        const left = await look.run(async () => ({ databases: await indexedDB.databases(), registrations: (await navigator.serviceWorker.getRegistrations()).map(({ scope, active }) => ({ scope, state: active?.state })) }));
        assert.fail(`${job.id} was started, has not ended, and is gone; left: ${JSON.stringify({ ...rows, ...left })}; jobs: ${JSON.stringify(jobs.map(({ id, started }) => ({ id, started })))}; problems: ${this.#problems}`);
      }
    }
    for (const { no, index, stored, chunks, gap, intact } of rows.records) {
      this.sum.lost += stored - intact;
      assert.deepEqual({ chunks, gap }, { chunks: stored, gap: false }, `the chunks of record ${index} of ${no} are what its row says`);
    }
    assert.ok(this.#engine === 'webkit' || this.sum.lost === 0, 'no other engine loses what is stored');
    this.sum.unfinished += rows.records.filter(({ result }) => !result).length;
    this.#expectations.push({ before, rows });
    return this.#visit();
  }

  /** What was stored at each kill of this round. @type {{ before: number, rows: Awaited<ReturnType<typeof readRows>> }[]} */
  #expectations = [];

  /** Waits for every end, and compares what was asked for again with what had been stored. @param {Job[]} jobs */
  async #complete(jobs) {
    const started = jobs.filter(({ started }) => started);
    await this.#until(() => started.every(({ id }) => this.#ends.has(id)), () => started.filter(({ id }) => !this.#ends.has(id)).map(({ id }) => this.#found(id)).join(', '));
    for (const { id, files } of started) {
      const wanted = files.map(({ size, sum }) => ({ size, sum }));
      for (const end of this.#ends.get(id) ?? []) {
        const got = end.records.map((/** @type {any} */ { size, sum, error }) => (error ? { error } : { size, sum }));
        assert.deepEqual({ result: end.result, got }, { result: 'success', got: wanted }, id);
      }
      this.sum.whole += files.length;
      this.sum.redelivered += (this.#ends.get(id)?.length ?? 0) - 1;
    }
    for (const { before, rows } of this.#expectations) this.#account(jobs, before, rows);
    this.#expectations = [];
    this.#ends.clear();
  }

  /** What each kill of this round left of it: whether its event was still due decides whose fault it is. @param {string} id */
  #found(id) {
    const rows = this.#expectations.map(({ rows }) => rows.fetches.find(row => row.id === id) ?? 'no row');
    return `${id}, after each kill: ${JSON.stringify(rows)}`;
  }

  /**
   * @param {Job[]} jobs
   * @param {number} before how many requests the server had seen
   * @param {Awaited<ReturnType<typeof readRows>>} rows
   */
  #account(jobs, before, rows) {
    const asked = this.#site.log.entries.slice(before);
    for (const { no, index, stored, intact, result } of rows.records) {
      const job = jobs.find(({ id }) => id === rows.fetches.find(row => row.no === no)?.id);
      const wanted = job?.files[index];
      // What starts over may ask for everything again, but not for what is complete.
      if (!job || !wanted || !job.proven && (result !== 'success' || intact < stored)) continue;
      this.sum.stored += intact;
      for (const { url, headers } of asked) {
        if (url.href !== wanted.url) continue;
        const [, first = '0', last = String(wanted.size - 1)] = /^bytes=(\d+)-(\d+)?$/.exec(headers.range ?? '') ?? [];
        const again = Math.max(0, Math.min(intact, Number(last) + 1) - Number(first));
        this.sum.again += again;
        assert.equal(again, 0, `of ${intact} stored bytes of ${url.pathname}, ${again} were asked for again with ${headers.range ?? 'no range'}`);
      }
      if (result === 'success') assert.equal(stored, wanted.size);
    }
  }

  /** @param {() => boolean} done @param {() => unknown} missing */
  async #until(done, missing) {
    const limit = new AbortController();
    try {
      await Promise.race([
        new Promise(resolve => {
          this.#changed = () => done() && resolve(undefined);
          this.#changed();
        }),
        sleep(PATIENCE * 1000, undefined, { signal: limit.signal }).then(() => {
          throw new Error(`not complete after ${PATIENCE} s: ${missing()}; problems: ${this.#problems.join('; ') || 'none'}`);
        }),
      ]);
    } finally {
      limit.abort();
      this.#changed = () => {};
    }
  }
}
