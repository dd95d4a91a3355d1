// What dist/ weighs, raw and compressed, against the budget in wasm-pack.toml.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { recipe } from './lib/recipe.mjs';
import { root } from './lib/run.mjs';

const dist = join(root, 'dist');
const shipped = readdirSync(dist).filter(name => /\.(js|mjs|wasm)$/.test(name)).sort();
const missing = Object.keys(recipe.size).filter(name => !shipped.includes(name));

const rows = shipped.map(name => {
  const content = readFileSync(join(dist, name));
  const brotli = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  }).length;
  const budget = recipe.size[name];
  return { name, raw: content.length, gzip: gzipSync(content, { level: 9 }).length, brotli, budget };
});

const width = Math.max(...rows.map(({ name }) => name.length));
/** @param {string | number} value */
const cell = value => String(value).padStart(9);
console.log(`${'bytes'.padEnd(width)}${['raw', 'gzip', 'brotli', 'budget'].map(cell).join('')}`);
for (const { name, raw, gzip, brotli, budget } of rows) {
  const over = budget !== undefined && brotli > budget ? `  over by ${brotli - budget}` : '';
  console.log(`${name.padEnd(width)}${[raw, gzip, brotli, budget ?? '-'].map(cell).join('')}${over}`);
}
for (const name of missing) console.log(`${name.padEnd(width)}  is not there: run npm run build`);
if (missing.length > 0 || rows.some(({ brotli, budget }) => budget !== undefined && brotli > budget)) process.exitCode = 1;
