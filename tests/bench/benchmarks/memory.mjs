// What the whole browser takes at most while it downloads, as proportional set size.
import { setTimeout as sleep } from 'node:timers/promises';
import { download } from './throughput.mjs';

/** @typedef {import('./index.mjs').Benchmark} Benchmark */

/** A browser that was just started goes on growing by itself, Firefox by 70 MiB. @param {import('../stage.mjs').Stage} stage */
const rest = stage => (stage.quick ? 500 : 25_000);

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
    await sleep(rest(stage));
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

/** Long enough for an unread body to come whole. */
const PAUSE = 5000;

/** A pause in the middle of a large file on a fast network. @type {Benchmark} */
export const paused = {
  title: 'a pause of 5 s in the middle of 512 MiB',
  lanes: ['ours'],
  rounds: 1,
  fresh: true,
  metrics: {
    rise: { title: 'peak memory over a pause in 512 MiB', unit: 'MiB', better: 'less' },
    sent: { title: 'what the server sends during the pause', unit: 'MiB', better: 'less' },
  },
  async run(stage) {
    await download(stage, 'ours', { count: 1, size: 1 << 20 });
    await sleep(rest(stage));
    const tag = stage.tag();
    const sent = () => stage.server.sent(tag);
    const size = (stage.quick ? 64 : 512) << 20;
    const stop = stage.watchMemory();
    await stage.call('begin', tag, stage.server.files(tag, 1, size));
    while (sent() < size / 8) await sleep(10);
    await stage.call('pause');
    // What was under way when it was paused is the network's.
    await sleep(200);
    const before = sent();
    await sleep(stage.quick ? 500 : PAUSE);
    const seen = { rise: stop(), sent: (sent() - before) / (1 << 20) };
    await stage.call('abort');
    await stage.rest();
    return seen;
  },
};
