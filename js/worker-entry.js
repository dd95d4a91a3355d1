// Entry of background-fetch-sw.js, for importScripts() in a service worker, and of
// background-fetch-sw.mjs, for import in one that is a module or is bundled.

import './worker-scope.js';
import { installWorker } from './worker.js';

installWorker();
