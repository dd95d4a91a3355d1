// Fuzzing: `npm run fuzz -- [--minutes=10] [target …]`, and a short, fixed run of it for `npm test`:
// `node tools/fuzz.mjs --short`.
//
// The Rust targets are built with libFuzzer and coverage, which the stable compiler can do: what
// `cargo fuzz` needs a nightly one for are sanitizers, and the core has no unsafe code. What was found
// stays in target/fuzz/corpus; a crash prints its input, which becomes a named test.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
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

const words = process.argv.slice(2);
const isShort = words.includes('--short');
const minutes = Number(words.find(word => word.startsWith('--minutes='))?.slice('--minutes='.length) ?? 10);
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
  const found = join(root, 'target', 'fuzz', 'corpus', target);
  const crashes = join(root, 'target', 'fuzz', 'crashes');
  mkdirSync(found, { recursive: true });
  mkdirSync(crashes, { recursive: true });
  const { code, output } = await run(program, [
    `-artifact_prefix=${crashes}/${target}-`,
    `-max_len=${target === 'core' ? 2000 : 120}`,
    '-timeout=20',
    ...isShort ? [`-runs=${short[target]}`, '-seed=1'] : [`-max_total_time=${minutes * 60}`, found],
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

let passed = 0;
let failed = 0;
if (wanted('messages')) {
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
    if (await play(program, /** @type {keyof typeof short} */ (target))) passed++;
    else failed++;
  }
  console.log(`# passed ${passed} failed ${failed} skipped 0`);
}
process.exitCode = failed > 0 ? 1 : 0;
