// What the build puts in.

/** The version in package.json. */
declare const __VERSION__: string;

declare module '#engine-bytes' {
  /** The engine's Wasm, decoded at each call. */
  export default function bytes(): Uint8Array<ArrayBuffer>;
}
