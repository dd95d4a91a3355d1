// Serves dist/ under /dist/, or the directory of scripts that the environment names.
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { root } from './lib/run.mjs';

const types = new Map([
  ['.js', 'text/javascript'],
  ['.mjs', 'text/javascript'],
  ['.wasm', 'application/wasm'],
  ['.map', 'application/json'],
]);

export class Distribution {
  /** The files that were asked for, in order. @type {string[]} */
  served = [];

  /** @type {import('./faults/server.mjs').Handler} */
  handle = async (_request, response, { pathname }) => {
    const name = /^\/dist\/([\w.-]+)$/.exec(pathname)?.[1];
    const type = types.get(extname(name ?? ''));
    if (!name || !type) return false;
    this.served.push(name);
    let content;
    try {
      content = await readFile(join(root, process.env.DISTRIBUTION ?? 'dist', name));
    } catch {
      return false;
    }
    // Types without a charset on purpose: the scripts must not depend on one.
    response.writeHead(200, { 'content-type': type, 'content-length': content.length, 'cache-control': 'no-store' });
    response.end(content);
    return true;
  };
}
