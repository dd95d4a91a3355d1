// wasm-pack.toml and Cargo.lock, read once. Needs the npm packages; tools/setup.mjs sees to them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { root } from './run.mjs';

/**
 * @typedef {object} EngineRecipe
 * @property {string} name as people say it
 * @property {string} [wasm-pack] wasm-pack's flag for its Rust tests
 * @property {string[]} browser names of the program
 * @property {string[]} driver names of its WebDriver program
 * @property {string[]} [also] further programs that the tests need
 * @property {string[]} [also-in] directories beside PATH
 * @property {string[]} apt Debian packages that bring all of it
 */

/**
 * @typedef {object} Recipe
 * @property {{ target: string, profile: string, 'out-dir': string, 'out-name': string, 'wasm-opt': string[], syntax: string }} build
 * @property {Record<string, string>} tools
 * @property {Record<string, string>} mutants tools that only `npm run mutants` needs
 * @property {{ mode: string, timeout: number }} test
 * @property {Record<string, EngineRecipe>} engines
 * @property {Record<string, number>} size
 */

/** @type {Recipe} */
export const recipe = /** @type {any} */ (parse(readFileSync(join(root, 'wasm-pack.toml'), 'utf8')));

/**
 * The version of a crate in Cargo.lock.
 *
 * @param {string} name
 */
export function locked(name) {
  const lock = /** @type {{ package: { name: string, version: string }[] }} */ (
    /** @type {unknown} */ (parse(readFileSync(join(root, 'Cargo.lock'), 'utf8')))
  );
  const found = lock.package.find(crate => crate.name === name);
  if (!found) throw new Error(`Cargo.lock has no crate ${name}`);
  return found.version;
}
