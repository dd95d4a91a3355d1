// One origin: dist/, the fault server, the test pages and the demo, on loopback.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { fixtures } from '../tests/browser/fixtures/handler.mjs';
import { createDemo } from './demo/handler.mjs';
import { Distribution } from './distribution.mjs';
import { Faults } from './faults/server.mjs';
import { Recent } from './lib/recent.mjs';

/**
 * A running origin.
 *
 * @typedef {Awaited<ReturnType<typeof startSite>>} Site
 */

/**
 * @param {object} [options]
 * @param {number} [options.port] 0 for any free one
 * @param {string} [options.host] a loopback address
 * @param {number} [options.rate] bytes a second of each of the demo's sound files; 0 for no brake
 */
export async function startSite({ port = 0, host = '127.0.0.1', rate = 0 } = {}) {
  const faults = new Faults();
  const distribution = new Distribution();
  const recent = new Recent();
  /** @type {import('./faults/server.mjs').Handler[]} */
  const handlers = [distribution.handle, faults.handle, fixtures, createDemo({ rate })];

  const server = createServer(async (request, response) => {
    recent.note(`${request.method} ${request.url?.slice(0, 100)} ${request.headers.range ?? ''}`);
    try {
      const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
      for (const handle of handlers) if (await handle(request, response, url)) return;
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n');
    } catch (error) {
      // A client that leaves while it uploads is no event here.
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ECONNRESET') console.error(request.url, error);
      response.destroy();
    }
  });
  // Idle connections stay: a browser that reuses one just as it is closed would see an error of our making.
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(port, host);
  await once(server, 'listening');
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  const origin = `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;

  return {
    origin,
    port: address.port,
    /** The last requests. */
    recent,
    /** What the fault server was asked for. */
    log: faults.log,
    /** Which files of dist/ it was asked for, in order. */
    served: distribution.served,
    /** @param {string} path */
    url: path => new URL(path, origin).href,
    /** Gives a path of the fault server another address. @param {string} path @param {string} meant */
    alias: (path, meant) => void faults.aliases.set(path, meant),
    /** Lets responses through that wait at a gate. @param {string} gate */
    release: gate => faults.gates.open(gate),
    /** How often a link was reset while something was on its way. @param {string} link */
    resets: link => faults.links.resets(link),
    async close() {
      faults.gates.openAll();
      faults.links.close();
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}
