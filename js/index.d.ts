/// <reference path="./types.d.ts" />

/**
 * Installs the polyfill in this page, if the browser has no Background Fetch or `force` is set.
 *
 * The service worker's script must load `background-fetch-polyfill/sw` for itself; there, this throws
 * a TypeError.
 */
export function install(options?: BackgroundFetchPolyfillOptions): void;

/** Whether there is Background Fetch in this realm, the browser's own or the polyfill's. */
export function isSupported(): boolean;

/** Whether the Background Fetch of this realm is the polyfill's. */
export function isPolyfilled(): boolean;
