// Short names for what the Wasm file and its JavaScript call each other. wasm-bindgen's carry a hash each
// (`__wbg_abort_5b288d575f2b02d1`), which no compression can make smaller, in both files.
//
// wasm-opt renames in the Wasm file and says how; this does the same to the JavaScript. And it writes
// functions in fewer characters, since all of them are read at every start of the worker.

/** Makes wasm-opt rename imports, exports and modules, and print {@link Names}. */
export const flag = '--minify-imports-and-exports-and-modules';

/**
 * @typedef {object} Names as wasm-opt prints them
 * @property {[module: string, before: string, after: string][]} imports
 * @property {[before: string, after: string][]} exports
 */

/** How wasm-opt calls the module of every import. */
const module = 'a';

/**
 * @param {string} glue the JavaScript of wasm-bindgen
 * @param {Names} names
 */
export function shorten(glue, { imports, exports }) {
  const importName = new Map(imports.map(([, before, after]) => [before, after]));
  const exportName = new Map(exports.map(([before, after]) => [before, after]));
  const modules = new Set(imports.map(([module]) => module));
  const left = new Set([...importName.keys(), ...modules]);
  /** @param {string} name @param {string} to */
  const renamed = (name, to) => (left.delete(name), to);
  const shortened = glue
    // Members whose import wasm-opt has found to be of no use.
    .replace(/^( +)(__wbg_\w+): function[^]*?^\1\}.*\n/gm, (all, _, name) => (importName.has(name) ? all : ''))
    // The members of the object literal that holds the imports, and of the one that holds their module.
    .replace(/^( +)(\w+)(?=: function)/gm, (all, space, name) => (importName.has(name) ? space + renamed(name, importName.get(name) ?? '') : all))
    .replace(/^( +)"(.*)"(?=: import0)/gm, (all, space, name) => (modules.has(name) ? space + renamed(name, module) : all))
    .replace(/\bwasm\.(\w+)/g, (all, name) => (exportName.has(name) ? `wasm.${exportName.get(name)}` : all));
  if (left.size > 0) throw new Error(`wasm-bindgen writes something new: ${[...left].join(', ')}`);
  return shortened;
}

/** What wasm-bindgen writes around an import that may throw, once for each. */
const wrapper = /^( +[\w$]+): function\(\) \{ return handleError\(function \((.*)\) \{\n([^]*?)^ +\}, arguments\); \},$/gm;
/** The function that they all call. */
const handler = /^function handleError\(f, args\) \{\n( +try \{\n +return )f\.apply\(this, args\);([^]*?)^\}$/m;

/**
 * Imports as arrow functions.
 *
 * @param {string} glue the JavaScript of wasm-bindgen
 */
export function arrows(glue) {
  if (!handler.test(glue)) throw new Error('wasm-bindgen handles errors in another way');
  const written = glue
    .replace(wrapper, '$1: caught(($2) => {\n$3        }),')
    .replace(handler, 'const caught = f => (...args) => {\n$1f(...args);$2};')
    .replace(/^( +[\w$]+): function\((.*)\) \{$/gm, '$1: ($2) => {');
  if (/handleError|: function|, arguments\)/.test(written)) throw new Error('wasm-bindgen writes imports in another way');
  return written;
}
