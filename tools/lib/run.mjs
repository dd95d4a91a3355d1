// Child processes: run one and wait, or look a program up.
import { spawn } from 'node:child_process';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The directory that holds package.json. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs a program in the project's root and resolves when it has ended well.
 *
 * @param {string} command
 * @param {string[]} parameters
 * @param {{ env?: NodeJS.ProcessEnv, onLine?: (line: string) => void, quiet?: boolean }} [options]
 *   `onLine` receives each line of both outputs; `quiet` keeps them from the terminal.
 * @returns {Promise<{ code: number, output: string }>} the exit code, and what was printed if it was captured
 */
export function run(command, parameters, { env, onLine, quiet = false } = {}) {
  const captured = quiet || onLine !== undefined;
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', captured ? 'pipe' : 'inherit', captured ? 'pipe' : 'inherit'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      let rest = '';
      stream.setEncoding('utf8');
      stream.on('data', (/** @type {string} */ text) => {
        output += text;
        if (!quiet) process.stdout.write(text);
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine?.(line);
      });
      stream.on('end', () => rest && onLine?.(rest));
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), output }));
  });
}

/**
 * As {@link run}, for a step that everything after it needs.
 *
 * @param {string} command
 * @param {string[]} parameters
 * @param {Parameters<typeof run>[2]} [options]
 */
export async function must(command, parameters, options) {
  const { code, output } = await run(command, parameters, options);
  if (code === 0) return output;
  if (options?.quiet) process.stderr.write(output);
  throw new Error(`${command} ${parameters.join(' ')}: exit code ${code}`);
}

/**
 * The first of these programs that PATH or one of the directories has.
 *
 * @param {readonly string[]} names
 * @param {readonly string[]} [directories] further places; a `*` stands for any one name
 */
export function which(names, directories = []) {
  const places = [...(process.env.PATH ?? '').split(delimiter), ...directories.flatMap(expand)];
  for (const name of names) {
    for (const place of places) {
      const file = join(place, name);
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isFile()) return file;
      } catch {
        // Not here: look on.
      }
    }
  }
  return undefined;
}

/** @param {string} pattern @returns {string[]} */
function expand(pattern) {
  const [before, after] = pattern.split('*');
  if (before === undefined || after === undefined) return [pattern];
  try {
    return readdirSync(before).map(name => join(before, name, after));
  } catch {
    return [];
  }
}
