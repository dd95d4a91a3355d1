// The shelf: the episodes that are on this device. The worker puts them there; a page looks, and
// takes away.

/**
 * What the server says about the season, as tools/demo/handler.mjs writes it.
 *
 * @typedef {object} Episode
 * @property {number} number counts from 1
 * @property {string} title
 * @property {string} notes
 * @property {number} seconds
 * @property {{ src: string, bytes: number }} audio
 * @property {{ src: string, bytes: number }} artwork
 */

/** @typedef {{ id: string, episodes: Episode[] }} Season */

/** @returns {Promise<Season>} */
export async function loadSeason() {
  const response = await fetch('/season-2/season.json');
  if (!response.ok) throw new Error(`The list of episodes: ${response.status}`);
  return response.json();
}

/**
 * The episodes on the shelf, each with its size in bytes.
 *
 * @param {Season} season
 * @returns {Promise<Map<number, number>>} by number of the episode
 */
export async function look(season) {
  /** @type {Map<number, number>} */
  const kept = new Map();
  if (!('caches' in self)) return kept; // Not a secure context.
  const cache = await caches.open(season.id);
  for (const { number, audio, artwork } of season.episodes) {
    const sound = await cache.match(audio.src);
    if (!sound) continue;
    const picture = await cache.match(artwork.src);
    kept.set(number, (await bytes(sound)) + (picture ? await bytes(picture) : 0));
  }
  return kept;
}

/**
 * Takes episodes off the shelf.
 *
 * @param {Season} season
 * @param {Episode[]} episodes
 */
export async function remove(season, episodes) {
  const cache = await caches.open(season.id);
  await Promise.all(
    episodes.flatMap(({ audio, artwork }) => [cache.delete(audio.src), cache.delete(artwork.src)]),
  );
}

/**
 * The size of a kept response. Reading ten megabytes to count them is the last resort.
 *
 * @param {Response} response
 */
async function bytes(response) {
  const stated = Number(response.headers.get('content-length'));
  return stated > 0 ? stated : (await response.blob()).size;
}
