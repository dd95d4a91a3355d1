// Tests that papers name, as `file`: title.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/** Where a test file may be. */
const places = ['tests/core', 'tests/browser', 'tests/store', 'tests', 'src/core'];

/**
 * What is wrong with the name of a test, or undefined.
 *
 * @param {string} test
 */
export function complaint(test) {
  const [, name, title] = /^`([\w.-]+)`: (.+)$/.exec(test) ?? [];
  if (!name || !title) return `"${test}" is no \`file\`: title`;
  const files = places.map(place => join(root, place, name)).filter(file => existsSync(file));
  if (files.length === 0) return `there is no file ${name}`;
  const holds = files.some(file => {
    const text = readFileSync(file, 'utf8');
    return name.endsWith('.rs') ? new RegExp(`fn ${title}\\b`).test(text) : text.includes(title);
  });
  return holds ? undefined : `${name} has no test "${title}"`;
}
