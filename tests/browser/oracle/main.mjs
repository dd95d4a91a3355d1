// The oracle: `npm run oracle`. Plays the same scenarios in Chromium with its own Background Fetch and with
// ours, and lists every difference of what a script can observe. Red if one of them has no reason in
// expected.mjs, and also if a reason there has lost its difference.
//
//   --grep=text     only scenarios whose titles match
//   --trace         prints what was observed
//   --explained     lists the explained differences, too
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from '../drivers/index.mjs';
import { session } from '../session.mjs';
import { absent, differences, judge, normalise } from './compare.mjs';
import { expected } from './expected.mjs';
import { scenarios } from './scenario.mjs';
import { Stage } from './stage.mjs';

const flag = /** @param {string} name */ name => process.argv.includes(`--${name}`);
const { grep } = session.options;

/** How long a scenario may take with one implementation, in milliseconds. */
const limit = 120_000;

for (const file of readdirSync(new URL('scenarios/', import.meta.url)).sort()) await import(`./scenarios/${file}`);
const chosen = scenarios.filter(({ title }) => !grep || grep.test(title));

/**
 * @param {import('./scenario.mjs').Scenario} scenario
 * @param {boolean} native
 */
async function play({ script, register, play }, native) {
  const stage = new Stage(native);
  try {
    await stage.open(script, register);
    const trace = await Promise.race([play(stage), sleep(limit, undefined, { ref: false }).then(() => Promise.reject(new Error('takes too long')))]);
    stage.release();
    await stage.close();
    const { problems } = stage;
    return normalise({ ...trace, problems }, [
      [stage.tag, 'TAG'], [stage.server.origin, 'ORIGIN'], [stage.other.origin, 'OTHER'],
      [new URL(stage.server.origin).host, 'HOST'], [new URL(stage.other.origin).host, 'OTHERHOST'],
    ]);
  } catch (error) {
    stage.release();
    await stage.close().catch(() => {});
    // A page that crashed takes its browser along here: the next scenario gets a new one.
    await session.browser.evaluate('"alive"', 5).catch(async () => {
      await session.browser.close().catch(() => {});
      session.browser = await launch('chromium');
    });
    throw error;
  }
}

/** @param {unknown} value */
const show = value => value === absent ? absent : JSON.stringify(value);
/** @param {import('./compare.mjs').Difference} difference */
const line = ({ at, native, ours }) => `      ${at}\n        native ${show(native)}\n        ours   ${show(ours)}`;

/** @param {number[]} moments @param {number} index */
const seconds = (moments, index) => (((moments[index + 1] ?? 0) - (moments[index] ?? 0)) / 1000).toFixed(1);

await session.start();
console.log(`Chromium ${session.browser.version}`);
/** @type {import('./compare.mjs').Difference[]} */
const found = [];
let broken = 0;
for (const scenario of chosen) {
  /** @type {number[]} */
  const moments = [performance.now()];
  try {
    const native = await play(scenario, true);
    moments.push(performance.now());
    const ours = await play(scenario, false);
    moments.push(performance.now());
    if (flag('trace')) console.log(JSON.stringify({ native, ours }, null, 1));
    const here = differences(scenario.title, native, ours);
    found.push(...here);
    const { unexplained } = judge(here, expected, [], false);
    console.log(`${unexplained.length ? '  ✖' : '  ✔'} ${scenario.title} (${seconds(moments, 0)} and ${seconds(moments, 1)} s${here.length ? `, ${here.length - unexplained.length} of ${here.length} differences explained` : ''})`);
    for (const difference of flag('explained') ? here : unexplained) console.log(line(difference));
  } catch (error) {
    broken++;
    console.log(`  ✖ ${scenario.title}\n${/** @type {Error} */ (error).stack}`);
  }
}
await session.end();

const { unexplained, unmet, counts } = judge(found, expected, chosen.map(({ title }) => title), !grep && broken === 0);
for (const { why, at, scenario } of unmet) console.log(`  ✖ no longer seen: ${at} in ${scenario}: ${why}`);
const specification = readFileSync(new URL('../../../SPEC.md', import.meta.url), 'utf8');
const rows = expected.map(({ why, follows }) => `| ${why} | ${follows} |`);
const unwritten = rows.filter(row => !specification.includes(row));
for (const row of unwritten) console.log(`  ✖ not in SPEC.md: ${row}`);
console.log(`\n${chosen.length} scenarios, ${found.length - unexplained.length} differences explained by ${counts.size} reasons, ${unexplained.length} unexplained, ${unmet.length} no longer seen, ${broken} broken`);
process.exitCode = unexplained.length + unmet.length + unwritten.length + broken > 0 ? 1 : 0;
process.exit();
