// The development server: `node tools/serve.mjs [--port=8080] [--rate=bytes a second]`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { option } from './lib/options.mjs';
import { root } from './lib/run.mjs';
import { startSite } from './site.mjs';

// From the same machine a season would arrive in a blink. This is a good home connection.
const rate = Number(option('rate') ?? 1_500_000);
const wanted = Number(option('port') ?? 8080);

/** The first free port from the wanted one on. */
async function start() {
  for (let port = wanted; ; port++) {
    try {
      return await startSite({ port, rate });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EADDRINUSE' || port >= wanted + 100) throw error;
    }
  }
}

if (!existsSync(join(root, 'dist/background-fetch-sw.js')) || !existsSync(join(root, 'target/demo/range-requests.js'))) {
  console.error('There is nothing to serve yet: `npm start` builds it first.');
  process.exit(1);
}
const { port } = await start();
// Browsers may look for localhost on either family. A machine without IPv6 answers on the other.
await startSite({ port, rate, host: '::1' }).catch(() => {});
console.log(`\n  The demo is at http://localhost:${port}/  (Ctrl+C ends)\n`);
