// What a download takes of memory: `npm run memory [-- engine …] [--size=MiB]`. Printed, not asserted.
// Or an upload: `npm run memory -- --upload [engine …] [--size=MiB]`, which is sent once and whole, or else
// fails.
//
// The rise of the whole browser tree, as proportional set size, over the background fetch of one file.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytes } from '../../tools/faults/bytes.mjs';
import { option } from '../../tools/lib/options.mjs';
import { recipe } from '../../tools/lib/recipe.mjs';
import { begin, file } from './downloads.mjs';
import { memory } from './drivers/processes.mjs';
import { Page } from './page.mjs';
import { session } from './session.mjs';
import { Worker } from './worker.mjs';

const upload = process.argv.includes('--upload');
const size = Number(option('size') ?? (upload ? 1024 : 256));
const asked = process.argv.slice(2).filter(argument => argument in recipe.engines);
const engines = asked.length > 0 ? asked : Object.keys(recipe.engines);

/** Watches a process tree. @param {number} pid */
function watch(pid) {
  const before = memory(pid);
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, memory(pid))), 100);
  return () => {
    clearInterval(timer);
    return { before, rise: peak - before };
  };
}

/** One piece of what is uploaded, in bytes: the body is made of it, many times over. */
const PIECE = 16 << 20;

/**
 * Downloads a file.
 *
 * @param {Page} page
 */
async function download(page) {
  const large = file(session.server, 'large', size << 20);
  await begin(page, 'large', [large.url], { downloadTotal: large.size });
}

/**
 * Uploads a Blob that is much larger than what it holds.
 *
 * @param {Page} page
 */
async function send(page) {
  await page.run(async (url, piece, count) => {
    const part = await (await fetch(piece)).blob();
    const body = new Blob(Array(count).fill(part));
    await /** @type {any} */ (self).registration.backgroundFetch.fetch('large', new Request(url, { method: 'POST', body }));
  }, session.server.url('/echo?seed=large'), file(session.server, 'piece', PIECE).url, (size << 20) / PIECE);
}

/** Every byte has arrived, once. */
function received() {
  const hash = createHash('sha256');
  const piece = bytes('piece', 0, PIECE);
  for (let count = 0; count < (size << 20) / PIECE; count++) hash.update(piece);
  const sent = session.server.log.of('seed=large').map(({ upload }) => upload);
  assert.deepEqual(sent, [{ size: size << 20, sha256: hash.digest('hex') }]);
}

/** @param {string} engine */
async function measure(engine) {
  // Private sessions of WebKit keep everything in memory: not what a user has.
  session.options = { ...session.options, engine, plain: engine === 'webkit' };
  await session.start();
  try {
    const scope = session.server.url('/t/memory/');
    const control = `control=${encodeURIComponent(session.control.origin)}`;
    const page = new Page(session.browser, `${scope}?${control}${session.options.plain ? '&plain' : ''}`, 600);
    const worker = new Worker(scope, 600);
    session.receive(scope, report => worker.receive(report));
    await page.open();
    await page.register(`sw.js?${control}`);
    // Once for what is loaded at the first use.
    await begin(page, 'first', [file(session.server, 'first', 1 << 20).url]);
    await worker.event('backgroundfetchsuccess');
    await sleep(3000);
    const stop = watch(session.browser.pid);
    const start = performance.now();
    await (upload ? send : download)(page);
    const { result } = await worker.event('backgroundfetchsuccess', 1);
    const seconds = (performance.now() - start) / 1000;
    // What is freed late is not forgotten, and what is taken late neither.
    await sleep(1000);
    const { before, rise } = stop();
    if (upload) received();
    console.log([
      recipe.engines[engine]?.name.padEnd(12),
      `${size} MiB ${result} in ${seconds.toFixed(1)} s (${(size / seconds).toFixed(0)} MiB/s)`,
      `${session.server.log.of('seed=large').length} requests`,
      `browser at ${before.toFixed(0)} MiB, rose by ${rise.toFixed(0)} MiB at most`,
    ].join('  '));
  } finally {
    await session.end();
  }
}

for (const engine of engines) await measure(engine);
