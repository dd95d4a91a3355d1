// A bad link: so many bytes a second, and a reset every few seconds. How much is asked for again?
import assert from 'node:assert/strict';
import { begin, file, settled } from './downloads.mjs';

/**
 * @typedef {object} Link
 * @property {number} size bytes of the file
 * @property {number} rate bytes a second
 * @property {number} every seconds between two resets
 */

/** The link that the project promises to survive. @type {Link} */
export const bad = { size: 8 << 20, rate: 100_000, every: 5 };

/** At most so much of a file may be asked for again. */
export const again = 0.15;

/**
 * Downloads a file, and resolves with what the server has counted.
 *
 * @param {import('./support.mjs').Fixture} fixture
 * @param {number} size
 * @param {Record<string, string | number>} behaviour
 */
async function download({ page, worker, server, name }, size, behaviour) {
  const wanted = file(server, name, size, behaviour);
  await begin(page, 'bad link', [wanted.url]);
  const [record] = await worker.report('records');
  assert.deepEqual({ size: record.size, sum: record.sum }, { size: wanted.size, sum: wanted.sum });
  const { result, downloaded } = await settled(page);
  assert.deepEqual({ result, downloaded }, { result: 'success', downloaded: size });
  const requests = server.log.of(name);
  const sent = requests.reduce((sum, entry) => sum + entry.sent, 0);
  const cut = requests.filter(({ finished }) => !finished).length;
  return { requests: requests.length, cut, resets: server.resets(name), again: (sent - size) / size };
}

/** The link as it is. @param {import('./support.mjs').Fixture} fixture @param {Link} link */
export const slowly = (fixture, { size, rate, every }) =>
  download(fixture, size, { rate, link: fixture.name, flap: every * 1000 });

/**
 * The same without its slowness: all connections are reset when the link has carried what it carries between two resets.
 *
 * @param {import('./support.mjs').Fixture} fixture
 * @param {Link} link
 */
export const quickly = (fixture, { size, rate, every }) =>
  download(fixture, size, { rate: 1 << 20, link: fixture.name, carries: rate * every });
