// All benchmarks, in the order in which they run.
import { finish, idle, restart, resume, retry, start } from './latency.mjs';
import { latency, tasks } from './page.mjs';
import { large as memory, huge, paused, slow } from './memory.mjs';
import { profileLarge, profileSmall } from './profile.mjs';
import { keepLarge, keepSmall, records } from './records.mjs';
import { large, long, season, small, throttled } from './throughput.mjs';

/**
 * @typedef {object} Metric
 * @property {string} title
 * @property {string} unit
 * @property {'more' | 'less'} better
 */

/**
 * @typedef {object} Benchmark
 * @property {string} title
 * @property {string[]} lanes who runs: `ours`, `native`, or a peer of `inside/worker.mjs`
 * @property {Record<string, Metric>} metrics
 * @property {number} [rounds] instead of what was asked for
 * @property {string[]} [once] lanes that take part in the first round only
 * @property {boolean} [fresh] each lane in a browser that was just started
 * @property {boolean} [unasked] false: runs only when it is named
 * @property {(stage: import('../stage.mjs').Stage, lane: string) => Promise<Record<string, number | undefined>>} run
 */

/** @type {Record<string, Benchmark>} */
export const benchmarks = {
  large, small, season, long, throttled, start, resume, 'restart-10': restart(10), 'restart-10000': restart(10_000), retry, finish, 'keep-large': keepLarge, 'keep-small': keepSmall,
  records, idle, latency, tasks, memory, huge, slow, paused,
  'profile-large': profileLarge, 'profile-small': profileSmall,
};
