// What becomes of the records: handed over to a cache, or ten thousand of them.
import { setTimeout as sleep } from 'node:timers/promises';
import { after } from './latency.mjs';

/** @typedef {import('./index.mjs').Benchmark} Benchmark */

const MiB = 1 << 20;

/**
 * @param {import('../stage.mjs').Stage} stage
 * @param {string} lane
 * @param {number} count
 * @param {number} size
 */
async function keep(stage, lane, count, size) {
  await stage.enter(/** @type {'ours'} */ (lane));
  const tag = stage.tag();
  await stage.ask('keep');
  await stage.call('begin', tag, stage.server.files(tag, count, size));
  const end = await stage.end(tag);
  await stage.rest();
  return { matched: end?.matched ?? NaN, kept: end?.kept ?? NaN };
}

/** @type {Benchmark} */
export const keepLarge = {
  title: 'matchAll and cache.put of 10 × 16 MiB in the success handler',
  lanes: ['ours', 'native'],
  metrics: { kept: { title: 'matchAll and cache.put of 10 × 16 MiB', unit: 'MiB/s', better: 'more' } },
  async run(stage, lane) {
    const [count, size] = stage.quick ? [2, MiB] : [10, 16 * MiB];
    const { kept } = await keep(stage, lane, count, size);
    return { kept: ((count * size) / MiB / kept) * 1000 };
  },
};

/** @type {Benchmark} */
export const keepSmall = {
  title: 'matchAll and cache.put of 1000 × 16 KiB in the success handler',
  lanes: ['ours'],
  metrics: {
    kept: { title: 'matchAll and cache.put of 1000 × 16 KiB', unit: 'files/s', better: 'more' },
    matched: { title: 'matchAll alone', unit: 'ms', better: 'less' },
  },
  async run(stage, lane) {
    const count = stage.quick ? 50 : 1000;
    const { kept, matched } = await keep(stage, lane, count, 16 << 10);
    return { kept: (count / kept) * 1000, matched };
  },
};

/** Nothing is answered: what is measured is the records, not the network. @type {Benchmark} */
export const records = {
  title: '10,000 records',
  lanes: ['ours', 'native'],
  rounds: 1,
  metrics: {
    registered: { title: 'fetch() of 10,000 records', unit: 'ms', better: 'less' },
    memory: { title: 'memory that 10,000 records take', unit: 'MiB', better: 'less' },
    restart: { title: 'question after a stop → next request, 10,000 records', unit: 'ms', better: 'less' },
    aborted: { title: 'abort() of 10,000 records', unit: 'ms', better: 'less' },
  },
  async run(stage, lane) {
    await stage.enter(/** @type {'ours'} */ (lane));
    const tag = stage.tag();
    const urls = stage.server.files(tag, stage.quick ? 500 : 10_000, 1000, '&hold');
    await sleep(1000);
    const rise = stage.watchMemory();
    const { registered } = await stage.call('begin', tag, urls);
    await sleep(1000);
    const memory = rise();
    let restart;
    if (lane === 'ours') {
      const stopped = await stage.stopWorker();
      const asked = await stage.wake(tag);
      const next = () => stage.server.of(tag).find(({ at }) => at >= stopped);
      while (!next()) await sleep(5);
      restart = after(next(), asked);
    }
    const start = performance.now();
    await stage.call('abort');
    const aborted = performance.now() - start;
    await stage.rest();
    return { registered, memory, restart, aborted };
  },
};
