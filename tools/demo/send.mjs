// Answers one GET or HEAD with a resource: validators, conditions and single ranges as RFC 9110
// describes them, and a steady rate.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { PUBLISHED } from './season.mjs';

/**
 * @typedef {object} Resource
 * @property {string} type for `Content-Type`
 * @property {number} size in bytes
 * @property {string} etag a strong validator, quotes included
 * @property {(start: number, end: number) => Iterable<Buffer>} read the bytes from `start` up to
 *   `end` (not included)
 */

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {Resource} resource
 * @param {number} rate bytes a second on this connection; 0 for as fast as it goes
 */
export async function send(request, response, resource, rate) {
  response.setHeader('Content-Type', resource.type);
  response.setHeader('ETag', resource.etag);
  response.setHeader('Last-Modified', PUBLISHED.toUTCString());
  response.setHeader('Accept-Ranges', 'bytes');
  // Everything is asked for again each time: what still plays when the server is gone then plays
  // from the offline copy, not from a copy that the browser happened to keep.
  response.setHeader('Cache-Control', 'no-cache');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (request.headers['if-none-match']?.split(/\s*,\s*/).includes(resource.etag)) {
    response.writeHead(304).end();
    return;
  }

  const range = mayRange(request, resource)
    ? parseRange(request.headers.range, resource.size)
    : 'whole';
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${resource.size}`);
    response.writeHead(416).end();
    return;
  }
  const { start, end } = range === 'whole' ? { start: 0, end: resource.size } : range;
  response.setHeader('Content-Length', end - start);
  if (range !== 'whole')
    response.setHeader('Content-Range', `bytes ${start}-${end - 1}/${resource.size}`);
  response.writeHead(range === 'whole' ? 200 : 206);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(paced(resource.read(start, end), rate)), response);
  } catch (error) {
    // A visitor who leaves, seeks or stops a download closes the connection: nothing went wrong
    // here.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ERR_STREAM_PREMATURE_CLOSE')
      throw error;
  }
}

/**
 * Whether `Range` counts: `If-Range` must name this very representation (RFC 9110, section 13.1.5).
 * @param {import('node:http').IncomingMessage} request
 * @param {Resource} resource
 */
function mayRange({ method, headers }, { etag }) {
  const condition = headers['if-range'];
  return (
    method === 'GET' &&
    (condition === undefined || condition === etag || condition === PUBLISHED.toUTCString())
  );
}

/**
 * Reads a single range; several, or anything else, mean the whole file (RFC 9110, section 14.2: a
 * server may ignore the field).
 * @param {string | undefined} header
 * @param {number} size
 * @returns {'whole' | 'unsatisfiable' | { start: number, end: number }} `end` is not included
 */
function parseRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return 'whole';
  const first = match[1] === '' ? undefined : Number(match[1]);
  const last = match[2] === '' ? undefined : Number(match[2]);
  if (first === undefined)
    return last ? { start: Math.max(0, size - last), end: size } : 'unsatisfiable';
  if (last !== undefined && last < first) return 'whole';
  return first < size
    ? { start: first, end: Math.min(last ?? size, size - 1) + 1 }
    : 'unsatisfiable';
}

/**
 * Passes the pieces on in step with the clock.
 * @param {Iterable<Buffer>} pieces
 * @param {number} rate bytes a second; 0 for no limit
 */
async function* paced(pieces, rate) {
  const began = performance.now();
  let sent = 0;
  for (const piece of pieces) {
    // The pieces of a file are a second of sound; smaller ones let progress move smoothly.
    for (let at = 0; at < piece.length; at += 16384) {
      const part = piece.subarray(at, at + 16384);
      if (rate > 0) {
        const early = (sent / rate) * 1000 - (performance.now() - began);
        if (early > 1) await delay(early);
      }
      yield part;
      sent += part.length;
    }
  }
}
