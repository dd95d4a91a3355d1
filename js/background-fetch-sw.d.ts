/// <reference path="./types.d.ts" />

// `import 'background-fetch-polyfill/sw'` installs Background Fetch in a service worker, if the browser lacks it.
export {};
