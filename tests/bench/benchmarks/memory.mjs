// What the whole browser takes at most while it downloads, as proportional set size.
import { setTimeout as sleep } from 'node:timers/promises';
import { download } from './throughput.mjs';

/** @typedef {import('./index.mjs').Benchmark} Benchmark */

/**
 * @param {string} title
 * @param {string[]} lanes
 * @param {(stage: import('../stage.mjs').Stage) => number} size in MiB
 * @param {string} [first] a script of `inside/` that precedes the polyfill
 * @returns {Benchmark}
 */
const rise = (title, lanes, size, first) => ({
  title,
  lanes,
  rounds: 1,
  fresh: true,
  metrics: { rise: { title, unit: 'MiB', better: 'less' } },
  async run(stage, lane) {
    // Once for what is loaded at the first use, and then for what was taken before to be given back.
    await download(stage, lane, { count: 1, size: 1 << 20, first });
    await sleep(stage.quick ? 500 : 4000);
    const stop = stage.watchMemory();
    await download(stage, lane, { count: 1, size: size(stage) * 1024 * 1024, first });
    return { rise: stop() };
  },
});

export const large = rise('peak memory over 1 × 512 MiB', ['ours', 'put', 'native'], stage => (stage.quick ? 24 : 512));

/** WebKitGTK's quota is about 1 GiB. @type {Benchmark} */
export const huge = rise('peak memory over 1 × 4 GiB (WebKitGTK: 768 MiB)', ['ours'],
  stage => (stage.quick ? 32 : stage.plain ? 768 : 4096));

export const slow = rise('peak memory over 128 MiB on a disk of 20 MiB/s', ['ours'], stage => (stage.quick ? 24 : 128), 'slow-store');
