// Two traces of one scenario, held against each other and against what is expected of them.

/**
 * @typedef {object} Difference
 * @property {string} scenario
 * @property {string} at where in the trace: `records[0].response.type`
 * @property {unknown} native
 * @property {unknown} ours
 *
 * @typedef {object} Expectation
 * @property {string} why the reason, in one sentence, as SPEC.md has it
 * @property {string} section where it is defined: of this specification by its anchor, else by name
 * @property {'native' | 'ours'} follows which of the two does what the
 *   specification says
 * @property {Sight[]} seen where it shows; each of them must
 *
 * @typedef {object} Sight
 * @property {string | string[]} [in] titles of scenarios; any if it is left out
 * @property {string | string[]} at paths, with `*` for anything
 * @property {unknown} [native] what it must be there, if it is always the same
 * @property {unknown} [ours]
 * @property {boolean} [sometimes] it need not show: one of the two is a matter of moments
 */

/** Stands for what is missing in a trace. */
export const absent = '(absent)';

/**
 * A trace without what differs from run to run by its nature: origins, names.
 *
 * @param {unknown} trace
 * @param {[string, string][]} names what to replace, by what
 */
export function normalise(trace, names) {
  let text = JSON.stringify(trace ?? null);
  for (const [from, to] of names) {
    text = text.replaceAll(from, to).replaceAll(encodeURIComponent(from), to);
  }
  return JSON.parse(text);
}

/** @param {unknown} value */
const isPlain = value => typeof value !== 'object' || value === null
  || Array.isArray(value) && value.every(isPlain);

/** @param {unknown} value @returns {Record<string, unknown> | undefined} */
const members = value => isPlain(value) ? undefined : /** @type {Record<string, unknown>} */ (value);

/**
 * The smallest parts that differ. A list counts as one with the indices as names.
 *
 * @param {string} scenario
 * @param {unknown} native
 * @param {unknown} ours
 * @param {string} [at]
 * @returns {Difference[]}
 */
export function differences(scenario, native, ours, at = '') {
  if (JSON.stringify(native) === JSON.stringify(ours)) return [];
  const [left, right] = [members(native), members(ours)];
  if (!left || !right) return [{ scenario, at, native, ours }];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].flatMap(key => differences(
    scenario,
    key in left ? left[key] : absent,
    key in right ? right[key] : absent,
    at ? `${at}.${key}` : key,
  ));
}

/** @param {string | string[]} value */
const list = value => Array.isArray(value) ? value : [value];

/** @param {string} pattern @param {string} text */
function fits(pattern, text) {
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}

/** @param {Sight} sight @param {Difference} difference */
function covers(sight, { scenario, at, native, ours }) {
  return (sight.in === undefined || list(sight.in).includes(scenario))
    && list(sight.at).some(pattern => fits(pattern, at))
    && (!('native' in sight) || JSON.stringify(sight.native) === JSON.stringify(native))
    && (!('ours' in sight) || JSON.stringify(sight.ours) === JSON.stringify(ours));
}

/**
 * Which differences nobody expected, and which expectations nothing met.
 *
 * @param {Difference[]} found
 * @param {Expectation[]} expected
 * @param {string[]} played titles
 * @param {boolean} all whether those are all there are
 */
export function judge(found, expected, played, all) {
  const sights = expected.flatMap(({ why, seen }) => seen.map(sight => ({ why, sight })));
  /** @type {Map<string, number>} */
  const counts = new Map();
  const unexplained = found.filter(difference => {
    const reasons = sights.filter(({ sight }) => covers(sight, difference));
    for (const { why } of reasons.slice(0, 1)) counts.set(why, (counts.get(why) ?? 0) + 1);
    return reasons.length === 0;
  });
  const unmet = sights.flatMap(({ why, sight }) => {
    // One that may show anywhere is missed only if everything was played.
    const anywhere = all ? [undefined] : [];
    const scenarios = sight.in === undefined
      ? anywhere
      : list(sight.in).filter(title => all || played.includes(title));
    const places = sight.sometimes ? [] : list(sight.at);
    return places.flatMap(at => scenarios
      .filter(scenario => !found.some(difference =>
        covers({ ...sight, at, in: scenario ?? sight.in }, difference)))
      .map(scenario => ({ why, at, scenario: scenario ?? 'any' })));
  });
  return { unexplained, unmet, counts };
}
