// The oracle: `npm run oracle`. Plays the same scenarios in Chromium with its own Background Fetch
// and with ours, and lists every difference of what a script can observe. Red if one of them has no
// reason in expected/, if a reason there has lost its difference, and if too little was played.
//
//   --grep=text     only scenarios whose titles match
//   --trace         prints what was observed
//   --explained     lists the explained differences, too
//   --once          plays nothing again
import { readdirSync } from 'node:fs';
import { session } from '../session.mjs';
import { absent, judge } from './compare.mjs';
import { expected } from './expected.mjs';
import { Player } from './player.mjs';
import { scenarios } from './scenario.mjs';
import { decide } from './verdict.mjs';

/** Fewer scenarios than this are a sign that some went missing. */
const least = 150;

/** @param {string} name */
const flag = name => process.argv.includes(`--${name}`);

/** @param {unknown} value */
const show = value => (value === absent ? absent : JSON.stringify(value));

/** @param {import('./compare.mjs').Difference} difference */
const lines = ({ at, native, ours }) =>
  [`      ${at}`, `        native ${show(native)}`, `        ours   ${show(ours)}`].join('\n');

/** @param {string} text */
const complain = text => console.log(`  ✖ ${text}`);

for (const file of readdirSync(new URL('scenarios/', import.meta.url)).sort()) {
  await import(`./scenarios/${file}`);
}
const { grep } = session.options;
const chosen = scenarios.filter(({ title }) => !grep || grep.test(title));
const titles = chosen.map(({ title }) => title);
if (new Set(titles).size < titles.length) throw new Error('Two scenarios have the same title.');

await session.startServers();
const [native, ours] = [new Player(true), new Player(false)];
console.log(`Chromium ${await native.renew()}`);

/** @type {import('./compare.mjs').Difference[]} */
const found = [];
/** @type {string[]} */
const wavering = [];
let played = 0;
let unexplained = 0;
let broken = 0;
for (const scenario of chosen) {
  const { title } = scenario;
  let first = true;
  const verdict = await decide(title, flag('once') ? 1 : 5, async () => {
    if (!first) await Promise.all([native.renew(), ours.renew()]);
    first = false;
    const [theirs, own] = await Promise.all([native.play(scenario), ours.play(scenario)]);
    return { native: theirs, ours: own };
  });
  const seconds = [verdict.native, verdict.ours].map(play => play.seconds.toFixed(1)).join(' and ');
  const errors = Object.entries({ native: verdict.native, ours: verdict.ours })
    .filter(([, { error }]) => error)
    .map(([name, { error }]) => `      ${name}: ${error?.stack}`);
  if (errors.length) broken++;
  else played++;
  found.push(...verdict.found);
  unexplained += verdict.unexplained.length;
  const explained = verdict.found.length - verdict.unexplained.length;
  console.log([
    `  ${verdict.clean ? '✔' : '✖'} ${title} (${seconds} s`,
    `${explained} of ${verdict.found.length} differences explained`,
  ].join('; ') + (verdict.wavers ? `; Chromium's own did otherwise in ${verdict.wavers})` : ')'));
  if (verdict.wavers) wavering.push(title);
  for (const error of errors) console.log(error);
  for (const difference of flag('explained') ? verdict.found : verdict.unexplained) {
    console.log(lines(difference));
  }
  if (flag('trace')) console.log(JSON.stringify(verdict, null, 1));
}
await Promise.all([native.close(), ours.close()]);
await session.end();

const { unmet, counts } = judge(found, expected, titles, !grep && !broken);
for (const { why, at, scenario } of unmet) complain(`no longer seen: ${at} in ${scenario}: ${why}`);
const few = !grep && played < least;
if (few) complain(`only ${played} scenarios were played with both`);

console.log([
  `\n${played} scenarios`,
  `${found.length - unexplained} differences explained by ${counts.size} reasons`,
  `${unexplained} unexplained`, `${unmet.length} no longer seen`, `${broken} broken`,
  `Chromium's own wavered in ${wavering.length}`,
].join(', '));
process.exit(unexplained + unmet.length + broken === 0 && !few ? 0 : 1);
