// Where the time goes, by instruments in the worker (`inside/profile.mjs`). Printed as it is measured.
import { download } from './throughput.mjs';

/** @typedef {import('./index.mjs').Benchmark} Benchmark */

/**
 * @param {string} title
 * @param {{ count: number, size: number }} full
 * @param {{ count: number, size: number }} quick
 * @returns {Benchmark}
 */
const profiled = (title, full, quick) => ({
  title: `profile of ${title}`,
  lanes: ['ours'],
  unasked: false,
  metrics: {
    time: { title: `${title} with instruments`, unit: 'ms', better: 'less' },
    wasm: { title: 'in Wasm and what it calls', unit: 'ms', better: 'less' },
    longest: { title: 'longest call into Wasm', unit: 'ms', better: 'less' },
    calls: { title: 'calls into Wasm', unit: '', better: 'less' },
    store: { title: 'at least one transaction open', unit: 'ms', better: 'less' },
    transactions: { title: 'transactions', unit: '', better: 'less' },
    network: { title: 'at least one read waits for the network', unit: 'ms', better: 'less' },
    reads: { title: 'reads', unit: '', better: 'less' },
    heads: { title: 'at least one request waits for its head', unit: 'ms', better: 'less' },
    requests: { title: 'requests', unit: '', better: 'less' },
    parallel: { title: 'requests that wait for their heads at once, at most', unit: '', better: 'less' },
  },
  async run(stage) {
    const files = stage.quick ? quick : full;
    await download(stage, 'ours', { count: 1, size: 1 << 20, first: 'profile' });
    await stage.ask('profile');
    const { time } = await download(stage, 'ours', { ...files, first: 'profile' });
    const { value } = await stage.ask('profile');
    const { wasm, store, network, heads, functions } = value;
    for (const [name, { total, count, longest }] of Object.entries(functions)) {
      console.log(`    ${name}: ${count} calls, ${total.toFixed(0)} ms, longest ${longest.toFixed(1)} ms`);
    }
    return {
      time, wasm: wasm.total, longest: wasm.longest, calls: wasm.count,
      store: store.total, transactions: store.count, network: network.total, reads: network.count,
      heads: heads.total, requests: heads.count, parallel: heads.most,
    };
  },
});

export const profileLarge = profiled('1 × 512 MiB', { count: 1, size: 512 << 20 }, { count: 1, size: 24 << 20 });
export const profileSmall = profiled('1000 × 16 KiB', { count: 1000, size: 16 << 10 }, { count: 60, size: 16 << 10 });
