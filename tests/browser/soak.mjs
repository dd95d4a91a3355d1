// SIGKILL over and over: `npm run soak -- [--rounds=200] [--engine=chromium|firefox|webkit] [--seed=n] [--verbose]`.
//
// Each engine is played until its rounds are over or one fails, and says what it has counted.
import { option } from '../../tools/lib/options.mjs';
import { recipe } from '../../tools/lib/recipe.mjs';
import { Kills } from './kills.mjs';

const rounds = Number(option('rounds') ?? 200);
const seed = Number(option('seed') ?? Math.floor(Math.random() * 2 ** 32));
const chosen = option('engine');
const verbose = process.argv.includes('--verbose');

for (const engine of chosen ? [chosen] : Object.keys(recipe.engines)) {
  console.log(`${engine}: ${rounds} rounds, --seed=${seed}`);
  const kills = new Kills(engine, seed);
  let done = 0;
  try {
    await kills.start();
    for (; done < rounds; done++) {
      const began = performance.now();
      await kills.round();
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      if (verbose || (done + 1) % 10 === 0) console.log(`  ${done + 1}  ${seconds} s ${JSON.stringify(kills.sum)}`);
    }
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    await kills.end();
  }
  const { kills: count, unfinished, whole, stored, lost, again, redelivered } = kills.sum;
  console.log(`${engine}: ${done} of ${rounds} rounds, ${count} kills in ${unfinished} records, ${whole} records whole, ${again} of ${stored} stored bytes asked for again (${lost} more were lost by the browser), ${redelivered} ends told again`);
}
