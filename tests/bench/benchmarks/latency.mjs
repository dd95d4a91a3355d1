// How long one waits: for the first request, after a stop, for the event, for a worker that has nothing to do.
import { setTimeout as sleep } from 'node:timers/promises';
import { Door } from '../../../tools/faults/door.mjs';
import { median } from '../statistics.mjs';

/** @typedef {import('./index.mjs').Benchmark} Benchmark */

const MiB = 1 << 20;

/** The time from a call to the first request for a tag, once the worker has been stopped. @type {Benchmark} */
export const start = {
  title: 'stopped worker → first request on the wire',
  lanes: ['ours', 'discard', 'native'],
  metrics: { time: { title: 'stopped worker → first request on the wire', unit: 'ms', better: 'less' } },
  async run(stage, lane) {
    const own = lane === 'ours' || lane === 'native';
    await stage.enter(own ? lane : 'peer');
    /** @type {number[]} */
    const times = [];
    for (let turn = 0; turn < repeats(stage); turn++) {
      await stage.stopWorker();
      const tag = stage.tag();
      const urls = stage.server.files(tag, 1, 1000);
      const { at } = own ? await stage.call('begin', tag, urls) : await stage.ask(lane, urls);
      if (own) await stage.end(tag);
      times.push((stage.server.of(tag)[0]?.at ?? NaN) - at);
    }
    return { time: median(times) };
  },
};

/** In WebKit each stop takes 12 seconds. @param {import('../stage.mjs').Stage} stage */
const repeats = stage => (stage.plain || stage.quick ? 1 : 5);

/**
 * How long after a question a request came; nothing if the engine had sent it before it was asked.
 *
 * @param {import('../server.mjs').Request | undefined} request
 * @param {number} at
 */
export const after = (request, at) => (request && request.at >= at ? request.at - at : undefined);

/** @type {Benchmark} */
export const resume = {
  title: 'worker stopped in the middle of 8 MiB (WebKitGTK: 64 MiB) at 32 Mbit/s',
  lanes: ['ours'],
  metrics: {
    time: { title: 'question after a stop → next request', unit: 'ms', better: 'less' },
    again: { title: 'bytes sent twice because of the stop', unit: 'KiB', better: 'less' },
  },
  async run(stage, lane) {
    await stage.enter(/** @type {'ours'} */ (lane));
    const tag = stage.tag();
    // WebKit stops a worker ten seconds after its page has left, and not before.
    const size = (stage.plain ? 64 : 8) * MiB;
    await stage.call('begin', tag, stage.server.files(tag, 1, size, '&link=slow'));
    while (stage.server.sent(tag) < 4 * MiB) await sleep(20);
    const stopped = await stage.stopWorker();
    const asked = await stage.wake(tag);
    await stage.end(tag);
    const next = stage.server.of(tag).find(({ at }) => at >= stopped);
    return { time: after(next, asked), again: (stage.server.sent(tag) - size) / 1024 };
  },
};

/**
 * A background fetch of so many records, half of them complete, one under way, the rest waiting.
 *
 * @param {number} count
 * @returns {Benchmark}
 */
export const restart = count => ({
  title: `worker stopped with ${count} records, half of them complete`,
  lanes: ['ours'],
  metrics: { time: { title: `question after a stop, ${count} records → next range request`, unit: 'ms', better: 'less' } },
  async run(stage, lane) {
    await stage.enter(/** @type {'ours'} */ (lane));
    const tag = stage.tag();
    const half = (stage.quick ? Math.min(count, 500) : count) / 2;
    await stage.call('begin', tag, [
      ...stage.server.files(tag, 1, 512 * MiB, '&link=slow'),
      ...stage.server.files(`${tag}-done`, half, 1000),
      ...stage.server.files(`${tag}-held`, half - 1, 1000, '&hold'),
    ]);
    while (stage.server.sent(tag) < 4 * MiB || stage.server.of(`${tag}-held`).length === 0) await sleep(20);
    const stopped = await stage.stopWorker();
    const asked = await stage.wake(tag);
    const next = () => stage.server.of(tag).find(({ at, first }) => at >= stopped && first > 0);
    while (!next()) await sleep(5);
    await stage.call('abort');
    return { time: after(next(), asked) };
  },
});

/** A server that is gone for some back-offs, and back when the page says so. @type {Benchmark} */
export const retry = {
  title: 'a server that was gone is back, and the page says retry',
  lanes: ['ours'],
  metrics: {
    time: { title: 'retry → request, after some requests in vain', unit: 'ms', better: 'less' },
    pace: { title: 'shortest time between two requests in vain, the first two aside', unit: 'ms', better: 'more' },
  },
  async run(stage, lane) {
    await stage.enter(/** @type {'ours'} */ (lane));
    const door = new Door(Number(new URL(stage.server.origin).port));
    const origin = await door.start();
    try {
      const tag = stage.tag();
      const urls = stage.server.files(tag, 1, 1000).map(url => url.replace(stage.server.origin, origin));
      await stage.call('begin', tag, urls);
      await door.knocked(7);
      door.open();
      const { at } = await stage.call('retry');
      await stage.end(tag);
      // One request and one question come at once; the others at their pace.
      const waits = door.knocks.slice(2).map((knock, index) => knock - door.knocks[index + 1]);
      return { time: after(stage.server.of(tag)[0], at), pace: Math.min(...waits) };
    } finally {
      door.close();
    }
  },
};

/** @type {Benchmark} */
export const finish = {
  title: '2 MiB at 32 Mbit/s: last byte sent → success event',
  lanes: ['ours', 'native'],
  metrics: { time: { title: 'last byte sent → success event', unit: 'ms', better: 'less' } },
  async run(stage, lane) {
    await stage.enter(/** @type {'ours'} */ (lane));
    /** @type {number[]} */
    const times = [];
    for (let turn = 0; turn < (stage.quick ? 1 : 5); turn++) {
      const tag = stage.tag();
      await stage.call('begin', tag, stage.server.files(tag, 1, 2 * MiB, '&link=slow'));
      const end = await stage.end(tag);
      times.push((end?.at ?? NaN) - Math.max(...stage.server.of(tag).map(request => request.done)));
    }
    return { time: median(times) };
  },
};

/** A worker that loads our script and has nothing to do, beside one that does not. @type {Benchmark} */
export const idle = {
  title: 'start of a worker that has nothing to do',
  lanes: ['ours', 'now'],
  metrics: {
    start: { title: 'message to a stopped worker → its handler', unit: 'ms', better: 'less' },
    evaluation: { title: 'evaluation of the script in it', unit: 'ms', better: 'less' },
  },
  async run(stage, lane) {
    await stage.enter(lane === 'ours' ? 'ours' : 'peer');
    /** @type {{ start: number, evaluation: number }[]} */
    const seen = [];
    for (let turn = 0; turn < 2 * repeats(stage) - 1; turn++) {
      await stage.stopWorker();
      const { time } = await stage.ask('now');
      seen.push({ start: time, evaluation: (await stage.ask('evaluation')).value });
    }
    return { start: median(seen.map(({ start }) => start)), evaluation: median(seen.map(({ evaluation }) => evaluation)) };
  },
};
