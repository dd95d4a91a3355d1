// What runs inside the browser. Each of these functions is served as a script of its own and sees
// nothing of where it is written.
import { pageSide } from './page.mjs';
import { profile } from './profile.mjs';
import { slowStore } from './slow-store.mjs';
import { workerSide } from './worker.mjs';

/** @type {Record<string, Function>} */
const scripts = { page: pageSide, worker: workerSide, profile, 'slow-store': slowStore };

/** The script at a path, if there is one. @param {string} path */
export function inside(path) {
  const script = scripts[/^\/bench\/([\w-]+)\.js$/.exec(path)?.[1] ?? ''];
  return script && `(${script})();\n`;
}
