// What the page feels of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../statistics.mjs';

/** @typedef {import('./index.mjs').Benchmark} Benchmark */

const MiB = 1 << 20;

/** @param {string} lane */
const place = lane => /** @type {'ours'} */ (lane === 'ours' || lane === 'native' ? lane : 'peer');

/** @type {Benchmark} */
export const latency = {
  title: 'a small request of the page itself while 1000 × 16 KiB are under way',
  lanes: ['ours', 'addAll', 'discard', 'discard4'],
  metrics: {
    busy: { title: "the page's own request of 1 KiB while 1000 × 16 KiB are under way", unit: 'ms', better: 'less' },
    idle: { title: '… while nothing else happens', unit: 'ms', better: 'less' },
  },
  async run(stage, lane) {
    await stage.enter(place(lane));
    const url = stage.server.url('/b/page/own?size=1024');
    const probe = async (/** @type {() => Promise<unknown>} */ meanwhile) => {
      await stage.call('probe', url);
      await meanwhile();
      return median(await stage.call('stopProbe'));
    };
    const idle = await probe(() => sleep(1000));
    const tag = stage.tag();
    const urls = stage.server.files(tag, stage.quick ? 100 : 1000, 16 << 10);
    const busy = await probe(async () => {
      if (lane !== 'ours') return stage.ask(lane, urls);
      await stage.call('begin', tag, urls);
      return stage.end(tag);
    });
    await stage.rest();
    return { busy, idle };
  },
};

/** @type {Benchmark} */
export const tasks = {
  title: "the page's main thread during 1 × 512 MiB",
  lanes: ['ours', 'put'],
  rounds: 1,
  metrics: {
    long: { title: 'tasks of more than 50 ms on the main thread during 512 MiB', unit: '', better: 'less' },
    worst: { title: 'how late a timer of the page was at most', unit: 'ms', better: 'less' },
  },
  async run(stage, lane) {
    await stage.enter(place(lane));
    const tag = stage.tag();
    const urls = stage.server.files(tag, 1, (stage.quick ? 16 : 512) * MiB);
    await stage.call('watchTasks');
    if (lane === 'ours') {
      await stage.call('begin', tag, urls);
      await stage.end(tag);
    } else {
      await stage.ask(lane, urls);
    }
    const { long, worst } = await stage.call('stopTasks');
    await stage.rest();
    return { long: long?.length, worst };
  },
};

