// What the build puts in.

/** The version in package.json. */
declare const __VERSION__: string;

declare module '#engine-bytes' {
  /** The engine's Wasm. */
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
