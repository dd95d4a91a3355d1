// The server of all benchmarks: the same bytes at the same pace for ours and for its peers.
//
// `/b/<tag>/<no>?size=…` is a body of random bytes with a strong validator, ranges allowed. `link` names a
// shape of link.mjs; with `hold` nothing is answered. The fault server makes its bytes as it goes, and
// would be what is measured; here they are slices of one pool.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fixtures } from '../browser/fixtures/handler.mjs';
import { root } from '../../tools/lib/run.mjs';
import { select } from '../../tools/faults/range.mjs';
import { inside } from './inside/index.mjs';
import { Links } from './link.mjs';

/** @typedef {{ tag: string, no: string, at: number, first: number, sent: number, done: number }} Request `at` and `done`: Date.now() of its arrival and of its last byte */

const pool = randomBytes(16 << 20);

/** The built files as they are now: a build in the middle of a run would compare two versions. */
function frozen() {
  const directory = join(root, process.env.DISTRIBUTION ?? 'dist');
  const names = readdirSync(directory).filter(name => /\.(js|mjs|wasm)$/.test(name));
  return new Map(names.map(name => [`/dist/${name}`, readFileSync(join(directory, name))]));
}

export class BenchServer {
  origin = '';
  /** @type {Request[]} */
  requests = [];
  #links = new Links();
  #files = frozen();
  #server = createServer((request, response) => {
    this.#answer(request, response).catch(error => {
      console.error(request.url, error);
      response.destroy();
    });
  });

  async start() {
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.origin = `http://127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (this.#server.address()).port}`;
    return this;
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** @param {string} path */
  url = path => new URL(path, this.origin).href;

  /**
   * URLs of so many bodies.
   *
   * @param {string} tag
   * @param {number} count
   * @param {number} size
   * @param {string} [more] further parameters
   */
  files = (tag, count, size, more = '') =>
    Array.from({ length: count }, (_, no) => this.url(`/b/${tag}/${no}?size=${size}${more}`));

  /** Requests with this tag, in order of arrival. @param {string} tag */
  of = tag => this.requests.filter(request => request.tag === tag);

  /** Bytes sent for this tag. @param {string} tag */
  sent = tag => this.of(tag).reduce((sum, request) => sum + request.sent, 0);

  /** @param {import('node:http').IncomingMessage} request @param {import('node:http').ServerResponse} response */
  async #answer(request, response) {
    const at = Date.now();
    const url = new URL(request.url ?? '/', this.origin);
    const [, tag = '', no = ''] = /^\/b\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? [];
    if (tag) return this.#send(request, response, url, { tag, no, at, first: 0, sent: 0, done: 0 });
    const script = inside(url.pathname);
    const file = this.#files.get(url.pathname);
    if (script !== undefined || file) {
      const type = url.pathname.endsWith('.wasm') ? 'application/wasm' : 'text/javascript; charset=utf-8';
      return void response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(script ?? file);
    }
    if (!await fixtures(request, response, url)) response.writeHead(404).end();
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @param {URL} url
   * @param {Request} entry
   */
  async #send(request, response, url, entry) {
    this.requests.push(entry);
    const gone = once(response, 'close');
    const size = Number(url.searchParams.get('size'));
    const link = this.#links.open(url.searchParams.get('link'), request.socket);
    if (url.searchParams.has('hold')) return void await gone;
    await link.head();
    const etag = `"${entry.tag}-${entry.no}-${size}"`;
    const { status, first, end } = select(request.headers, { length: size, etag, lastModified: undefined });
    entry.first = first;
    response.writeHead(status, {
      'content-type': 'application/octet-stream',
      'cache-control': 'no-store',
      'content-length': end - first,
      'accept-ranges': 'bytes',
      // Also for who comes through a door.
      'access-control-allow-origin': '*',
      etag,
      ...(status === 206 && { 'content-range': `bytes ${first}-${end - 1}/${size}` }),
    });
    for (let position = first; position < end && !response.destroyed;) {
      const from = position % pool.length;
      const count = Math.min(link.piece, end - position, pool.length - from);
      if (link.pass) await link.pass(count);
      const room = response.write(pool.subarray(from, from + count));
      position += count;
      entry.sent += count;
      if (!room) await Promise.race([once(response, 'drain'), gone]);
    }
    response.end(() => (entry.done = Date.now()));
  }
}
