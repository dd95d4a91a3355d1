// Tables and files.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../tools/lib/run.mjs';
import { benchmarks } from './benchmarks/index.mjs';
import { chart } from './chart.mjs';
import { floors, isCeiling, reached } from './floors.mjs';
import { digits, median, spread } from './statistics.mjs';

const directory = join(root, 'target', 'bench');

/**
 * @typedef {object} Result of one engine
 * @property {string} engine
 * @property {string} version
 * @property {string} date
 * @property {boolean} quick
 * @property {Record<string, Record<string, Record<string, number[]>>>} values by benchmark, metric and lane: one for each round
 * @property {Record<string, string>} errors by benchmark and lane
 */

/** @param {Result} result @param {string} benchmark @param {string} metric @param {string} lane */
export function value(result, benchmark, metric, lane) {
  const values = result.values[benchmark]?.[metric]?.[lane];
  return values?.length ? median(values) : undefined;
}

/** @param {string[][]} rows the first is the head */
function markdown(rows) {
  const [head = [], ...body] = rows;
  return [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...body].map(row => `| ${row.join(' | ')} |`).join('\n');
}

/** What one engine did, lane by lane. @param {Result} result */
export function table(result) {
  const rows = [['what', 'unit', 'ours', 'peers', 'ours ÷ peer', 'noise']];
  for (const [name, metrics] of Object.entries(result.values)) {
    for (const [key, lanes] of Object.entries(metrics)) {
      const metric = benchmarks[name]?.metrics[key];
      const peers = Object.entries(lanes).filter(([lane, values]) => lane !== 'ours' && values.length > 0);
      const ours = value(result, name, key, 'ours');
      rows.push([
        metric?.title ?? key,
        metric?.unit ?? '',
        digits(ours),
        peers.map(([lane, values]) => `${lane} ${digits(median(values))}`).join(', '),
        peers.map(([, values]) => digits((ours ?? NaN) / (median(values) || NaN))).join(', '),
        Object.entries(lanes).map(([lane, values]) => [lane, spread(values)])
          .filter(([, noise]) => noise !== undefined).map(([, noise]) => `${Math.round(Number(noise) * 100)} %`).join(', '),
      ]);
    }
  }
  return markdown(rows);
}

/** Which floors hold, over all engines. @param {Result[]} results */
export function verdicts(results) {
  const rows = [['floor (aim)', ...results.map(({ engine }) => engine)]];
  for (const floor of floors) {
    rows.push([floor.says, ...results.map(result => {
      const [least, aim] = floor.values[result.engine] ?? [];
      if (least === undefined) return '–';
      const now = reached(floor, (...place) => value(result, ...place));
      const wanted = `${isCeiling(floor) ? '≤' : '≥'} ${least}${aim ? ` (${aim})` : ''}`;
      if (now === undefined || Number.isNaN(now)) return `${wanted}: not measured`;
      const held = isCeiling(floor) ? now <= least : now >= least;
      return `${wanted}: ${held ? '' : '**'}${digits(now)}${held ? ' ✓' : '** ✗'}`;
    })]);
  }
  return markdown(rows);
}

/** Keeps a result, beside what earlier runs of other benchmarks gave for the same engine. @param {Result} result */
export function save(result) {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${result.engine}${result.quick ? '-quick' : ''}.json`);
  writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`);
}

/** The results on disk. @param {boolean} quick @returns {Result[]} */
export function saved(quick) {
  mkdirSync(directory, { recursive: true });
  const names = readdirSync(directory).filter(name => name.endsWith('.json') && name.endsWith('-quick.json') === quick);
  return names.sort().map(name => JSON.parse(readFileSync(join(directory, name), 'utf8')));
}

/** @param {Result[]} results @param {boolean} quick */
export function draw(results, quick) {
  const path = join(directory, quick ? 'quick.svg' : 'bench.svg');
  writeFileSync(path, chart(results));
  return path;
}
