// Builds dist/: the engine with cargo, its bindings, wasm-opt, then one bundle for each way of loading.
//
// Steps look whether their input has changed, so that a second run takes about a second.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { demoBundle } from './demo/bundle.mjs';
import { inlineWasm } from './inline-wasm.mjs';
import { locked, recipe } from './lib/recipe.mjs';
import { must, root } from './lib/run.mjs';
import { finish } from './minify.mjs';
import { arrows, flag, shorten } from './shorten.mjs';

const target = 'wasm32-unknown-unknown';
const { build: settings } = recipe;
const bindings = join(root, settings['out-dir']);
const engine = join(bindings, `${settings['out-name']}_bg.wasm`);
const glue = join(bindings, `${settings['out-name']}.js`);
const dist = join(root, 'dist');
/** What the file says about its making, once wasm-opt has read it. */
const strip = ['--strip-producers', '--strip-target-features'];
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** @param {string} text */
const say = text => console.log(`build: ${text}`);

/** The engine as cargo leaves it. Cargo decides itself whether there is anything to do. */
async function compile() {
  if (settings.profile !== 'release') throw new Error(`no profile ${settings.profile}`);
  say('compiling the engine');
  // Messages of panics name source files: as everybody knows them, not where they lie on this machine.
  const sources = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'registry/src');
  if (!existsSync(sources)) await must('cargo', ['fetch', '--locked']);
  const registries = readdirSync(sources).map(name => join(sources, name));
  const flags = [sources, ...registries, root].map(path => `--remap-path-prefix=${path}=`);
  // Data lies behind the stack: below one megabyte, addresses are a byte shorter.
  flags.push('-Clink-arg=-zstack-size=524288');
  await must('cargo', ['build', '--release', '--lib', '--target', target], {
    env: { CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f') },
  });
  return join(root, 'target', target, 'release', `${settings['out-name']}.wasm`);
}

/**
 * JavaScript bindings and the optimized Wasm file.
 *
 * @param {string} compiled
 */
async function bind(compiled) {
  const stamp = join(bindings, '.made-from');
  const state = createHash('sha256')
    .update(readFileSync(compiled))
    .update(JSON.stringify([settings, locked('wasm-bindgen-cli-support')]))
    .update(readFileSync(join(root, 'tools/bindgen/src/main.rs')))
    .update(readFileSync(join(root, 'tools/bindgen/src/mute.rs')))
    .update(readFileSync(join(root, 'tools/bindgen/src/names.rs')))
    .update(readFileSync(join(root, 'tools/shorten.mjs')))
    .update(readFileSync(join(root, 'tools/build.mjs')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return;
  say('writing its JavaScript bindings');
  await must('cargo', ['run', '--package', 'bindgen', '--', compiled, bindings]);
  say('optimizing it');
  const wasmOpt = join(root, 'node_modules/binaryen/bin/wasm-opt');
  await must(process.execPath, [wasmOpt, ...settings['wasm-opt'], engine, '-o', engine]);
  // By itself: among passes that are repeated it would rename again what it has renamed.
  const names = await must(process.execPath, [wasmOpt, flag, ...strip, engine, '-o', engine], { quiet: true });
  writeFileSync(glue, arrows(shorten(readFileSync(glue, 'utf8'), JSON.parse(names))));
  writeFileSync(stamp, state);
}

/** @type {{ entry: string, name: string, classic: boolean }[]} */
const bundles = [
  { entry: 'page-entry.js', name: 'background-fetch.js', classic: true },
  { entry: 'page-entry.js', name: 'background-fetch.mjs', classic: false },
  { entry: 'worker-entry.js', name: 'background-fetch-sw.js', classic: true },
  { entry: 'worker-entry.js', name: 'background-fetch-sw.mjs', classic: false },
  { entry: 'index.js', name: 'index.mjs', classic: false },
];

/**
 * The scripts, from js/ and what {@link build} left of the engine.
 *
 * @param {string} [directory] where they are written
 * @param {import('esbuild').Plugin[]} [plugins]
 */
export async function bundle(directory = dist, plugins = []) {
  mkdirSync(directory, { recursive: true });
  const banner = `/*! background-fetch-polyfill ${version} | MIT OR Apache-2.0 */`;
  await Promise.all(bundles.map(async ({ entry, name, classic }) => {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: root,
      entryPoints: [join('js', entry)],
      outdir: directory,
      bundle: true,
      conditions: entry === 'worker-entry.js' ? ['worker'] : [],
      format: 'esm',
      minify: true,
      sourcemap: 'external',
      target: settings.syntax,
      legalComments: 'none',
      define: { __VERSION__: JSON.stringify(version) },
      plugins: [...plugins, inlineWasm(engine)],
      logLevel: 'warning',
      write: false,
    });
    const [map = '', code = ''] = outputFiles.map(({ text }) => text);
    const script = await finish({ code, map }, { name, classic, banner });
    for (const text of [script.code, script.map]) {
      if (directory === dist && text.includes(root)) throw new Error(`${name} tells where it was built`);
    }
    writeFileSync(join(directory, name), script.code);
    writeFileSync(join(directory, `${name}.map`), script.map);
  }));
}

/** What else is in dist/, and the demo's bundle. */
async function complete() {
  await esbuild.build(demoBundle);
  copyFileSync(engine, join(dist, 'background-fetch-sw.wasm'));
  for (const name of readdirSync(join(root, 'js')).filter(name => name.endsWith('.d.ts'))) {
    copyFileSync(join(root, 'js', name), join(dist, name));
  }
}

/** Everything, in order. */
export async function build() {
  const start = performance.now();
  await bind(await compile());
  say('bundling');
  await bundle();
  await complete();
  say(`dist/ is ready (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await build().catch(error => {
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  });
}
