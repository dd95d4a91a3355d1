// The four composers. Each turns a rule into notes; nothing here draws a random number, so the
// season is the same on every machine.

/**
 * @typedef {object} Note
 * @property {number} start seconds from the beginning
 * @property {number} pitch in semitones above A1 (55 Hz); need not be whole
 * @property {number} gain 0 to 1
 * @property {keyof typeof import('./voices.mjs').VOICES} voice
 * @property {number} [length] seconds the note is held; only voices that can hold a note look at it
 */

/**
 * Major pentatonic: any two of its notes sound well together, which matters when a rule and not an
 * ear chooses them.
 */
const PENTATONIC = [0, 2, 4, 7, 9];

/**
 * The pitch of a degree of the scale, which may lie outside the first octave.
 * @param {number} degree
 */
function pentatonic(degree) {
  const octave = Math.floor(degree / 5);
  return 12 * octave + PENTATONIC[degree - octave * 5];
}

/**
 * Spreads `pins` as evenly as whole numbers allow over `steps` (Bjorklund's rhythm; Toussaint, "The
 * Euclidean Algorithm Generates Traditional Musical Rhythms", 2005). True where a pin sits.
 * @param {number} pins
 * @param {number} steps
 */
export const euclid = (pins, steps) =>
  Array.from({ length: steps }, (_, step) => (step * pins) % steps < pins);

/**
 * Three combs of a music box turn at one speed; every eight turns each comb moves to another
 * rhythm.
 * @param {number} seconds
 * @returns {Generator<Note>}
 */
function* musicBox(seconds) {
  const step = 0.1875; // Sixteenths at 80 beats a minute.
  const combs = [
    { low: 5, pins: [3, 5, 3, 2], turn: 8, gain: 0.3 },
    { low: 9, pins: [5, 7, 6, 5], turn: 16, gain: 0.24 },
    { low: 13, pins: [7, 5, 9, 4], turn: 16, gain: 0.16 },
  ];
  const basses = [0, 0, -3, -5];
  for (let at = 0, time = 0.5; time < seconds - 5; at++, time = 0.5 + at * step) {
    const phrase = Math.floor(at / 128);
    for (const [index, comb] of combs.entries()) {
      if (index > phrase) break; // The combs enter one after the other.
      const pins = comb.pins[(phrase + index) % comb.pins.length];
      if (!euclid(pins, comb.turn)[at % comb.turn]) continue;
      // Walking the scale in strides gives a line that wanders and comes home; the stride changes
      // with the phrase.
      const degree = comb.low + ((at * (index + 2 + (phrase % 3))) % 8);
      yield { start: time, pitch: 12 + pentatonic(degree), gain: comb.gain, voice: 'pluck' };
    }
    // Only the bass moves from chord to chord. The combs keep to one scale: a music box has no
    // other teeth.
    if (at % 32 === 0) {
      const pitch = 12 + basses[Math.floor(at / 32) % 4];
      yield { start: time, pitch, gain: 0.18, voice: 'pad', length: 5.6 };
    }
  }
}

/**
 * The rows of Plain Bob Minor, from rounds back to rounds: 60 rows of six bells. Bells count from 0
 * (the highest, the treble).
 * @returns {number[][]}
 */
export function plainBobMinor() {
  const rows = [[0, 1, 2, 3, 4, 5]];
  for (let change = 0; change < 60; change++) {
    const row = [...rows[change]];
    // Every other change swaps all three pairs. Between them the first bell stays and the inner
    // pairs swap, except when the treble leads: then the second place is held too, and that is what
    // makes the next lead a new one.
    const first = change % 2 === 0 ? 0 : change % 12 === 11 ? 2 : 1;
    for (let place = first; place < 5; place += 2) {
      [row[place], row[place + 1]] = [row[place + 1], row[place]];
    }
    rows.push(row);
  }
  return rows;
}

/**
 * Rounds, then as much of the method as there is time for, with the ringers' pause after every
 * second row.
 * @param {number} seconds
 * @returns {Generator<Note>}
 */
function* changes(seconds) {
  const bells = [33, 31, 29, 28, 26, 24]; // Six notes of a major scale, the treble first.
  const rows = plainBobMinor();
  let time = 0.6;
  for (let row = 0; time < seconds - 7; row++) {
    // Four times rounds to begin with, as ringers do; then the course, over and over.
    const order = row < 4 ? rows[0] : rows[(row - 4) % 60];
    for (const [place, bell] of order.entries()) {
      yield { start: time, pitch: bells[bell], gain: place === 0 ? 0.26 : 0.21, voice: 'bell' };
      time += 0.36;
    }
    if (row % 2 === 1) time += 0.36;
  }
}

/**
 * Loops of incommensurable lengths, after Brian Eno's "2/1" (1978): every note is heard alone
 * sooner or later.
 * @param {number} seconds
 * @returns {Generator<Note>}
 */
function* tides(seconds) {
  const loops = [
    { every: 19.7, from: 1, pitch: 12 },
    { every: 17.8, from: 3.5, pitch: 24 },
    { every: 21.3, from: 6.1, pitch: 19 },
    { every: 23.9, from: 9.2, pitch: 28 },
    { every: 16.1, from: 11.4, pitch: 33 },
    { every: 30.5, from: 13.9, pitch: 38 },
    { every: 24.7, from: 17.3, pitch: 43 },
  ];
  for (const [index, loop] of loops.entries()) {
    for (let time = loop.from; time < seconds - 11; time += loop.every) {
      yield { start: time, pitch: loop.pitch, gain: 0.26 - index * 0.02, voice: 'pad', length: 10 };
      if (index < 3) continue; // The high ones are answered by a glint an octave above.
      yield { start: time + loop.every / 3, pitch: loop.pitch + 12, gain: 0.07, voice: 'pluck' };
    }
  }
}

/**
 * A mensuration canon, after Ockeghem's "Missa prolationum": the tune at once in whole,
 * three-quarter and half lengths.
 * @param {number} seconds
 * @returns {Generator<Note>}
 */
function* canon(seconds) {
  // Five notes only, so that the voices agree wherever they meet.
  const degrees = [0, 1, 2, 3, 4, 5, 3, 2, 3, 1, 0, -2, -1];
  const beats = [2, 1, 1, 2, 0.5, 0.5, 1, 2, 1, 1, 2, 1, 1];
  const voices = [
    { beat: 0.88, from: 0.5, shift: 0, gain: 0.26 },
    { beat: 0.66, from: 16, shift: 12, gain: 0.2 },
    { beat: 0.44, from: 32, shift: 24, gain: 0.13 },
  ];
  for (const { beat, from, shift, gain } of voices) {
    for (let time = from, at = 0; time < seconds - 5; at++) {
      const length = beat * beats[at % beats.length];
      const pitch = 15 + shift + pentatonic(degrees[at % degrees.length]);
      yield { start: time, pitch, gain, voice: 'reed', length };
      time += length;
    }
  }
}

/** @type {Record<import('./season.mjs').Episode['slug'], (seconds: number) => Iterable<Note>>} */
export const SCORES = { 'music-box': musicBox, changes, tides, canon };
