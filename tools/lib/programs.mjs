// Programs that cargo installs for the tests, in a cache beside other projects' caches, by version.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { locked, recipe } from './recipe.mjs';
import { which } from './run.mjs';

export const cache = join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'background-fetch-polyfill',
  'tools',
);

/**
 * @typedef {object} Program
 * @property {string} crate what cargo installs
 * @property {string} version
 * @property {string} program the file it gives
 */

/** @returns {Program[]} */
export function programs() {
  return [
    { crate: 'wasm-bindgen-cli', version: locked('wasm-bindgen'), program: 'wasm-bindgen-test-runner' },
    ...Object.entries(recipe.tools).map(([crate, version]) => ({ crate, version, program: crate })),
  ];
}

/** What only the mutation run needs. @returns {Program[]} */
export const mutantPrograms = () =>
  Object.entries(recipe.mutants).map(([crate, version]) => ({ crate, version, program: crate }));

/** @param {Program} program */
export const directory = ({ crate, version }) => join(cache, `${crate}-${version}`);

/** @param {Program} program */
export const isInstalled = program => existsSync(join(directory(program), 'bin', program.program));

/** PATH with our own programs first. */
export const pathWithPrograms = () =>
  [...programs().map(program => join(directory(program), 'bin')), process.env.PATH].join(delimiter);

/**
 * What the tests need of an engine, or the names of what is missing.
 *
 * @param {string} id
 */
export function engine(id) {
  const wanted = recipe.engines[id];
  if (!wanted) throw new Error(`no engine ${id}: there are ${Object.keys(recipe.engines).join(', ')}`);
  const places = [...programs().map(program => join(directory(program), 'bin')), ...(wanted['also-in'] ?? [])];
  const browser = which(wanted.browser, places);
  const driver = which(wanted.driver, places);
  const missing = (wanted.also ?? []).filter(name => !which([name], places));
  if (!browser) missing.unshift(wanted.browser[0] ?? id);
  if (!driver) missing.unshift(wanted.driver[0] ?? id);
  return { ...wanted, browser, driver, missing };
}
