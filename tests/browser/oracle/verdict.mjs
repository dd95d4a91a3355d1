// Whether two implementations agree in one scenario, where Chromium's own may waver.
import { differences, judge } from './compare.mjs';
import { expected } from './expected.mjs';

/** @typedef {import('./compare.mjs').Difference} Difference */
/** @typedef {import('./player.mjs').Play} Play */

/**
 * @typedef {object} Verdict
 * @property {boolean} clean nothing differs without a reason, and no reason has lost its difference
 * @property {Difference[]} found
 * @property {Difference[]} unexplained
 * @property {{ why: string, at: string, scenario: string }[]} unmet
 */

/**
 * @param {string} title
 * @param {Play} native
 * @param {Play} ours
 * @returns {Verdict}
 */
function compare(title, native, ours) {
  if (native.error || ours.error) return { clean: false, found: [], unexplained: [], unmet: [] };
  const found = differences(title, native.trace, ours.trace);
  const { unexplained, unmet } = judge(found, expected, [title], false);
  return { clean: unexplained.length + unmet.length === 0, found, unexplained, unmet };
}

/**
 * Plays a scenario with both. If the first plays are not clean, what Chromium does most often
 * counts, and ours must agree with that each time: its own wavering is a fault.
 *
 * @param {string} title
 * @param {number} most how many plays decide when the first is not clean
 * @param {() => Promise<{ native: Play, ours: Play }>} both
 * @returns {Promise<Verdict & { native: Play, ours: Play, wavers: string }>}
 */
export async function decide(title, most, both) {
  const majority = Math.ceil(most / 2);
  /** @type {{ native: Play, ours: Play }[]} */
  const plays = [];
  for (;;) {
    plays.push(await both());
    /** Each of Chromium's plays, held against all of ours. */
    const rows = plays.map(({ native }) => ({
      native,
      verdicts: plays.map(({ ours }) => ({ ours, ...compare(title, native, ours) })),
    }));
    const clean = rows.filter(({ verdicts }) => verdicts.every(({ clean }) => clean));
    const [first] = clean;
    const [verdict] = first?.verdicts ?? [];
    if (first && verdict && (plays.length === 1 || clean.length >= majority)) {
      const { native } = first;
      const others = plays.length - clean.length;
      return { ...verdict, native, wavers: others ? `${others} of ${plays.length}` : '' };
    }
    if (plays.length - clean.length < majority) continue;
    const unclean = rows.flatMap(({ native, verdicts }) =>
      verdicts.filter(({ clean }) => !clean).map(verdict => ({ ...verdict, native })),
    );
    return { .../** @type {any} */ (unclean[0]), wavers: '' };
  }
}
