// The demo's half of the development server: the page from www/, and a season that is composed,
// drawn and described on request.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cover, seasonCover } from './artwork.mjs';
import { rangeRequestsFile } from './bundle.mjs';
import { icon } from './icon.mjs';
import { artworkPath, audioPath, EPISODES, SEASON } from './season.mjs';
import { send } from './send.mjs';
import { WavFile } from './wav.mjs';

const WWW = new URL('../../www/', import.meta.url);

/** Part of the sound's validator: count up when the music changes. */
const COMPOSED = 1;

const TYPES = new Map([
  ['html', 'text/html; charset=utf-8'],
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
  ['webmanifest', 'application/manifest+json'],
]);

/**
 * Makes the request handler of the demo. It answers, and returns true, when the address is one of
 * its own.
 * @param {object} [options]
 * @param {number} [options.rate] bytes a second for each sound file and connection, so that a
 *   download from this very machine takes long enough to be seen; 0 for as fast as it goes
 */
export function createDemo({ rate = 0 } = {}) {
  /** @type {Map<string, () => import('./send.mjs').Resource>} */
  const generated = new Map([
    [`/${SEASON.id}/season.json`, () => fixed('application/json', JSON.stringify(description()))],
    [`/${SEASON.id}/cover.svg`, () => fixed('image/svg+xml', seasonCover())],
    ['/icons/icon-192.png', () => fixed('image/png', icon(192))],
    ['/icons/icon-512.png', () => fixed('image/png', icon(512))],
    ['/icons/icon-maskable-512.png', () => fixed('image/png', icon(512, { bleed: true }))],
  ]);
  for (const episode of EPISODES) {
    generated.set(artworkPath(episode), () => fixed('image/svg+xml', cover(episode)));
    generated.set(audioPath(episode), () => sound(episode));
  }
  /**
   * Resources are made at the first request and kept.
   *
   * @type {Map<string, import('./send.mjs').Resource>}
   */
  const made = new Map();

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @returns {boolean} whether the request was the demo's
   */
  return function demo(request, response) {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const make = generated.get(pathname);
    const resource = make ? (made.get(pathname) ?? make()) : fromDisk(pathname);
    if (!resource) return false;
    if (make) made.set(pathname, resource);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
      return true;
    }
    send(request, response, resource, pathname.endsWith('.wav') ? rate : 0).catch(error => {
      console.error(`${pathname}:`, error);
      response.destroy();
    });
    return true;
  };
}

/**
 * What the page has to know before it has anything: what there is, how long it plays, how many
 * bytes it takes.
 */
function description() {
  const episodes = EPISODES.map(episode => ({
    number: episode.number,
    title: episode.title,
    notes: episode.notes,
    seconds: episode.seconds,
    audio: { src: audioPath(episode), bytes: new WavFile(episode).size },
    artwork: { src: artworkPath(episode), bytes: Buffer.byteLength(cover(episode)) },
  }));
  return { id: SEASON.id, episodes };
}

/**
 * @param {import('./season.mjs').Episode} episode
 * @returns {import('./send.mjs').Resource}
 */
function sound(episode) {
  const file = new WavFile(episode);
  // The samples depend on the score and on V8's sines and exponentials. Naming both is as strong as
  // hashing ten megabytes first.
  const etag = tag(JSON.stringify([episode, COMPOSED, process.versions.v8]));
  return { type: 'audio/wav', size: file.size, etag, read: (start, end) => file.read(start, end) };
}

/**
 * A file of the page. It is read at every request, because that is what somebody who edits it
 * expects.
 * @param {string} pathname
 * @returns {import('./send.mjs').Resource | undefined}
 */
function fromDisk(pathname) {
  // One path segment of letters, digits, hyphens and one dot: nothing outside the directory has
  // such a name.
  const [, name, extension = ''] =
    /^\/([\w-]+\.(\w+))$/.exec(pathname === '/' ? '/index.html' : pathname) ?? [];
  const type = TYPES.get(extension);
  if (!type) return undefined;
  try {
    return fixed(
      type,
      readFileSync(name === 'range-requests.js' ? rangeRequestsFile : new URL(name, WWW)),
    );
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * @param {string} type
 * @param {string | Buffer} content
 * @returns {import('./send.mjs').Resource}
 */
function fixed(type, content) {
  const bytes = Buffer.from(content);
  return {
    type,
    size: bytes.length,
    etag: tag(bytes),
    read: (start, end) => [bytes.subarray(start, end)],
  };
}

/** @param {string | Buffer} content */
const tag = content => `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
