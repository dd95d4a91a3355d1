// Entry of background-fetch-sw.js: importScripts('background-fetch-sw.js') in a service worker. One
// file, with everything in it.

import { initSync } from '#engine';
import bytes from '#engine-bytes';
import { installWorker } from './worker.js';

installWorker(() => initSync({ module: bytes }));
