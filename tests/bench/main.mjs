// `npm run bench [-- engine …] [--only=large,small] [--rounds=3] [--quick]`
//
// One browser per engine runs everything; in each round ours and its peers take turns. Results go to
// target/bench as JSON, and as a chart. `--quick` shows that it works, and says nothing about speed.
import { option } from '../../tools/lib/options.mjs';
import { recipe } from '../../tools/lib/recipe.mjs';
import { benchmarks } from './benchmarks/index.mjs';
import { draw, save, saved, table, verdicts } from './report.mjs';
import { Stage } from './stage.mjs';
import { digits } from './statistics.mjs';

const quick = process.argv.includes('--quick');
const rounds = Number(option('rounds') ?? (quick ? 1 : 3));
const only = option('only')?.split(',');
const given = process.argv.slice(2).filter(argument => !argument.startsWith('--'));
const engines = given.length > 0 ? given : Object.keys(recipe.engines);
const unknown = [...given.filter(name => !(name in recipe.engines)), ...(only ?? []).filter(name => !(name in benchmarks))];
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. Engines: ${Object.keys(recipe.engines).join(', ')}. Benchmarks: ${Object.keys(benchmarks).join(', ')}.`);
  process.exit(2);
}

const chosen = Object.entries(benchmarks).filter(([name, { unasked }]) => (only ? only.includes(name) : unasked !== false));

/** @param {string} engine */
async function measure(engine) {
  const stage = new Stage(engine, quick);
  const before = saved(quick).find(result => result.engine === engine);
  /** @type {import('./report.mjs').Result} */
  const result = { values: {}, errors: {}, ...(only && before), engine, version: '', quick, date: new Date().toISOString().slice(0, 10) };
  await stage.start();
  result.version = stage.browser.version;
  try {
    for (const [name, benchmark] of chosen) {
      console.log(`${engine}: ${benchmark.title}`);
      result.values[name] = {};
      for (const lane of benchmark.lanes) delete result.errors[`${name} ${lane}`];
      for (let round = 0; round < (benchmark.rounds ?? rounds); round++) await play(stage, result, name, round);
      save(result);
    }
  } finally {
    await stage.close();
  }
  console.log(`\n## ${recipe.engines[engine]?.name}\n\n${table(result)}\n`);
}

/** One round: each lane once, in another order each time. @param {Stage} stage @param {import('./report.mjs').Result} result @param {string} name @param {number} round */
async function play(stage, result, name, round) {
  const benchmark = benchmarks[name];
  // Native exists in one engine.
  const takesPart = (/** @type {string} */ lane) =>
    (lane !== 'native' || stage.engine === 'chromium') && (round === 0 || !benchmark?.once?.includes(lane));
  const lanes = (benchmark?.lanes ?? []).filter(takesPart);
  for (const lane of round % 2 ? [...lanes].reverse() : lanes) {
    try {
      if (benchmark?.fresh) await stage.restart();
      const seen = await benchmark?.run(stage, lane) ?? {};
      for (const [metric, value] of Object.entries(seen)) {
        if (value === undefined) continue;
        ((result.values[name] ??= {})[metric] ??= {})[lane] ??= [];
        result.values[name]?.[metric]?.[lane]?.push(value);
      }
      console.log(`  ${lane}: ${Object.entries(seen).map(([metric, value]) => `${metric} ${digits(value)} ${benchmark?.metrics[metric]?.unit ?? ''}`).join(', ')}`);
    } catch (error) {
      result.errors[`${name} ${lane}`] = String(error);
      console.log(`  ${lane}: ${error}`);
    }
  }
}

for (const engine of engines) await measure(engine);
const results = saved(quick).filter(({ engine }) => engines.includes(engine));
console.log(`${verdicts(results)}\n\n${draw(saved(quick), quick)}`);
process.exit(results.some(({ errors }) => Object.keys(errors).length > 0) ? 1 : 0);
