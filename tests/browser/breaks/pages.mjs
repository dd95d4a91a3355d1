// Pages and the worker: how they find each other, and what they know of the network.
// Each break: what it is, a piece of text, what stands there instead, the spec that turns red, a title in it.
/** @type {import('../../../tools/breaks.mjs').Breaks} */
export default {
  'channel.js': [
    ['a greeting in the going counts', 'listen(port, hello => isRedundant() || resolve(hello));', 'listen(port, resolve);', 'removal', 'before it greets', 'chromium, webkit'], // Firefox lets a worker that has greeted wait for its command first.
    ['a worker goes unnoticed', "worker.addEventListener('statechange', () => setTimeout(ask, TAKING_OVER), { signal });", '', 'removal', 'before it answers'],
    ['what to do unsaid', ' It must import `\n      + \'background-fetch-sw.js, with the same options.\'', '', 'refusals', 'does not load'],
    [
      'a removed worker is waited for',
      "worker.addEventListener('statechange', changed, { signal });",
      '',
      'refusals', 'removed', 'chromium',
    ],
    ['back and deaf', "addEventListener('pageshow', () => {\n        this.#listen();", "addEventListener('pageshow', () => {", 'wake', 'while it subscribed'],
    ['a worker that has taken over is not asked', "if (hello?.type !== 'statechange') attempts--;", 'attempts--;', 'updates', 'takes the place'],
  ],
  'keepalive.js': [
    ['a new version takes over from a handler', 'worker.registration.waiting && !handled', 'worker.registration.waiting', 'updates', 'from a handler', 'firefox, webkit'],
    ['pages keep a new version waiting', ' || isAwaited() && hasPages()', '', 'updates', 'takes over in mid', 'firefox, webkit'],
  ],
  'worker-scope.js': [
    ['pages are not told', "if (!('ExtendableEvent' in globalThis))", 'if (0)', 'entries', 'which one is theirs'],
  ],
  'transfer.js': [
    ['two conditions', '!/^(if-)?range$/i', '!/^range$/i', 'resume', 'of the page itself'],
    ['whatever is called fetch', "import { fetch } from './worker-scope.js';", '', 'requests', 'of the application'],
  ],
  'envelope.js': [
    ['a browser everywhere', "'NavigatorUAData' in globalThis", "'userAgentData' in navigator", 'entries', 'no browser'],
  ],
  'install.js': [
    ['a registration everywhere', "'ServiceWorkerRegistration' in globalThis && 'backgroundFetch'", "'backgroundFetch'", 'entries', 'without registrations'],
    ['downloads outlive their registration', 'if (this instanceof ServiceWorkerRegistration) Scope.of(this).end();', '', 'removal', 'who removes', 'firefox, webkit'], // In Chromium the worker sees it.
  ],
  'page.js': [
    ['nobody looks again', 'setInterval(look, LOOK);', '', 'frames', 'was there before'],
    ['frames without an origin', "catch {\n    // Frames without an origin of their own have neither workers nor databases.\n  }", 'finally {}', 'frames', 'without an origin'],
    ['taken for a page', "if ('ServiceWorkerGlobalScope' in globalThis)", 'if (0)', 'entries', 'which one it needs'],
  ],
  'scope.js': [
    ['old ends unknown', '...await this.reader.end(no),', '', 'cached', 'cleared away'],
    ['records of old ends', 'this.reader.end(no),\n        recordsAvailable: false,', 'this.reader.end(no),', 'cached', 'cleared away'],
  ],
  'lease.js': [
    ['swept once', 'await acted.catch(() => false)', 'await acted.catch(() => true)', 'storage', 'deleted later'],
  ],
  'reader.js': [
    // WebKit itself closes the connections of a page that it keeps, and tells that page by a close event.
    ['database held in the cache of pages', "addEventListener('pagehide', leave);", '', 'cached', 'holds up nobody', 'chromium, firefox'],
  ],
  'probe.js': [
    ['a question with a referrer', "priority: 'low', referrerPolicy,", "priority: 'low',", 'fetch', 'tells no more'],
    ['redirects of the own origin not asked about', "if (type !== 'opaqueredirect') return type ? 2 : 0;", 'return 0;', 'fetch', 'does not follow'],
    ['other redirects not asked about', "await ask('cors', 'manual') ? 1 : 0", '0', 'fetch', 'does not follow'],
    ['violations unheard', "disposition === 'enforce'", 'false', 'permissions', 'policy of the worker', 'chromium, firefox'],
  ],
};
