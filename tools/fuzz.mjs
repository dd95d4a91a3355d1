// Fuzzing: `npm run fuzz -- [--minutes=10] [target …]`, and a short, fixed run of it for `npm test`:
// `node tools/fuzz.mjs --short`.
//
// The Rust targets are built with libFuzzer and coverage, which the stable compiler can do: what
// `cargo fuzz` needs a nightly one for are sanitizers, and the core has no unsafe code. What was found
// stays in target/fuzz/corpus; a crash prints its input, which becomes a named test. `--minimise` takes
// of that and of fuzz/corpus the few inputs that reach all edges which any of them reaches.
//
// `rows` are JavaScript values, so they are made in a browser, at random and not by coverage: its short
// run is `tests/rows.rs` among the Rust tests of the browsers.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { engine, pathWithPrograms } from './lib/programs.mjs';
import { option } from './lib/options.mjs';
import { recipe } from './lib/recipe.mjs';
import { must, root, run, which } from './lib/run.mjs';

const targets = ['content-range', 'retry-after', 'validators', 'core'];
/** Inputs of a short run: some seconds each, and the same ones every time. */
const short = { 'content-range': 300_000, 'retry-after': 300_000, validators: 200_000, core: 40_000 };
const coverage = [
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
  '-Ccodegen-units=1',
];

/** The longest inputs, in bytes. @param {string} target */
const longest = target => `-max_len=${target === 'core' ? 2000 : 120}`;

const words = process.argv.slice(2);
const isShort = words.includes('--short');
const isMinimising = words.includes('--minimise');
const minutes = Number(option('minutes') ?? 10);
const names = words.filter(word => !word.startsWith('--'));
/** @param {string} name */
const wanted = name => names.length === 0 || names.includes(name);

/** Builds the targets and gives the program that holds them. */
async function build() {
  const host = /host: (.*)/.exec(await must('rustc', ['-vV'], { quiet: true }))?.[1] ?? '';
  const directory = join(root, 'target', 'fuzz');
  await must('cargo', ['build', '--quiet', '--release', '--locked', '--manifest-path=fuzz/Cargo.toml', `--target=${host}`], {
    env: { CARGO_TARGET_DIR: directory, RUSTFLAGS: coverage.join(' ') },
  });
  return join(directory, host, 'release', 'fuzz');
}

/**
 * One target of the Rust core.
 *
 * @param {string} program
 * @param {keyof typeof short} target
 */
async function play(program, target) {
  // What is found is written to the first place that is named: never to what the repository keeps.
  const found = join(root, 'target', 'fuzz', 'corpus', isShort ? `${target}-short` : target);
  const crashes = join(root, 'target', 'fuzz', 'crashes');
  if (isShort) rmSync(found, { recursive: true, force: true });
  mkdirSync(found, { recursive: true });
  mkdirSync(crashes, { recursive: true });
  const { code, output } = await run(program, [
    `-artifact_prefix=${crashes}/${target}-`,
    longest(target),
    '-timeout=20',
    ...isShort ? [`-runs=${short[target]}`, '-seed=1'] : [`-max_total_time=${minutes * 60}`],
    found,
    join('fuzz', 'corpus', target),
  ], { env: { FUZZ_TARGET: target, RUST_BACKTRACE: '0' }, quiet: true });
  const last = /^#(\d+)\s+DONE\s+cov: (\d+)/m.exec(output);
  if (code === 0 && last) {
    console.log(`${target}: ${last[1]} inputs, ${last[2]} edges covered`);
    return true;
  }
  console.log(output.split('\n').slice(-40).join('\n'));
  console.log(`${target}: failed; FUZZ_TARGET=${target} FUZZ_LOG=1 ${program} <the file named above> shows it again`);
  return false;
}

/**
 * Keeps in fuzz/corpus what is worth its place there.
 *
 * @param {string} program
 * @param {string} target
 */
async function minimise(program, target) {
  const kept = join('fuzz', 'corpus', target);
  const less = join(root, 'target', 'fuzz', 'corpus', `${target}-less`);
  const found = join(root, 'target', 'fuzz', 'corpus', target);
  rmSync(less, { recursive: true, force: true });
  for (const directory of [less, found]) mkdirSync(directory, { recursive: true });
  // Without counters an edge is an edge, however often it is taken.
  const how = ['-set_cover_merge=1', '-use_counters=0', longest(target)];
  const { code } = await run(program, [...how, less, kept, found], { env: { FUZZ_TARGET: target, RUST_BACKTRACE: '0' }, quiet: true });
  if (code !== 0) return false;
  rmSync(join(root, kept), { recursive: true });
  renameSync(less, join(root, kept));
  return true;
}

/** Rows that anybody may have written, in Chromium. */
async function rows() {
  const { driver, missing } = engine('chromium');
  if (missing.length > 0) return console.log(`skipped: rows, ${missing.join(', ')} not installed`);
  const seed = Date.now() % 2 ** 32;
  console.log(`rows: FUZZ_SEED=${seed} and following`);
  const { code } = await run('wasm-pack', ['test', '--headless', '--chrome', '--chromedriver', driver ?? '', '--mode', recipe.test.mode, '--test', 'rows'], {
    env: {
      PATH: [join(root, 'node_modules/.bin'), pathWithPrograms()].join(delimiter),
      FUZZ_SEED: String(seed),
      // Each of its two tests takes as long.
      FUZZ_MINUTES: String(minutes / 2),
      WASM_BINDGEN_TEST_TIMEOUT: String(Math.ceil(minutes * 60) + recipe.test.timeout),
    },
  });
  return code === 0;
}

let passed = 0;
let failed = 0;
if (!isShort && !isMinimising && wanted('rows')) {
  const outcome = await rows();
  if (outcome) passed++;
  else if (outcome === false) failed++;
}
if (!isMinimising && wanted('messages')) {
  const inputs = isShort ? 200_000 : minutes * 2_000_000;
  const { code } = await run(process.execPath, ['fuzz/messages.mjs', `--inputs=${inputs}`, ...isShort ? ['--seed=1'] : []]);
  if (code === 0) passed++;
  else failed++;
}
const rust = targets.filter(wanted);
if (rust.length > 0 && !which(['c++', 'g++', 'clang++'])) {
  console.log('skipped: libFuzzer needs a C++ compiler');
  console.log(`# passed ${passed} failed ${failed} skipped ${rust.length}`);
} else {
  const program = rust.length > 0 ? await build() : '';
  for (const target of rust) {
    const outcome = isMinimising ? minimise(program, target) : play(program, /** @type {keyof typeof short} */ (target));
    if (await outcome) passed++;
    else failed++;
  }
  console.log(`# passed ${passed} failed ${failed} skipped 0`);
}
process.exitCode = failed > 0 ? 1 : 0;
