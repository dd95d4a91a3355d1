// What the build has to bundle for the demo: the one npm package that its service worker uses. The
// worker itself stays a classic script that is served as it was written, since it is there to be
// read; it takes this bundle in with importScripts.
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Where the bundle is written. Not in dist/: it is no part of the package. */
export const rangeRequestsFile = `${ROOT}target/demo/range-requests.js`;

/**
 * Options for esbuild's `build`.
 * @type {import('esbuild').BuildOptions}
 */
export const demoBundle = {
  absWorkingDir: ROOT,
  // Only the function: the package's index would also bring its plug-in for Workbox's strategies.
  entryPoints: ['workbox-range-requests/createPartialResponse.js'],
  outfile: rangeRequestsFile,
  bundle: true,
  format: 'iife',
  globalName: 'workboxRangeRequests',
  minify: true,
  target: 'es2022',
  legalComments: 'inline',
  define: { 'process.env.NODE_ENV': '"production"' },
};
