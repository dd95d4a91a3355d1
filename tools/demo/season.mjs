// What the demo publishes: one season of four episodes. Everything else in this directory derives
// from this list, so the page, the files and the artwork cannot disagree about a title, a length or
// a colour.

/**
 * @typedef {object} Episode
 * @property {number} number counts from 1
 * @property {'music-box' | 'changes' | 'tides' | 'canon'} slug names the composer in scores.mjs and
 *   the drawing in artwork.mjs
 * @property {string} title
 * @property {string} notes what a listener should know, one or two sentences
 * @property {number} seconds playing time
 * @property {[from: string, to: string]} colours of the artwork, as #rrggbb
 */

/**
 * When the season came out. It is sent as `Last-Modified`, so it has to stay the same from one
 * start of the server to the next.
 */
export const PUBLISHED = new Date('2026-03-01T06:00:00Z');

export const SEASON = {
  id: 'season-2',
  /** Of the icon. @type {[from: string, to: string]} */
  colours: ['#4c2fd6', '#f0637c'],
};

/** @type {readonly Episode[]} */
export const EPISODES = [
  {
    number: 1,
    slug: 'music-box',
    title: 'The music box',
    notes:
      'Pins on a cylinder, spread as evenly as a circle allows. The old rule behind half the ' +
      'rhythms of the world.',
    seconds: 200,
    colours: ['#7a3ff2', '#e8578f'],
  },
  {
    number: 2,
    slug: 'changes',
    title: 'Ringing the changes',
    notes:
      'Six bells, sixty rows, and no row twice: Plain Bob Minor, a permutation that ringers know ' +
      'by heart.',
    seconds: 160,
    colours: ['#0b7a75', '#7fc8a9'],
  },
  {
    number: 3,
    slug: 'tides',
    title: 'Tides',
    notes:
      'Seven long notes, each on a loop of its own length. They will line up again in ' +
      'sixty-eight million years.',
    seconds: 245,
    colours: ['#17408b', '#4fb3e8'],
  },
  {
    number: 4,
    slug: 'canon',
    title: 'The round that overtakes itself',
    notes:
      'One tune in three speeds at once. The slow voice starts first and is the last to arrive.',
    seconds: 180,
    colours: ['#b4451f', '#f2b84b'],
  },
];

/**
 * The address of an episode's sound, from the root of the demo.
 * @param {Episode} episode
 */
export const audioPath = episode => `/${SEASON.id}/${episode.number}-${episode.slug}.wav`;

/**
 * The address of an episode's picture, from the root of the demo.
 * @param {Episode} episode
 */
export const artworkPath = episode => `/${SEASON.id}/${episode.number}-${episode.slug}.svg`;
