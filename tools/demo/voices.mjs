// Sound. A tone is a pure function of its voice, pitch and length, made once and then only added
// in: any second of an episode can be mixed without the seconds before it, and a `Range` request
// costs no more than what it asks for.

/**
 * Samples a second. Half of a compact disc's: enough for these voices, and a season stays a
 * download of some 35 MB.
 */
export const SAMPLE_RATE = 22050;

/**
 * @typedef {object} Voice
 * @property {readonly (readonly [ratio: number, level: number, decay: number])[]} partials the
 *   sines of a sound: frequency relative to the note's, level at the start, and decay per second
 *   (the level falls to 1/e in 1/decay seconds; 0 holds)
 * @property {number} attack seconds until the note is at its full level
 * @property {number} release seconds from the end of the held part to silence
 * @property {boolean} held whether a note's length is looked at; otherwise it rings out
 * @property {readonly (readonly [after: number, level: number])[]} echoes repeats that stand for a
 *   room: a real reverberation would need to remember all that went before
 */

/** @type {Record<'pluck' | 'bell' | 'pad' | 'reed', Voice>} */
export const VOICES = {
  // A steel tooth: the second mode of a bar clamped at one end lies at 6.27 times the first.
  pluck: {
    partials: [
      [1, 1, 2.2],
      [2, 0.22, 4],
      [6.27, 0.12, 11],
    ],
    attack: 0.003,
    release: 1.9,
    held: false,
    echoes: [
      [0.28, 0.3],
      [0.61, 0.13],
    ],
  },
  // A church bell as founders tune it: hum, prime, minor third, fifth, octave, and what is left of
  // the clapper.
  bell: {
    partials: [
      [0.5, 0.5, 0.7],
      [1, 0.6, 1.3],
      [1.19, 0.45, 1.5],
      [1.5, 0.22, 2.4],
      [2, 0.8, 1.9],
      [3.01, 0.25, 4.5],
    ],
    attack: 0.004,
    release: 3.4,
    held: false,
    echoes: [],
  },
  // Two strings a little apart, so that the note breathes.
  pad: {
    partials: [
      [0.9985, 0.5, 0],
      [1.0015, 0.5, 0],
      [2.001, 0.16, 0],
      [3, 0.06, 0],
    ],
    attack: 2.4,
    release: 3.6,
    held: true,
    echoes: [],
  },
  reed: {
    partials: [
      [1, 0.7, 0.25],
      [2, 0.2, 0.6],
      [3, 0.16, 1],
      [5, 0.04, 2],
    ],
    attack: 0.03,
    release: 0.45,
    held: true,
    echoes: [[0.34, 0.22]],
  },
};

/**
 * Tones that were made already; a score uses the same few again and again.
 *
 * @type {Map<string, Float32Array>}
 */
const tones = new Map();

/**
 * The samples of one note at full gain.
 * @param {keyof typeof VOICES} name
 * @param {number} frequency in hertz
 * @param {number} length seconds the note is held, for voices that can hold one
 */
export function tone(name, frequency, length) {
  const key = `${name} ${frequency} ${length}`;
  let samples = tones.get(key);
  if (!samples) tones.set(key, (samples = makeTone(VOICES[name], frequency, length)));
  return samples;
}

/**
 * @param {Voice} voice
 * @param {number} frequency
 * @param {number} length
 */
function makeTone({ partials, attack, release, held }, frequency, length) {
  const seconds = (held ? Math.max(length, attack) : 0) + release;
  const samples = new Float32Array(Math.ceil(seconds * SAMPLE_RATE));
  for (const [ratio, level, decay] of partials) {
    // Above half the sample rate it would come back as another, false pitch.
    if (frequency * ratio > 0.45 * SAMPLE_RATE) continue;
    const turn = (2 * Math.PI * frequency * ratio) / SAMPLE_RATE;
    for (let i = 0; i < samples.length; i++)
      samples[i] += level * Math.sin(turn * i) * Math.exp((-decay * i) / SAMPLE_RATE);
  }
  for (let i = 0; i < samples.length; i++) {
    const age = i / SAMPLE_RATE;
    samples[i] *= Math.min(1, age / attack, (seconds - age) / release);
  }
  return samples;
}
