// What takes hours: `npm run soak -- [simulator|browsers] [options]`.
//
// First a million schedules of faults for the simulated core (`--schedules=n`, `--first=seed`), then
// SIGKILL over and over in each browser, which takes the options of tests/browser/soak.mjs.
import { option } from './lib/options.mjs';
import { run } from './lib/run.mjs';

const words = process.argv.slice(2);
const options = words.filter(word => word.startsWith('--'));
const parts = words.filter(word => !word.startsWith('--'));
/** @param {string} part */
const wanted = part => parts.length === 0 || parts.includes(part);

/** @type {[part: string, command: string, parameters: string[], env?: NodeJS.ProcessEnv][]} */
const steps = [
  ['simulator', 'cargo', ['test', '--profile=soak', '--test=core', '--', 'no_schedule_of_faults'], {
    SIMULATION_SCHEDULES: option('schedules') ?? '1000000',
    SIMULATION_FIRST: option('first') ?? '1',
  }],
  ['browsers', process.execPath, ['tools/build.mjs']],
  ['browsers', process.execPath, ['tests/browser/soak.mjs', ...options]],
];
for (const [part, command, parameters, env] of steps) {
  if (!wanted(part)) continue;
  const { code } = await run(command, parameters, { env });
  if (code !== 0) {
    process.exitCode = code;
    break;
  }
}
