// What a download takes of memory: `npm run memory [-- engine …] [--size=MiB]`. Printed, not asserted.
//
// The rise of the whole browser tree, as proportional set size, over the background fetch of one file.
import { setTimeout as sleep } from 'node:timers/promises';
import { recipe } from '../../tools/lib/recipe.mjs';
import { begin, file } from './downloads.mjs';
import { memory } from './drivers/processes.mjs';
import { Page } from './page.mjs';
import { session } from './session.mjs';
import { Worker } from './worker.mjs';

const size = Number(process.argv.find(argument => argument.startsWith('--size='))?.slice(7) ?? 256);
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
    const large = file(session.server, 'large', size << 20);
    await sleep(3000);
    const stop = watch(session.browser.pid);
    const start = performance.now();
    await begin(page, 'large', [large.url], { downloadTotal: large.size });
    const { result } = await worker.event('backgroundfetchsuccess', 1);
    const seconds = (performance.now() - start) / 1000;
    // What is freed late is not forgotten, and what is taken late neither.
    await sleep(1000);
    const { before, rise } = stop();
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
