// The chart for the docs: how ours compares with each peer, engine by engine.
import { reached } from './floors.mjs';
import { digits, median } from './statistics.mjs';

/** @typedef {import('./report.mjs').Result} Result */

const names = { chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKitGTK' };

/** @type {{ benchmark: string, to: string, says: string }[]} */
const bars = [
  { benchmark: 'large', to: 'put', says: '1 × 512 MiB ÷ cache.put(fetch)' },
  { benchmark: 'large', to: 'native', says: '1 × 512 MiB ÷ native' },
  { benchmark: 'season', to: 'addAll', says: '20 × 16 MiB ÷ cache.addAll' },
  { benchmark: 'small', to: 'addAll', says: '1000 × 16 KiB ÷ cache.addAll' },
  { benchmark: 'long', to: 'discard', says: 'long link ÷ plain fetch' },
  { benchmark: 'throttled', to: 'discard', says: 'throttled ÷ plain fetch' },
];

const [width, label, line, head] = [720, 260, 20, 30];
/** What ends the axis: ratios beyond it are cut off, and say so by their number. */
const most = 4;

/** @param {number} ratio */
const length = ratio => (Math.min(ratio, most) / most) * (width - label - 60);

/** @param {Result[]} results */
export function chart(results) {
  let y = 10;
  /** @type {string[]} */
  const parts = [];
  for (const result of results) {
    parts.push(`<text x="0" y="${y + 18}" font-weight="bold">${names[/** @type {'chromium'} */ (result.engine)] ?? result.engine}</text>`);
    y += head;
    for (const { benchmark, to, says } of bars) {
      const ratio = reached({ benchmark, metric: 'rate', to, says, values: {} }, (name, metric, lane) => {
        const values = result.values[name]?.[metric]?.[lane];
        return values?.length ? median(values) : undefined;
      });
      if (ratio === undefined || Number.isNaN(ratio)) continue;
      parts.push(
        `<text x="${label - 8}" y="${y + 14}" text-anchor="end">${says}</text>`,
        `<rect x="${label}" y="${y + 3}" width="${length(ratio).toFixed(1)}" height="${line - 6}" fill="${ratio >= 1 ? '#2a7f62' : '#b0713a'}"/>`,
        `<text x="${(label + length(ratio) + 6).toFixed(1)}" y="${y + 14}">${digits(ratio)}</text>`,
      );
      y += line;
    }
    y += 10;
  }
  const one = label + length(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" font-family="system-ui, sans-serif" font-size="12" fill="#444">
<title>Throughput relative to the peers; the line is 1</title>
<rect width="${width}" height="${y}" fill="#fff"/>
${parts.join('\n')}
<line x1="${one}" x2="${one}" y1="0" y2="${y}" stroke="#444" stroke-dasharray="3 3"/>
</svg>
`;
}
