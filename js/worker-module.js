// Entry of background-fetch-sw.mjs: import 'background-fetch-polyfill/sw' in a service worker that
// is a module or is bundled.

import init from '#engine';
import { wasmBytes } from './wasm.js';
import { installWorker } from './worker.js';

const url = new URL('background-fetch-sw.wasm', import.meta.url);
installWorker(async () => init({ module_or_path: await wasmBytes(url) }));
