// The behaviour that a URL of the fault server asks for: `/bytes?size=1000&cut=500`.
import { bytes } from './bytes.mjs';
import { gzipSync } from 'node:zlib';

/**
 * Parameters of `/bytes`, each optional:
 *
 * - `size`: length of the body (0). `seed`: which bytes (the size). `type`: Content-Type.
 * - `status`: answered without regard to ranges, with the same body. `statusText`.
 * - `ranges=0`: no ranges. `etag`: its value without quotes, `weak:x`, or `none`. `lastmod`: seconds before
 *   the server's start (86400), or `none`.
 * - `cors`: value of Access-Control-Allow-Origin; `cors-parts=0`: not of answers with status 206. `expose`: exposed
 *   headers. `preflight=0`: refuse preflights.
 * - `delay`: milliseconds before the head. `rate`: bytes a second.
 * - `link`: the name of a line that all its responses share, which carries `rate` bytes a second in all, and of
 *   which every `flap` milliseconds all connections are reset, or each time that it has carried `carries` bytes.
 * - `gate`: the name of a gate; `hold`: the byte before which the response waits at it (`head`: before the head).
 * - `cut`: the connection is closed after so many bytes of a response's body; `reset=1`: with a reset.
 * - `stall`: nothing more is sent after so many bytes.
 * - `times`: only the first so many requests for this URL meet `cut`, `stall` and `status`.
 * - `chunked=1`: no Content-Length. `length`: a false Content-Length. `encoding=gzip`: a coded body.
 * - `busy`: the so many-th request (from 0) is answered by a 503, and `retry` is its Retry-After.
 * - `cache`: Cache-Control (`no-store`). `vary`. `header`: a further line, `name:value`, as often as wanted.
 * - `change`: from the so many-th request on (from 0) the body and its validators are others.
 *
 * @typedef {ReturnType<typeof plan>} Plan
 */

const started = Math.floor(Date.now() / 1000) * 1000;

/**
 * @param {URLSearchParams} query
 * @param {number} seen how often this URL was asked for before
 */
export function plan(query, seen) {
  /** @param {string} name @param {number} absent */
  const number = (name, absent) => (query.has(name) ? Number(query.get(name)) : absent);
  const size = number('size', 0);
  const changed = query.has('change') && seen >= number('change', 0);
  const seed = (query.get('seed') ?? String(size)) + (changed ? ' changed' : '');
  const faulty = seen < number('times', Infinity);
  const coded = query.get('encoding') === 'gzip' ? gzipSync(bytes(seed, 0, size)) : undefined;
  const length = coded?.length ?? size;
  return {
    length,
    /** @param {number} offset @param {number} count */
    body: (offset, count) => coded?.subarray(offset, offset + count) ?? bytes(seed, offset, count),
    etag: etag(query.get('etag'), seed),
    lastModified: lastModified(query.get('lastmod'), changed),
    ranges: query.get('ranges') !== '0',
    sharesParts: query.get('cors-parts') !== '0',
    status: query.has('busy') && seen === number('busy', 0) ? 503 : faulty && query.has('status') ? number('status', 200) : undefined,
    statusText: query.get('statusText') ?? undefined,
    delay: number('delay', 0),
    rate: number('rate', Infinity),
    link: query.get('link'),
    flap: number('flap', 5000),
    carries: number('carries', Infinity),
    gate: query.get('gate'),
    holdHead: query.get('hold') === 'head',
    hold: query.get('hold') === 'head' ? Infinity : number('hold', 0),
    cut: faulty ? number('cut', Infinity) : Infinity,
    reset: query.get('reset') === '1',
    stall: faulty ? number('stall', Infinity) : Infinity,
    declared: query.get('chunked') === '1' ? undefined : number('length', NaN),
    headers: headers(query, coded !== undefined),
  };
}

/** @param {string | null} value @param {string} seed */
function etag(value, seed) {
  if (value === 'none') return undefined;
  if (value?.startsWith('weak:')) return `W/"${value.slice(5)}"`;
  return `"${value ?? seed}"`;
}

/** @param {string | null} value @param {boolean} changed */
function lastModified(value, changed) {
  if (value === 'none') return undefined;
  const age = value === null ? 86400 : Number(value);
  return new Date(started - (changed ? 0 : age * 1000)).toUTCString();
}

/** @param {URLSearchParams} query @param {boolean} coded */
function headers(query, coded) {
  /** @type {Record<string, string>} */
  const lines = {
    'content-type': query.get('type') ?? 'application/octet-stream',
    'cache-control': query.get('cache') ?? 'no-store',
  };
  if (coded) lines['content-encoding'] = 'gzip';
  const vary = query.get('vary');
  if (vary) lines.vary = vary;
  for (const line of query.getAll('header')) {
    const at = line.indexOf(':');
    lines[line.slice(0, at).trim().toLowerCase()] = line.slice(at + 1).trim();
  }
  return { ...lines, ...cors(query) };
}

/** @param {URLSearchParams} query */
export function cors(query) {
  /** @type {Record<string, string>} */
  const lines = {};
  const origin = query.get('cors');
  if (origin) lines['access-control-allow-origin'] = origin;
  if (origin && origin !== '*') lines['access-control-allow-credentials'] = 'true';
  const expose = query.get('expose');
  if (expose) lines['access-control-expose-headers'] = expose;
  return lines;
}
