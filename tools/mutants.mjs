// Wrong versions of the core, one after the other, and whether its tests notice:
// `npm run mutants -- [--file=src/core/flush.rs] [--shard=1/8] …`. What cargo-mutants is told besides
// stands in .cargo/mutants.toml; docs/mutants.md lists the versions that no test can tell apart.
import { setPriority } from 'node:os';
import { delimiter, join } from 'node:path';
import { directory, mutantPrograms } from './lib/programs.mjs';
import { run } from './lib/run.mjs';

// A whole run takes hours; whatever else is going on comes first.
setPriority(15);
const parameters = process.argv.slice(2);
const files = parameters.some(parameter => /^(-f|--file)/.test(parameter)) ? [] : ['--file=src/core/**/*.rs'];
const places = mutantPrograms().map(program => join(directory(program), 'bin'));
const env = { PATH: [...places, process.env.PATH].join(delimiter) };
const { code } = await run('cargo', ['mutants', '--output=target', '--no-shuffle', ...files, ...parameters], { env });
process.exitCode = code;
