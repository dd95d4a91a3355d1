// What runs inside service workers. Each of these functions is served as a script of its own and sees
// nothing of where it is written. (`page.mjs` is evaluated in the page.)
import { profile } from './profile.mjs';
import { slowStore } from './slow-store.mjs';
import { workerSide } from './worker.mjs';

/** @type {Record<string, Function>} */
const scripts = { worker: workerSide, profile, 'slow-store': slowStore };

/** The script at a path, if there is one. @param {string} path */
export function inside(path) {
  const script = scripts[/^\/bench\/([\w-]+)\.js$/.exec(path)?.[1] ?? ''];
  return script && `(${script})();\n`;
}
