// The application's icon, as PNG: launchers, notifications and Media Session do not all take SVG.
// Drawn from distances and written with the zlib that comes with Node, so that no image and no
// image library has to be in the repository.
import { deflateSync } from 'node:zlib';
import { SEASON } from './season.mjs';

/**
 * A square PNG of the icon: a dot that sends three waves.
 * @param {number} size in pixels
 * @param {{ bleed?: boolean }} [options] `bleed`: fill the corners and keep the drawing inside the
 *   middle 80 %, as launchers that cut their own shape want it (a "maskable" icon)
 * @returns {Buffer}
 */
export function icon(size, { bleed = false } = {}) {
  const [from, to] = SEASON.colours.map(colour =>
    [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16)),
  );
  // Each line begins with its filter type: 0, none.
  const pixels = Buffer.alloc(size * (1 + size * 4));
  const scale = bleed ? 1.3 : 1;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = (2 * (x + 0.5)) / size - 1;
      const v = (2 * (y + 0.5)) / size - 1;
      // Pixels per unit: turns a distance into coverage, which smooths the edges.
      const edge = size / 2;
      const ink = cover(-drawing(u * scale, v * scale) * (edge / scale));
      const mix = (u + v + 2) / 4;
      const at = y * (1 + size * 4) + 1 + x * 4;
      for (let channel = 0; channel < 3; channel++) {
        const paper = from[channel] + (to[channel] - from[channel]) * mix;
        pixels[at + channel] = Math.round(paper + (255 - paper) * ink);
      }
      pixels[at + 3] = bleed ? 255 : Math.round(255 * cover(-roundedSquare(u, v) * edge));
    }
  }
  return png(size, pixels);
}

/**
 * How much of a pixel is covered by a shape whose edge is `inside` pixels away.
 *
 * @param {number} inside
 */
const cover = inside => Math.max(0, Math.min(1, inside + 0.5));

/**
 * Distance to a square with corners of a quarter of its side; negative inside.
 * @param {number} u
 * @param {number} v
 */
function roundedSquare(u, v) {
  const x = Math.max(Math.abs(u) - 0.5, 0);
  const y = Math.max(Math.abs(v) - 0.5, 0);
  return Math.hypot(x, y) - 0.5;
}

/**
 * Distance to the dot and its waves; negative inside.
 * @param {number} u
 * @param {number} v
 */
function drawing(u, v) {
  const x = u + 0.42;
  const y = v - 0.42;
  const radius = Math.hypot(x, y);
  let distance = radius - 0.15;
  // The waves fill the quarter that looks up and to the right, with round ends.
  for (const wave of [0.4, 0.68, 0.96]) {
    const arc =
      x >= 0 && y <= 0
        ? Math.abs(radius - wave)
        : Math.min(Math.hypot(x, y + wave), Math.hypot(x - wave, y));
    distance = Math.min(distance, arc - 0.075);
  }
  return distance;
}

/**
 * Wraps lines of red, green, blue and alpha (ISO/IEC 15948, section 11).
 * @param {number} size
 * @param {Buffer} lines
 */
function png(size, lines) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8); // 8 bits a channel, colour with alpha, no interlacing.
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** zlib has a crc32 of its own only since Node 20.15. @param {Buffer} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
