// Entry of background-fetch.js and background-fetch.mjs, for pages and for dedicated and shared
// workers.

import { globalOptions } from './options.js';
import { installPage } from './page.js';

installPage(globalOptions());
