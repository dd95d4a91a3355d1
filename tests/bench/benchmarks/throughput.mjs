// How fast it goes, from the call to the event.

/** @typedef {import('./index.mjs').Benchmark} Benchmark */

const MiB = 1 << 20;

/** Native is not waited for longer than this, in milliseconds: what it has done by then is counted. */
const NATIVE_LIMIT = 20_000;

/**
 * Downloads files and gives the time it took and the share that was done, all of it unless a limit ran out.
 *
 * @param {import('../stage.mjs').Stage} stage
 * @param {string} lane
 * @param {{ count: number, size: number, more?: string, first?: string }} files
 */
export async function download(stage, lane, { count, size, more = '', first = '' }) {
  const tag = stage.tag();
  const urls = stage.server.files(tag, count, size, more);
  if (lane !== 'ours' && lane !== 'native') {
    await stage.enter('peer');
    const { time } = await stage.ask(lane, urls);
    await stage.rest();
    return { time, share: 1 };
  }
  await stage.enter(lane, first);
  if (!warm.has(`${stage.server.origin} ${lane}`)) {
    // Once for what is loaded at the first use; native takes seconds for that.
    warm.add(`${stage.server.origin} ${lane}`);
    const once = stage.tag();
    await stage.call('begin', once, stage.server.files(once, 1, MiB));
    await stage.end(once);
  }
  const { at } = await stage.call('begin', tag, urls);
  const end = await stage.end(tag, lane === 'native' ? NATIVE_LIMIT : undefined);
  let share = 1;
  if (!end) {
    share = stage.server.of(tag).filter(request => request.done).length / count;
    await stage.call('abort');
  }
  const time = end ? end.at - at : NATIVE_LIMIT;
  await stage.rest();
  return { time, share };
}

/** @type {Set<string>} */
const warm = new Set();

/**
 * @param {string} title
 * @param {string[]} lanes
 * @param {{ count: number, size: number, more?: string }} full
 * @param {{ count: number, size: number, more?: string }} quick
 * @param {'MiB/s' | 'files/s'} unit
 * @returns {Benchmark}
 */
const throughput = (title, lanes, full, quick, unit) => ({
  title,
  lanes,
  metrics: { rate: { title, unit, better: 'more' } },
  async run(stage, lane) {
    const files = stage.quick ? quick : full;
    const { time, share } = await download(stage, lane, files);
    const amount = unit === 'MiB/s' ? (files.count * files.size) / MiB : files.count;
    return { rate: (amount * share * 1000) / time };
  },
});

export const large = throughput('1 × 512 MiB', ['ours', 'put', 'native', 'discard'],
  { count: 1, size: 512 * MiB }, { count: 1, size: 24 * MiB }, 'MiB/s');

/** Native may take until its limit: one round of waiting for that is enough. @type {Benchmark} */
export const small = {
  ...throughput('1000 × 16 KiB', ['ours', 'addAll', 'native', 'discard'],
    { count: 1000, size: 16 << 10 }, { count: 60, size: 16 << 10 }, 'files/s'),
  once: ['native'],
};

export const season = throughput('20 × 16 MiB', ['ours', 'addAll', 'native', 'discard'],
  { count: 20, size: 16 * MiB }, { count: 3, size: 4 * MiB }, 'MiB/s');

export const long = throughput('16 MiB over 20 Mbit/s with a round trip of 80 ms', ['ours', 'discard'],
  { count: 1, size: 16 * MiB, more: '&link=long' }, { count: 1, size: 3 * MiB, more: '&link=long' }, 'MiB/s');

export const throttled = throughput('12 MiB over 64 Mbit/s, 8 Mbit/s for each connection', ['ours', 'discard'],
  { count: 1, size: 12 * MiB, more: '&link=throttled' }, { count: 1, size: 3 * MiB, more: '&link=throttled' }, 'MiB/s');
