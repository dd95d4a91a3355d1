// An esbuild plugin: `import bytes from '#engine-bytes'` gives a function that gives the Wasm file as a
// Uint8Array, which is part of the bundle, written as text.
//
// Base64 would cost a third more after compression, because it tears the bytes apart. Here a byte is
// one character or two, always the same, so that brotli finds the repetitions that it finds in the file
// itself. All of them are ASCII: such a script is decoded three times as fast as one with other
// characters, and a worker is given the whole of it at every start.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** What announces a byte of two characters. Brotli tells these two apart from all others by their neighbours. */
const ESCAPES = ' %';

/** The printable characters of ASCII that need no escape between double quotes, which minifiers therefore choose, but for those. */
const printable = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).filter(c => !'"\\'.includes(c) && !ESCAPES.includes(c));

const single = printable.length;

/** What stands for a byte: the small ones, of which Wasm is full, are one character each. */
const characters = Array.from({ length: 256 }, (_, byte) => {
  const beyond = Math.trunc(byte / single);
  return (ESCAPES[beyond - 1] ?? '') + printable[byte % single];
});

/**
 * The source of a module whose default export gives these bytes.
 *
 * The text is read from the source of a function in which it stands behind a loop without an end. V8 compiles
 * all of a service worker's script on installation and keeps the result, but nothing that it knows to be out of
 * reach: were the text within, it would be half of what is loaded at every start. No minifier takes it for dead.
 *
 * @param {Uint8Array} bytes
 */
export function source(bytes) {
  const text = Array.from(bytes, byte => characters[byte]).join('');
  return `
    function text() {
      for (;;);
      return ${JSON.stringify(text)};
    }
    export default function decode() {
      // In place: what is read is never behind what is written.
      const bytes = new TextEncoder().encode(text.toString().split('"')[1]);
      let beyond = 0;
      let end = 0;
      for (const code of bytes) {
        const escape = (code === ${ESCAPES.charCodeAt(0)}) + 2 * (code === ${ESCAPES.charCodeAt(1)});
        if (!escape) bytes[end++] = beyond * ${single} + code - 0x21 - (code > 0x22) - (code > 0x25) - (code > 0x5c);
        beyond = escape;
      }
      return bytes.subarray(0, end);
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
      // Source maps name it by its path here.
      build.onResolve({ filter: /^#engine-bytes$/ }, () => ({ path: basename(file), namespace: 'inline-wasm' }));
      build.onLoad({ filter: /.*/, namespace: 'inline-wasm' }, () => ({ contents: source(readFileSync(file)), loader: 'js' }));
    },
  };
}
