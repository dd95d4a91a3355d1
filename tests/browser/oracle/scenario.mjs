// What the oracle plays: `scenario(title, options, async stage => trace)`.

/**
 * @typedef {object} Scenario
 * @property {string} title
 * @property {string} script code of the worker, in which `probe` and `harness` are at hand
 * @property {boolean} register whether the page has an active worker from the start
 * @property {(stage: import('./stage.mjs').Stage) => Promise<object>} play resolves with what was observed, as plain data
 */

/** @type {Scenario[]} */
export const scenarios = [];

/**
 * @param {string} title
 * @param {{ script?: string, register?: boolean }} options
 * @param {Scenario['play']} play
 */
export function scenario(title, { script = '', register = true }, play) {
  scenarios.push({ title, script, register, play });
}
