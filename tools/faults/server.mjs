// The fault server: an HTTP handler whose misbehaviour stands in the URL.
import { createHash } from 'node:crypto';
import { Gates } from './gates.mjs';
import { Links } from './links.mjs';
import { Log } from './log.mjs';
import { cors, plan } from './plan.mjs';
import { respond } from './respond.mjs';

/** @typedef {(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, url: URL) => boolean | Promise<boolean>} Handler */

/**
 * Paths: `/bytes` (see plan.mjs; anything may follow, as in `/bytes/episode.mp3?size=10`), `/echo` (says
 * in JSON what was uploaded), `/redirect?to=…&status=302`, `/refuse` (drops the connection at once).
 */
export class Faults {
  log = new Log();
  gates = new Gates();
  links = new Links();

  /** @type {Map<string, number>} */
  #seen = new Map();

  /** Other addresses for paths of this server. @type {Map<string, string>} */
  aliases = new Map();

  /** @type {Handler} */
  handle = async (request, response, asked) => {
    const alias = this.aliases.get(asked.pathname);
    const url = alias ? new URL(alias, asked) : asked;
    const action = this.#action(url.pathname);
    if (!action) return false;
    const entry = this.log.add(request, url);
    response.on('close', () => {
      entry.closed = true;
      entry.finished = response.writableFinished;
      this.log.changed();
    });
    const exchange = { request, response, entry, log: this.log, gates: this.gates, links: this.links };
    if (request.method === 'OPTIONS') preflight(exchange, url);
    else await action(exchange, url);
    return true;
  };

  /** @param {string} path */
  #action(path) {
    if (path === '/bytes' || path.startsWith('/bytes/')) return this.#bytes;
    return { '/echo': echo, '/redirect': redirect, '/refuse': refuse }[path];
  }

  /** @param {import('./respond.mjs').Exchange} exchange @param {URL} url */
  #bytes = async (exchange, url) => {
    const seen = this.#seen.get(url.href) ?? 0;
    this.#seen.set(url.href, seen + 1);
    await receive(exchange);
    await respond(exchange, plan(url.searchParams, seen));
  };
}

/** @param {import('./respond.mjs').Exchange} exchange */
async function receive({ request, entry, log }) {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const hash = createHash('sha256');
  let size = 0;
  for await (const part of request) {
    size += part.length;
    hash.update(part);
  }
  entry.upload = { size, sha256: hash.digest('hex') };
  log.changed();
}

/** @param {import('./respond.mjs').Exchange} exchange @param {URL} url */
async function echo(exchange, url) {
  await receive(exchange);
  const { entry, response } = exchange;
  entry.status = 200;
  const body = JSON.stringify({ method: entry.method, headers: entry.headers, ...entry.upload });
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store', ...cors(url.searchParams) });
  response.end(body);
}

/** @param {import('./respond.mjs').Exchange} exchange @param {URL} url */
function redirect({ entry, response }, url) {
  entry.status = Number(url.searchParams.get('status') ?? 302);
  response.writeHead(entry.status, {
    location: url.searchParams.get('to') ?? '/',
    'cache-control': 'no-store',
    ...cors(url.searchParams),
  });
  response.end();
}

/** @param {import('./respond.mjs').Exchange} exchange */
function refuse({ request }) {
  request.socket.resetAndDestroy();
}

/** @param {import('./respond.mjs').Exchange} exchange @param {URL} url */
function preflight({ request, response, entry }, url) {
  const allowed = url.searchParams.get('preflight') !== '0';
  entry.status = allowed ? 204 : 403;
  response.writeHead(entry.status, {
    ...cors(url.searchParams),
    ...(allowed && {
      // Named one by one: a star does not count for requests with credentials.
      'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '',
      'access-control-allow-methods': request.headers['access-control-request-method'] ?? '',
    }),
  });
  response.end();
}
