// Where its downloads do.

/** All that differs where one of the two succeeds and the other fails. */
const anotherEnd = ['events', 'worker.event.type', 'worker.records.*', 'page.atEvent.0.type',
  ...['page.settled', 'page.after.state', 'page.progress.last', 'page.atEvent.0', 'worker.atEvent']
    .flatMap(where => [`${where}.result`, `${where}.failureReason`, `${where}.downloaded`])];

/** Where bytes of an error status show as downloaded. */
const counted = ['page.settled.downloaded', 'page.atEvent.0.downloaded',
  'page.after.state.downloaded', 'page.progress.last.downloaded'];

/** @type {import('../compare.mjs').Expectation[]} */
export const downloads = [
  {
    why: 'Chromium ignores the mode of a request.',
    section: 'Fetch, main fetch',
    follows: 'ours',
    seen: [{ in: ['same-origin mode on another origin',
      'a redirect to another origin in same-origin mode'], at: anotherEnd }],
  },
  {
    why: 'Chromium ignores the redirect mode of a request, and follows.',
    section: 'Fetch, HTTP fetch',
    follows: 'ours',
    seen: [{ in: ['a redirect that is not to be followed', 'a redirect that is an error'],
      at: anotherEnd }],
  },
  {
    why: 'Chromium goes past the HTTP cache, whatever the request says.',
    section: 'Fetch, HTTP-network-or-cache fetch',
    follows: 'ours',
    seen: [{ in: 'the HTTP cache', at: ['asked.default', 'asked.no-store', 'asked.reload',
      'asked.no-cache', 'asked.force-cache', 'seen.worker.records.*/default.headers.connection',
      'seen.worker.records.*/force-cache.headers.connection'] }],
  },
  {
    why: 'Chromium ignores the integrity of a request.',
    section: 'Fetch, main fetch',
    follows: 'ours',
    seen: [{ in: 'Requests with something special', at: ['integrity.ended.downloaded',
      'integrity.ended.result', 'integrity.ended.failureReason'] }],
  },
  {
    why: 'Chromium fails every request that needs a preflight.',
    section: 'Fetch, CORS-preflight fetch',
    follows: 'ours',
    seen: [{ in: 'another origin that asks for a preflight', at: anotherEnd }],
  },
  {
    why: 'Chromium takes a list of origins for a permission; Fetch compares it with the one.',
    section: 'Fetch, CORS check',
    follows: 'ours',
    seen: [{ in: 'another origin that allows two', at: anotherEnd }],
  },
  {
    why: 'Chromium asks only the last of a chain of redirects for its permission.',
    section: 'Fetch, HTTP fetch',
    follows: 'ours',
    seen: [{ in: 'a redirect from another origin that refuses', at: anotherEnd }],
  },
  {
    why: 'Chromium sends a POST again whose answer broke off; the text forbids it.',
    section: '`#complete-a-record-algorithm`',
    follows: 'ours',
    seen: [{ in: 'a POST whose connection breaks', at: anotherEnd }],
  },
  {
    why: 'Chromium sends nothing for a body that is a stream.',
    section: '`#background-fetch-manager-fetch`',
    follows: 'ours',
    seen: [{ in: 'Requests with something special', at: ['stream.begun.uploadTotal',
      'stream.ended.uploadTotal', 'stream.ended.uploaded'], native: 0, ours: 3 },
      { in: 'a body that fails', at: ['outcome', 'used', 'ids'] }],
  },
  {
    why: 'Chromium takes a first 206 for the whole; the text asks for the rest.',
    section: '`#complete-a-record-algorithm`',
    follows: 'ours',
    seen: [{ in: 'Requests with something special', at: 'headers.ended.downloaded', native: 5,
      ours: 10 }],
  },
  {
    why: 'Chromium drops the body of an error status.',
    section: '`#background-fetch-response-concept`',
    follows: 'ours',
    seen: [
      { in: ['a bad status', 'a bad status among good ones', 'another origin with a bad status',
        'a redirect to nothing', 'the status 401', 'the status 403', 'a status text of its own',
        'a bad status of a POST', 'bad statuses of different kinds'], at: [...counted, 'worker.atEvent.downloaded',
        'worker.records.*.hasBody', 'worker.records.*.body'] },
      { in: 'a bad status within no total', at: ['worker.records.*',
        ...counted.map(at => at.replace('downloaded', 'failureReason')),
        'worker.atEvent.failureReason'] },
      { in: 'updateUI on a failure, read in order', at: counted, native: 0, ours: 1000 },
      { in: 'records of a background fetch that failed', at: ['page.seen.*.hasBody',
        'page.seen.*.body', 'page.state.downloaded', 'worker.seen.*.hasBody', 'worker.seen.*.body',
        'worker.state.downloaded'] },
      { in: 'odd requests', at: ['nullInList.ended.downloaded', 'null.ended.downloaded',
        'undefined.ended.downloaded', 'number.ended.downloaded', 'stringObject.ended.downloaded',
        'Response.ended.downloaded'], native: 0, ours: 10 },
      { in: 'odd requests', at: 'holes.ended.downloaded', native: 10, ours: 20 },
    ],
  },
  {
    why: 'Chromium drops what has arrived of a record that is not whole at the end.',
    section: '`#background-fetch-concept`',
    follows: 'ours',
    seen: [
      { in: 'abort half-way', at: [...counted, 'worker.atEvent.downloaded'], native: 1000,
        ours: 1_001_000 },
      { in: 'abort half-way', at: 'page.progress.growing', native: false, ours: true },
    ],
  },
  {
    why: 'Chromium may tell of the end of an aborted background fetch before `abort()` resolves.',
    section: '`#background-fetch-registration-abort`',
    follows: 'ours',
    seen: [{ in: ['abort at once', 'abort half-way'], at: 'aborted.log', sometimes: true }],
  },
  {
    why: 'Chromium sends cookies in spite of `credentials`, an Origin where Fetch sends none, and no Accept of its own.',
    section: 'Fetch, HTTP-network-or-cache fetch',
    follows: 'ours',
    seen: [
      { in: 'requests as the server sees them', at: ['*/plain.accept', '*/omit.accept',
        '*/include.accept', '*/post.accept', '*/cross.accept'], native: 'none', ours: '*/*' },
      { in: 'requests as the server sees them', at: ['*/plain.origin', '*/omit.origin',
        '*/include.origin', '*/accept.origin'], native: 'ORIGIN', ours: 'none' },
      { in: 'requests as the server sees them', at: ['*/omit.cookie', '*/cross.cookie'],
        native: 'sent', ours: 'none' },
    ],
  },
  {
    why: 'Chromium says in Sec-Fetch-Mode that it navigates, and sends no Referer.',
    section: 'Fetch Metadata, Sec-Fetch-Mode',
    follows: 'ours',
    seen: [
      { in: 'requests as the server sees them', at: 'own.* /bytes/*.sec-fetch-mode',
        native: 'navigate', ours: 'cors' },
      { in: 'requests as the server sees them', at: 'own.* /bytes/*.referer', native: 'none',
        ours: 'ORIGIN/' },
    ],
  },
];
