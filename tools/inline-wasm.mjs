// An esbuild plugin: `import bytes from '#engine-bytes'` gives the Wasm file as a Uint8Array that is
// part of the bundle, written as text.
//
// Base64 would cost a third more after compression, because it tears the bytes apart. Here each byte
// is one character, so that brotli finds the repetitions that it finds in the file itself. Scripts of
// workers are always decoded as UTF-8, whatever the server says, so any character may stand there.
import { readFileSync } from 'node:fs';

/**
 * Added to each byte. It lifts the small numbers, of which Wasm is full, above the control characters,
 * which need an escape in a string literal; of all shifts this one compresses best.
 */
const shift = 35;

/**
 * The source of a module whose default export is these bytes.
 *
 * No character is above 255, so that engines hold the text with one byte for each.
 *
 * @param {Uint8Array} bytes
 */
export function source(bytes) {
  const text = Array.from(bytes, byte => String.fromCharCode((byte + shift) & 0xff)).join('');
  return `
    const text = ${JSON.stringify(text)};
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i) - ${shift};
    export default bytes;
  `;
}

/**
 * @param {string} file the Wasm file
 * @returns {import('esbuild').Plugin}
 */
export function inlineWasm(file) {
  return {
    name: 'inline-wasm',
    setup(build) {
      build.onResolve({ filter: /^#engine-bytes$/ }, () => ({ path: file, namespace: 'inline-wasm' }));
      build.onLoad({ filter: /.*/, namespace: 'inline-wasm' }, () => ({ contents: source(readFileSync(file)), loader: 'js' }));
    },
  };
}
