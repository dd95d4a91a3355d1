// Holds docs/faults.md against the tests: every fault has a row, and every test that a row names exists.
//
// Rows that say "missing" are counted, and fail only with --complete.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { complaint } from './lib/named-tests.mjs';
import { root } from './lib/run.mjs';

const faults = 60;

const table = readFileSync(join(root, 'docs/faults.md'), 'utf8');
const rows = new Map([...table.matchAll(/^\| (F\d\d) \|.*\| ([^|]+) \|$/gm)].map(([, fault, tests]) => [fault ?? '', tests ?? '']));

/** @type {string[]} */
const wrong = [];
/** @type {string[]} */
const missing = [];
let named = 0;

for (let number = 1; number <= faults; number++) {
  const fault = `F${String(number).padStart(2, '0')}`;
  const tests = rows.get(fault);
  if (tests === undefined) wrong.push(`${fault} has no row`);
  else if (tests.startsWith('missing')) missing.push(fault);
  else if (!/^exempt: ./.test(tests)) {
    for (const test of tests.split('; ')) {
      named++;
      const why = complaint(test);
      if (why) wrong.push(`${fault}: ${why}`);
    }
  }
}

console.log(`faults: ${rows.size} rows, ${named} tests named, ${missing.length} without one${missing.length ? `: ${missing.join(', ')}` : ''}`);
for (const line of wrong) console.error(line);
if (wrong.length > 0 || process.argv.includes('--complete') && missing.length > 0) process.exitCode = 1;
