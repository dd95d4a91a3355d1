// Pictures. Each cover shows the rule that its episode is made of, drawn from the same functions as
// the music where there is one.
import { euclid, plainBobMinor } from './scores.mjs';
import { EPISODES } from './season.mjs';

const SIZE = 512;
const CENTRE = SIZE / 2;

/** @param {number} value */
const round = value => Math.round(value * 10) / 10;

/**
 * @param {number} x
 * @param {number} y
 */
const point = (x, y) => `${round(x)},${round(y)}`;

/**
 * A point on a circle around the middle. Turns start at the top and go clockwise.
 * @param {number} radius
 * @param {number} turn
 */
function onCircle(radius, turn) {
  const angle = 2 * Math.PI * turn;
  return { x: CENTRE + radius * Math.sin(angle), y: CENTRE - radius * Math.cos(angle) };
}

/**
 * A white line.
 * @param {string[]} points
 * @param {number} width
 * @param {number} opacity
 */
const line = (points, width, opacity) =>
  `<polyline points="${points.join(' ')}" fill="none" stroke="#fff" stroke-width="${width}" ` +
  `stroke-opacity="${opacity}" stroke-linejoin="round" stroke-linecap="round"/>`;

/** Rings of pins: 3 to 7 of 16, as evenly spread as they can be. */
function musicBox() {
  let shapes = '';
  for (let ring = 0; ring < 5; ring++) {
    const radius = 70 + ring * 38;
    for (const [step, pin] of euclid(ring + 3, 16).entries()) {
      const { x, y } = onCircle(radius, step / 16 + ring / 64);
      const [size, opacity] = pin ? [13, 0.95] : [4, 0.5];
      shapes += `<circle cx="${round(x)}" cy="${round(y)}" r="${size}" fill-opacity="${opacity}"/>`;
    }
    shapes +=
      `<circle cx="${CENTRE}" cy="${CENTRE}" r="${radius}" fill="none" ` +
      'stroke="#fff" stroke-opacity=".25" stroke-width="2"/>';
  }
  return `<g fill="#fff">${shapes}</g>`;
}

/** The first rows of the method: one line for the way of each bell, the treble's in bold. */
function changes() {
  const rows = plainBobMinor().slice(0, 29);
  const way = (/** @type {number} */ bell) =>
    rows.map((row, at) => point(60 + (row.indexOf(bell) * 392) / 5, 40 + (at * 432) / 28));
  const others = [5, 4, 3, 2, 1].map(bell => line(way(bell), 5, 0.55));
  return others.join('') + line(way(0), 12, 1);
}

/** Seven swells, each as long as its loop. */
function tides() {
  let shapes = '';
  for (const [index, every] of [30.5, 24.7, 23.9, 21.3, 19.7, 17.8, 16.1].entries()) {
    const points = [];
    for (let x = 0; x <= SIZE; x += 16) {
      const swell = Math.sin((2 * Math.PI * x) / (every * 15) + index * 1.3);
      points.push(point(x, 120 + index * 52 + 26 * swell));
    }
    const water = `M0,512 L${points.join(' L')} L512,512 Z`;
    shapes += `<path d="${water}" fill="#06213f" fill-opacity=".2"/>${line(points, 3, 0.6)}`;
  }
  return shapes;
}

/** Three spirals that wind at the speeds of the three voices. */
function canon() {
  const voices = [
    { turns: 3.6, width: 4, opacity: 0.55 },
    { turns: 2.7, width: 8, opacity: 0.75 },
    { turns: 1.8, width: 14, opacity: 0.95 },
  ];
  return voices
    .map(({ turns, width, opacity }, voice) => {
      const points = Array.from({ length: 181 }, (_, at) => {
        const { x, y } = onCircle(14 + (at / 180) * 205, (at / 180) * turns + voice / 3);
        return point(x, y);
      });
      return line(points, width, opacity);
    })
    .join('');
}

const DRAWINGS = { 'music-box': musicBox, changes, tides, canon };

/**
 * The cover of an episode.
 * @param {import('./season.mjs').Episode} episode
 */
export const cover = episode => picture(drawing(episode));

/** The cover of the season: the four covers of its episodes. */
export function seasonCover() {
  const quarters = EPISODES.map((episode, at) => {
    const place = `translate(${(at % 2) * CENTRE} ${Math.floor(at / 2) * CENTRE}) scale(.5)`;
    return `<g transform="${place}">${drawing(episode)}</g>`;
  });
  return picture(quarters.join(''));
}

/** @param {import('./season.mjs').Episode} episode */
const drawing = ({ slug, colours: [from, to] }) =>
  `<linearGradient id="${slug}" x1="0" y1="0" x2="1" y2="1">` +
  `<stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>` +
  `<path fill="url(#${slug})" d="M0 0h${SIZE}v${SIZE}H0z"/>${DRAWINGS[slug]()}`;

/** @param {string} shapes */
const picture = shapes =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE} ${SIZE}" ` +
  `width="${SIZE}" height="${SIZE}">${shapes}</svg>\n`;
