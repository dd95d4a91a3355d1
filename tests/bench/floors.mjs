// What must hold, and what we want. Ratios are of medians, and more is better; the others are absolute.

/**
 * @typedef {object} Floor
 * @property {string} benchmark
 * @property {string} metric
 * @property {string} [to] the lane that ours is divided by
 * @property {string} [minus] the lane that is subtracted from ours
 * @property {string} [of] the metric of the same lane that ours is divided by
 * @property {string} says
 * @property {Record<string, [floor: number, aim?: number]>} values by engine
 */

/** The same for all engines. @param {number} floor @param {number} [aim] @returns {Floor['values']} */
const everywhere = (floor, aim) => ({ chromium: [floor, aim], firefox: [floor, aim], webkit: [floor, aim] });

/** @type {Floor[]} */
export const floors = [
  { benchmark: 'large', metric: 'rate', to: 'put', says: '512 MiB, relative to `cache.put(fetch)`', values: { chromium: [0.45, 0.6], firefox: [0.85, 1.05], webkit: [2.2, 3] } },
  { benchmark: 'large', metric: 'rate', to: 'native', says: '512 MiB, relative to native', values: { chromium: [0.5, 0.9] } },
  { benchmark: 'small', metric: 'rate', to: 'addAll', says: '1000 × 16 KiB, relative to `cache.addAll`', values: { chromium: [1.4, 1.8], firefox: [1, 1.2], webkit: [1.2, 2] } },
  { benchmark: 'small', metric: 'rate', to: 'native', says: '1000 × 16 KiB, relative to native', values: { chromium: [20] } },
  { benchmark: 'long', metric: 'rate', to: 'discard', says: 'shared link, relative to one plain fetch', values: everywhere(0.95) },
  { benchmark: 'throttled', metric: 'rate', to: 'discard', says: 'throttled connections, relative to one plain fetch', values: everywhere(2.5, 3.5) },
  { benchmark: 'huge', metric: 'rise', says: 'peak memory rise over 4 GiB (WebKitGTK: 768 MiB), MiB', values: { chromium: [64], firefox: [64], webkit: [160] } },
  { benchmark: 'start', metric: 'time', says: 'stopped worker → first request, ms', values: { chromium: [60], firefox: [60], webkit: [80] } },
  { benchmark: 'restart-10', metric: 'time', says: 'stopped worker, 10 records → first range request, ms', values: everywhere(300) },
  { benchmark: 'restart-10000', metric: 'time', says: 'stopped worker, 10,000 records → first range request, ms', values: everywhere(2000) },
  { benchmark: 'retry', metric: 'time', says: 'a server that is back: retry → request, ms', values: everywhere(2000) },
  { benchmark: 'finish', metric: 'time', says: 'last byte → success event, ms', values: { chromium: [50], firefox: [50], webkit: [100] } },
  { benchmark: 'idle', metric: 'start', minus: 'now', says: 'idle start-up cost, ms', values: everywhere(3) },
  { benchmark: 'latency', metric: 'busy', of: 'idle', says: "the page's own request while 1000 records are under way, relative to idle", values: everywhere(2) },
];

/** Whether a floor is one to stay under. @param {Floor} floor */
export const isCeiling = floor => floor.to === undefined;

/**
 * What one engine reaches of a floor; nothing if it was not measured.
 *
 * @param {Floor} floor
 * @param {(benchmark: string, metric: string, lane: string) => number | undefined} value
 */
export function reached(floor, value) {
  const ours = value(floor.benchmark, floor.metric, 'ours');
  if (ours === undefined) return undefined;
  const { to, minus, of } = floor;
  const other = to ? value(floor.benchmark, floor.metric, to)
    : minus ? value(floor.benchmark, floor.metric, minus)
      : of ? value(floor.benchmark, of, 'ours') : 0;
  if (other === undefined) return undefined;
  return minus ? ours - other : to || of ? ours / other : ours;
}
