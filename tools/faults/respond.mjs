// Sends what a plan says: the head, then the body with its gates, brakes, cuts and stalls.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { select } from './range.mjs';

const piece = 256 * 1024;
/** With a rate, so many pieces a second. */
const beats = 20;
/** What a link carries at once: what it loses is counted in these. */
const packet = 5000;

/**
 * @typedef {object} Exchange
 * @property {import('node:http').IncomingMessage} request
 * @property {import('node:http').ServerResponse} response
 * @property {import('./log.mjs').Entry} entry
 * @property {import('./log.mjs').Log} log
 * @property {import('./gates.mjs').Gates} gates
 * @property {import('./links.mjs').Links} links
 */

/**
 * @param {Exchange} exchange
 * @param {import('./plan.mjs').Plan} plan
 */
export async function respond(exchange, plan) {
  const { request, response, entry, log, gates } = exchange;
  if (plan.delay) await sleep(plan.delay);
  if (plan.gate && plan.holdHead) await Promise.race([gates.passed(plan.gate), once(response, 'close')]);
  const { status, first, end } = plan.ranges && plan.status === undefined
    ? select(request.headers, plan)
    : { status: plan.status ?? 200, first: 0, end: plan.length };
  // Statuses that have no body must not announce one either.
  const bodiless = status === 204 || status === 304;
  const length = bodiless ? 0 : end - first;

  /** @type {import('node:http').OutgoingHttpHeaders} */
  const head = { ...plan.headers };
  if (plan.etag !== undefined) head.etag ??= plan.etag;
  if (plan.lastModified !== undefined) head['last-modified'] ??= plan.lastModified;
  if (plan.ranges) head['accept-ranges'] ??= 'bytes';
  if (status === 206) head['content-range'] ??= `bytes ${first}-${end - 1}/${plan.length}`;
  if (status === 206 && !plan.sharesParts) delete head['access-control-allow-origin'];
  if (status === 416) head['content-range'] ??= `bytes */${plan.length}`;
  if (plan.declared !== undefined && !bodiless) {
    head['content-length'] = Number.isNaN(plan.declared) ? length : plan.declared;
  }
  if (response.destroyed) return;
  if (plan.statusText === undefined) response.writeHead(status, head);
  else response.writeHead(status, plan.statusText, head);
  response.flushHeaders();
  entry.status = status;
  log.changed();
  if (request.method === 'HEAD' || length === 0) return void response.end();
  await send(exchange, plan, first, length);
}

/**
 * @param {Exchange} exchange
 * @param {import('./plan.mjs').Plan} plan
 * @param {number} first
 * @param {number} length
 */
async function send({ response, entry, log, gates, links }, plan, first, length) {
  const closed = once(response, 'close');
  const link = plan.link === null ? undefined : links.of(plan.link, plan.rate, plan.flap, plan.carries);
  link?.add(response);
  const braked = Number.isFinite(plan.rate) ? Math.max(1, Math.floor(plan.rate / beats)) : piece;
  const step = link ? packet : braked;
  const stops = [plan.hold, plan.cut, plan.stall, length];
  /** @type {Promise<unknown>} */
  let left = Promise.resolve();
  while (entry.sent < length) {
    if (plan.gate && !plan.holdHead && entry.sent === plan.hold) {
      await Promise.race([gates.passed(plan.gate), closed]);
    }
    if (response.destroyed) return;
    if (entry.sent >= plan.stall) return void (await closed);
    if (entry.sent >= plan.cut) {
      // What was written must have left before the connection goes, or less than `cut` would arrive.
      await Promise.race([left, closed]);
      return void (plan.reset ? response.socket?.resetAndDestroy() : response.socket?.destroySoon());
    }
    const next = Math.min(...stops.filter(stop => stop > entry.sent));
    const count = Math.min(step, next - entry.sent);
    if (link) await link.carry(count);
    if (response.destroyed) return;
    let room = true;
    left = new Promise(resolve => (room = response.write(plan.body(first + entry.sent, count), resolve)));
    entry.sent += count;
    log.changed();
    if (!room) await Promise.race([once(response, 'drain'), closed]);
    if (!link && Number.isFinite(plan.rate)) await sleep((count / plan.rate) * 1000);
  }
  response.end();
}
