// Installs what a command needs and is not there yet: `node tools/setup.mjs build|test|mutants`.
//
// Every step looks before it acts and says what it does. This file may import nothing from
// node_modules before the first step has run.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, root, run, which } from './lib/run.mjs';

const target = 'wasm32-unknown-unknown';

/** @param {string} text */
const say = text => console.log(`setup: ${text}`);

/** npm packages, as the lock file has them. A stamp in node_modules says for which lock file they are. */
async function npmPackages() {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  const stamp = join(root, 'node_modules', '.installed-for');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing npm packages');
  // None of them needs an install script.
  await must('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  writeFileSync(stamp, lock);
}

/** The compiler itself is named by rust-toolchain.toml, and rustup brings it when cargo first runs. */
async function wasmTarget() {
  if (!which(['cargo'])) throw new Error('cargo is missing: install Rust from https://rustup.rs');
  const libraries = (await must('rustc', ['--print', 'target-libdir', '--target', target], { quiet: true })).trim();
  if (existsSync(libraries)) return;
  say(`adding the Rust target ${target}`);
  await must('rustup', ['target', 'add', target]);
}

/** Programs for the Rust browser tests and for Firefox. */
async function testPrograms() {
  await cargoPrograms((await import('./lib/programs.mjs')).programs());
}

async function mutantPrograms() {
  await cargoPrograms((await import('./lib/programs.mjs')).mutantPrograms());
}

/**
 * Programs that cargo builds; they share one directory of build products.
 *
 * @param {import('./lib/programs.mjs').Program[]} wanted
 */
async function cargoPrograms(wanted) {
  const { cache, directory, isInstalled } = await import('./lib/programs.mjs');
  for (const program of wanted) {
    if (isInstalled(program)) continue;
    // A driver that the machine already has will do; what must match our crates will not.
    if (program.crate === 'geckodriver' && which(['geckodriver'])) continue;
    say(`installing ${program.crate} ${program.version} with cargo, once (one or two minutes)`);
    mkdirSync(cache, { recursive: true });
    const { crate, version } = program;
    await must('cargo', ['install', crate, '--version', version, '--locked', '--root', directory(program)], {
      env: { CARGO_TARGET_DIR: join(cache, 'build') },
    });
  }
}

/** Browsers and drivers: through apt where we may, else one line that says what to install. */
async function browsers() {
  const { engine } = await import('./lib/programs.mjs');
  const { recipe } = await import('./lib/recipe.mjs');
  const lacking = Object.keys(recipe.engines)
    .map(id => engine(id))
    // geckodriver comes from cargo, above; a machine without it lacks no Debian package.
    .filter(({ missing }) => missing.some(name => name !== 'geckodriver'));
  if (lacking.length === 0) return;
  const packages = lacking.flatMap(({ apt }) => apt);
  if (process.platform === 'linux' && process.getuid?.() === 0 && which(['apt-get'])) {
    say(`installing ${packages.join(' ')} with apt`);
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', '-q'], { env, quiet: true });
    const { code, output } = await run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], { env, quiet: true });
    if (code === 0) return;
    console.error(output.split('\n').slice(-15).join('\n'));
  }
  say(`${lacking.map(({ name }) => name).join(', ')} cannot be tested until this is run: sudo apt-get install ${packages.join(' ')}`);
}

const goals = {
  build: [npmPackages, wasmTarget],
  test: [npmPackages, wasmTarget, testPrograms, browsers],
  mutants: [npmPackages, mutantPrograms],
};

const goal = process.argv[2] ?? 'build';
if (goal !== 'build' && goal !== 'test' && goal !== 'mutants') {
  console.error(`usage: node tools/setup.mjs ${Object.keys(goals).join('|')}`);
  process.exit(2);
}
try {
  for (const step of goals[goal]) await step();
} catch (error) {
  console.error(`setup: ${/** @type {Error} */ (error).message}`);
  process.exit(1);
}
