// Package root: for those who choose. Importing it does nothing.

export { isPolyfilled, isSupported } from './install.js';
import { globalOptions } from './options.js';
import { installPage } from './page.js';

/**
 * Installs the polyfill in this page, if it is missing or `force` is set.
 *
 * @param {import('./options.js').Options} [options] besides those of `self.backgroundFetchPolyfill`
 */
export const install = options => installPage({ ...globalOptions(), ...options });
