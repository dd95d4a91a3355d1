// An episode as a WAV file that is never held whole: its size is known at once, its bytes are made
// second by second when asked for.
import { SAMPLE_RATE, tone, VOICES } from './voices.mjs';
import { SCORES } from './scores.mjs';

const HEADER = 44;
const BYTES_PER_SAMPLE = 2;
const BYTES_PER_SECOND = SAMPLE_RATE * BYTES_PER_SAMPLE;
const A1 = 55;

/**
 * A note with its place in time, in samples.
 *
 * @typedef {{ at: number, gain: number, samples: Float32Array }} Placed
 */

/** One episode's sound: a length, and bytes from anywhere. */
export class WavFile {
  #slug;
  #seconds;
  /**
   * For each second the notes that can be heard in it. Made at the first read.
   *
   * @type {Placed[][] | undefined}
   */
  #heard;

  /** @param {import('./season.mjs').Episode} episode */
  constructor({ slug, seconds }) {
    this.#slug = slug;
    this.#seconds = seconds;
  }

  /** Bytes of the whole file. */
  get size() {
    return HEADER + this.#seconds * BYTES_PER_SECOND;
  }

  /**
   * The bytes from `start` up to `end` (not included), in pieces of at most one second of sound.
   * @param {number} start
   * @param {number} end
   * @returns {Generator<Buffer>}
   */
  *read(start, end) {
    for (let at = start; at < end;) {
      const second = Math.floor((at - HEADER) / BYTES_PER_SECOND); // Negative within the header.
      const base = second < 0 ? 0 : HEADER + second * BYTES_PER_SECOND;
      const piece = (second < 0 ? this.#header() : this.#second(second)).subarray(
        at - base,
        end - base,
      );
      yield piece;
      at += piece.length;
    }
  }

  /**
   * RIFF, 16-bit PCM, one channel (Microsoft and IBM, "Multimedia Programming Interface and Data
   * Specifications 1.0", 1991).
   */
  #header() {
    const header = Buffer.alloc(HEADER);
    header.write('RIFF', 0, 'latin1');
    header.writeUInt32LE(this.size - 8, 4);
    header.write('WAVEfmt ', 8, 'latin1');
    header.writeUInt32LE(16, 16); // Length of the format chunk.
    header.writeUInt16LE(1, 20); // PCM.
    header.writeUInt16LE(1, 22); // Channels.
    header.writeUInt32LE(SAMPLE_RATE, 24);
    header.writeUInt32LE(BYTES_PER_SECOND, 28);
    header.writeUInt16LE(BYTES_PER_SAMPLE, 32);
    header.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
    header.write('data', 36, 'latin1');
    header.writeUInt32LE(this.size - HEADER, 40);
    return header;
  }

  /**
   * Mixes one second of sound.
   * @param {number} second
   */
  #second(second) {
    this.#heard ??= this.#perform();
    const from = second * SAMPLE_RATE;
    const mix = new Float32Array(SAMPLE_RATE);
    for (const { at, gain, samples } of this.#heard[second]) {
      const last = Math.min(from + SAMPLE_RATE, at + samples.length);
      for (let i = Math.max(from, at); i < last; i++) mix[i - from] += gain * samples[i - at];
    }
    // The last two seconds fade out, whatever the score is in the middle of.
    const end = this.#seconds * SAMPLE_RATE;
    for (let i = 0; i < SAMPLE_RATE; i++)
      mix[i] *= Math.min(1, (end - from - i) / (2 * SAMPLE_RATE));
    // The hyperbolic tangent rounds off the rare moments when every voice is loud at once, where
    // cutting would crackle. Int16Array is in the machine's byte order, which is little-endian, as
    // the file wants it, on everything Node runs on but s390x.
    const pcm = Int16Array.from(mix, sample => Math.round(Math.tanh(sample) * 32000));
    return Buffer.from(pcm.buffer);
  }

  /**
   * Puts the score's notes, and their echoes as notes of their own, into the seconds in which they
   * are heard.
   */
  #perform() {
    /** @type {Placed[][]} */
    const heard = Array.from({ length: this.#seconds }, () => []);
    for (const { start, pitch, gain, voice, length = 0 } of SCORES[this.#slug](this.#seconds)) {
      const samples = tone(voice, A1 * 2 ** (pitch / 12), length);
      for (const [after, level] of [/** @type {const} */ ([0, 1]), ...VOICES[voice].echoes]) {
        const at = Math.round((start + after) * SAMPLE_RATE);
        const last = Math.min(this.#seconds - 1, Math.floor((at + samples.length) / SAMPLE_RATE));
        for (let second = Math.floor(at / SAMPLE_RATE); second <= last; second++)
          heard[second].push({ at, gain: gain * level, samples });
      }
    }
    return heard;
  }
}
