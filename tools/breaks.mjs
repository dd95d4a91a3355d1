// Wrong versions of the shim, one after the other, and whether the browser specs notice:
// `npm run breaks -- [--engine=firefox] [--only=text]`. tests/browser/breaks lists them, each with the
// spec that has to turn red. The sources stay as they are: a version is made while it is bundled.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setPriority } from 'node:os';
import { bundle } from './build.mjs';
import { option } from './lib/options.mjs';
import { run } from './lib/run.mjs';

/**
 * @typedef {[what: string, text: string, instead: string, spec: string, grep?: string, place?: string]} Break
 *   `place`: the engines that can tell, where not all of them can
 * @typedef {Record<string, Break[]>} Breaks by file of js/
 */

const engine = option('engine') ?? 'chromium';
const only = option('only') ?? '';
/** Several engines may be at it at once. */
const out = join('target', 'breaks', engine);

/** Every break, in the order of the lists. */
async function* breaks() {
  const directory = new URL('../tests/browser/breaks/', import.meta.url);
  for (const name of readdirSync(directory).sort()) {
    /** @type {Breaks} */
    const list = (await import(new URL(name, directory).href)).default;
    for (const [file, some] of Object.entries(list)) {
      for (const [what, text, instead, spec, grep, place] of some) {
        const title = `${file}: ${what}`;
        if (title.includes(only)) yield { title, file, text, instead, spec, grep, place };
      }
    }
  }
}

/**
 * An esbuild plugin that puts something else in the place of a piece of text, which must be there once.
 *
 * @param {string} file
 * @param {string} text
 * @param {string} instead
 * @returns {import('esbuild').Plugin}
 */
const replace = (file, text, instead) => ({
  name: 'replace',
  setup(build) {
    build.onLoad({ filter: new RegExp(`/js/${file}$`) }, ({ path }) => {
      const parts = readFileSync(path, 'utf8').split(text);
      if (parts.length !== 2) throw new Error(`${file} has this ${parts.length - 1} times: ${text}`);
      return { contents: parts.join(instead), loader: 'js' };
    });
  },
});

setPriority(5);
let played = 0;
const unnoticed = [];
for await (const { title, file, text, instead, spec, grep, place } of breaks()) {
  if (place && !place.includes(engine)) {
    console.log(`  - ${title}: only in ${place}`);
    continue;
  }
  await bundle(out, [replace(file, text, instead)]);
  const { output } = await run(process.execPath, [
    '--test-reporter=./tests/browser/reporter.mjs', 'tests/browser/main.mjs', `--engine=${engine}`, `--spec=${spec}`,
    ...(grep ? [`--grep=${grep}`] : []),
  ], { env: { DISTRIBUTION: out }, quiet: true });
  if (/^# passed 0 failed 0 /m.test(output)) {
    console.log(`  - ${title}: no scenario of ${spec} is for this engine`);
    continue;
  }
  const red = /✖ (.*)/.exec(output)?.[1];
  played++;
  if (!red) unnoticed.push(title);
  console.log(red ? `  ✔ ${title}: ${red}` : `  ✖ ${title}: nothing in ${spec} turned red\n${output}`);
}
console.log(`breaks: ${played} played, ${unnoticed.length} unnoticed`);
if (!played || unnoticed.length) process.exitCode = 1;
