// Where Chromium's background fetches, their lists and arguments leave the text.

/** @type {import('../compare.mjs').Expectation[]} */
export const registrations = [
  {
    why: 'Chromium makes a registration object for each call; in the text a realm has one.',
    section: '`#get-a-backgroundfetchregistration-instance-algorithm`',
    follows: 'ours',
    seen: [{ in: 'get and getIds in every phase', at: ['during.page.same', 'during.worker.same',
      'kept'], native: false, ours: true },
      { in: 'progress and identity in the worker', at: 'during.same', native: false, ours: true }],
  },
  {
    why: 'Chromium sorts the ids; the text keeps their order.',
    section: '`#background-fetch-manager-get-ids`',
    follows: 'ours',
    seen: [{ in: 'get and getIds in every phase', at: ['during.page.order', 'during.worker.order'],
      native: ['10', '2', 'a', 'b'], ours: ['b', '10', 'a', '2'] }],
  },
  {
    why: 'Chromium freezes the list of ids; the text declares a sequence.',
    section: '`#background-fetch-manager`',
    follows: 'ours',
    seen: [
      { in: 'get and getIds in every phase', at: ['before.page.frozen', 'before.worker.frozen',
        'during.page.frozen', 'during.worker.frozen', 'inHandler.page.frozen',
        'inHandler.worker.frozen', 'after.page.frozen', 'after.worker.frozen'], native: true,
        ours: false },
      { in: ['odd arguments of get, getIds and abort', 'no active worker'], at: 'ids' },
    ],
  },
  {
    why: 'Chromium allows an origin five background fetches at a time.',
    section: '`#background-fetch-manager-fetch`',
    follows: 'ours',
    seen: [{ in: 'seven at a time', at: ['outcomes', 'ids'] }],
  },
  {
    why: 'Chromium refuses `fetch()` in service workers.',
    section: '`#background-fetch-manager-fetch`',
    follows: 'ours',
    seen: [{ in: 'the worker itself', at: ['outcome', 'errors.empty', 'errors.url', 'ids',
      'get'] }],
  },
  {
    why: 'Chromium makes an empty id of one with a lone surrogate.',
    section: '`#background-fetch-manager`',
    follows: 'ours',
    seen: [{ in: 'odd ids', at: ['surrogate.begun.id', 'surrogate.ended.id'], native: '',
      ours: 'a\ud800b' }],
  },
  {
    why: 'Chromium reads `platform` and `purpose` of an icon, which are its own, and not its `label`.',
    section: 'Image Resource, `ImageResource`',
    follows: 'ours',
    seen: [
      { in: 'one error after the other', at: 'order.log' },
      { in: 'odd options', at: 'iconProxy.log', ours: ['label', 'sizes', 'src', 'type'] },
    ],
  },
  {
    why: 'Chromium accepts port 0; Fetch counts it among the bad ones.',
    section: 'Fetch, port blocking',
    follows: 'ours',
    seen: [{ in: 'URLs that are refused', at: 'portZero.outcome', native: 'resolves with undefined',
      ours: 'rejects with TypeError' }],
  },
  {
    why: 'Chromium answers for the permission as `background_fetch`, and in workers with "prompt".',
    section: 'Permissions, `PermissionStatus`',
    follows: 'ours',
    seen: [
      { in: 'the permission', at: 'page.state', native: ['granted', 'background_fetch', true],
        ours: ['granted', 'background-fetch', true] },
      { in: 'the permission', at: ['worker.state', 'worker.write'] },
    ],
  },
  {
    why: 'Chromium lets `updateUI()` of an event that a script made pass; the text refuses untrusted events.',
    section: '`#background-fetch-update-ui-event-update-ui`',
    follows: 'ours',
    seen: [{ in: 'BackgroundFetchEvent and its constructors',
      at: 'BackgroundFetchUpdateUIEvent.updateUI', native: 'returns undefined',
      ours: 'rejects with DOMException InvalidStateError 11' }],
  },
  {
    why: 'Chromium leaves the objects of background fetches that went with their registration as they were, and then rejects `getIds()`; here they have failed, and as soon as their rows are deleted there are none.',
    section: '`#service-worker-registration-concept-extensions`',
    follows: 'ours',
    seen: [
      { in: 'unregistered', at: 'ids', native: 'rejects with DOMException AbortError 20' },
      { in: 'unregistered', at: ['state.result', 'state.failureReason', 'state.recordsAvailable'] },
      { in: 'unregistered and registered again', at: ['first.result', 'first.failureReason',
        'first.recordsAvailable'] },
    ],
  },
  {
    why: 'Chromium reports a rejection that `waitUntil()` reacts to as unhandled; here it is on the console.',
    section: 'HTML, HostPromiseRejectionTracker',
    follows: 'ours',
    seen: [{ in: 'a handler that throws, one that rejects and one that goes on', at: 'problems' }],
  },
];
