// Every layer of tests: `npm test`. The last line is the sum.
//
// One layer after another, and the engines at the end two at a time, since their tests wait more than
// they work; each of their lines begins with the layer's name.
//
// `node tools/test.mjs name …` runs only the layers whose names contain one of the words.
import { delimiter, join } from 'node:path';
import { engine, pathWithPrograms } from './lib/programs.mjs';
import { recipe } from './lib/recipe.mjs';
import { root, run } from './lib/run.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * @typedef {object} Layer
 * @property {string} name
 * @property {string} command
 * @property {string[]} parameters
 * @property {'rust' | 'ours' | 'whole'} counts how its output is counted: cargo's summaries, our reporter's
 *   last line, or as one test
 * @property {string[]} [missing] what is not installed, so that it cannot run
 */

// The npm packages' wasm-opt must come before an older one of the system.
const env = {
  PATH: [join(root, 'node_modules/.bin'), pathWithPrograms()].join(delimiter),
  WASM_BINDGEN_TEST_TIMEOUT: String(recipe.test.timeout),
};
const wasm = ['--target', 'wasm32-unknown-unknown'];

/** @param {string} name @param {string} command @param {...string} parameters @returns {Layer} */
const whole = (name, command, ...parameters) => ({ name, command, parameters, counts: 'whole' });

/** @type {Layer[]} */
const layers = [
  { name: 'Rust core', command: 'cargo', parameters: ['test', '--quiet'], counts: 'rust' },
  { name: 'fuzzing, briefly', command: process.execPath, parameters: ['tools/fuzz.mjs', '--short'], counts: 'ours' },
  whole('Rust layout', 'cargo', 'fmt', '--all', '--check'),
  whole('Rust lints', 'cargo', 'clippy', '--quiet', '--workspace', '--all-targets', '--', '-D', 'warnings'),
  whole('Rust lints, wasm32', 'cargo', 'clippy', '--quiet', '--all-targets', ...wasm, '--', '-D', 'warnings'),
  whole('build', process.execPath, 'tools/build.mjs'),
  whole('size', process.execPath, 'tools/size.mjs'),
  whole('types', 'npm', 'run', '--silent', 'check'),
  whole('JavaScript lints', 'npm', 'run', '--silent', 'lint'),
  whole('SPEC.md', process.execPath, 'tools/check-spec.mjs'),
  whole('docs/faults.md', process.execPath, 'tools/check-faults.mjs'),
  ...Object.keys(recipe.engines).flatMap(rustIn),
];

/** @type {Layer[]} the longest first */
const endToEndLayers = [
  ...['webkit', 'firefox', 'chromium'].map(id => endToEnd(id, `${engine(id).name} end to end`)),
  // Under its driver WebKit has private sessions, without Blobs in IndexedDB.
  endToEnd('webkit', 'WebKitGTK end to end, persistent storage', '--plain'),
];

/** The Rust tests that need a browser. @param {string} id @returns {Layer[]} */
function rustIn(id) {
  const { name, driver, missing, 'wasm-pack': flag } = engine(id);
  if (!flag) return [];
  const driverFlag = id === 'firefox' ? '--geckodriver' : '--chromedriver';
  return [{
    name: `Rust in ${name}`,
    command: 'wasm-pack',
    parameters: ['test', '--headless', flag, driverFlag, driver ?? '', '--mode', recipe.test.mode],
    counts: 'rust',
    missing,
  }];
}

/** @param {string} id @param {string} name @param {...string} flags @returns {Layer} */
function endToEnd(id, name, ...flags) {
  return {
    name,
    command: process.execPath,
    parameters: ['--test-reporter=./tests/browser/reporter.mjs', 'tests/browser/main.mjs', `--engine=${id}`, ...flags],
    counts: 'ours',
    missing: engine(id).missing,
  };
}

/**
 * @param {Layer} layer
 * @param {string} [label] what each line begins with, where two layers print
 * @returns {Promise<Counts>}
 */
async function play({ name, command, parameters, counts, missing = [] }, label) {
  console.log(`\n── ${name}`);
  if (missing.length > 0) {
    const inCI = process.env.CI === 'true';
    console.log(`${inCI ? 'failed' : 'skipped'}: ${missing.join(', ')} not installed`);
    return { passed: 0, failed: inCI ? 1 : 0, skipped: inCI ? 0 : 1 };
  }
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const pattern = counts === 'rust'
    ? /^test result: .* (\d+) passed; (\d+) failed; (\d+) ignored/
    : /^# passed (\d+) failed (\d+) skipped (\d+)$/;
  const { code } = await run(command, parameters, {
    env,
    quiet: label !== undefined,
    onLine(line) {
      if (label !== undefined) console.log(`${label} ${line}`);
      const [, passed = 0, failed = 0, skipped = 0] = pattern.exec(line) ?? [];
      sum.passed += Number(passed);
      sum.failed += Number(failed);
      sum.skipped += Number(skipped);
    },
  });
  if (counts === 'whole' && code === 0) sum.passed = 1;
  // What ends badly, or without any result, has failed, whatever it has counted.
  if (sum.failed === 0 && (code !== 0 || sum.passed + sum.skipped === 0)) sum.failed = 1;
  return sum;
}

const words = process.argv.slice(2).map(word => word.toLowerCase());
/** @param {Layer} layer */
const chosen = ({ name }) => words.length === 0 || words.some(word => name.toLowerCase().includes(word));

const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const broken = [];

/** Plays the layers that are left, one after another. @param {Layer[]} left @param {boolean} [labelled] */
async function playAll(left, labelled = false) {
  for (let layer; (layer = left.shift());) {
    const { passed, failed, skipped } = await play(layer, labelled ? `${layer.name} │` : undefined);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    if (failed > 0) broken.push(layer.name);
  }
}

await playAll(layers.filter(chosen));
const left = endToEndLayers.filter(chosen);
const several = left.length > 1;
await Promise.all([playAll(left, several), playAll(left, several)]);

console.log(broken.length > 0 ? `\nNot in order: ${broken.join('; ')}` : '');
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
