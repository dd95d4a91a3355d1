/// <reference path="./types.d.ts" />

// `import 'background-fetch-polyfill/polyfill'` installs Background Fetch in a page, if the browser lacks it.
export {};
