// An esbuild plugin: `import bytes from '#engine-bytes'` gives a function that gives the Wasm file as a
// Uint8Array, which is part of the bundle, written as text.
//
// Base64 would cost a third more after compression, because it tears the bytes apart. Here each byte
// is one character, so that brotli finds the repetitions that it finds in the file itself. Scripts of
// workers are always decoded as UTF-8, whatever the server says, so any character may stand there.
import { readFileSync } from 'node:fs';

/** The printable characters of ASCII that need no escape in a string literal. */
const printable = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).filter(c => c !== '"' && c !== '\\');

/** What stands for a byte: the small ones, of which Wasm is full, are one byte of the script each. */
const character = Array.from({ length: 256 }, (_, byte) => printable[byte] ?? String.fromCharCode(0x100 + byte));

/**
 * The source of a module whose default export gives these bytes.
 *
 * The text stands in a function, which engines skip over until it is called: a worker that starts and
 * has nothing to do pays neither for the string nor for the bytes.
 *
 * @param {Uint8Array} bytes
 */
export function source(bytes) {
  const text = Array.from(bytes, byte => character[byte]).join('');
  return `
    export default function decode() {
      const text = ${JSON.stringify(text)};
      const bytes = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i);
        bytes[i] = code < 0x100 ? code - 0x20 - (code > 0x22) - (code > 0x5c) : code;
      }
      return bytes;
    }
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
