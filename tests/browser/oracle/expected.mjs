// The differences between Chromium's own implementation and ours, each with its reason. SPEC.md has the same
// sentences for readers.
import { absent } from './compare.mjs';

/** @typedef {import('./compare.mjs').Expectation} Expectation */

const unlikeEnds = ['worker.event.type', 'page.settled.result', 'page.settled.failureReason', 'page.settled.downloaded', 'page.atEvent.0.type', 'page.after.state.result', 'page.progress.last.failureReason', 'events', 'worker.atEvent.result', 'worker.records.*'];
const unlikeParts = [...unlikeEnds, 'page.atEvent.0.result', 'page.atEvent.0.failureReason', 'page.atEvent.0.downloaded', 'page.after.state.failureReason', 'page.after.state.downloaded', 'page.progress.last.result', 'page.progress.last.downloaded', 'worker.atEvent.failureReason', 'worker.atEvent.downloaded'];
const noBodyOfOurs = ['page.settled.downloaded', 'page.atEvent.0.downloaded', 'page.after.state.downloaded', 'page.progress.last.downloaded'];

/** What the rules of the platform forbid to a script. @type {Expectation[]} */
const beyondReach = [
  {
    why: 'An event that a script dispatches is not trusted (DOM).',
    follows: 'native',
    seen: [
      { at: '*event.trusted', native: true, ours: false },
      { at: '*progress.events', native: ['Event true false false false 2 true'], ours: ['Event true false false false 2 false'] },
    ],
  },
  {
    why: 'When a script dispatches an event, microtasks run after the last listener, not after each (HTML).',
    follows: 'native',
    seen: [
      { in: 'microtasks between listeners', at: 'seen', native: ['first', 'microtask of the first', 'second'], ours: ['first', 'second', 'microtask of the first'] },
      { in: 'handlers, listeners and their order', at: 'seen.order' },
    ],
  },
  {
    why: 'The native `waitUntil()` refuses events that a script dispatched, so `BackgroundFetchEvent` has one of its own.',
    follows: 'native',
    seen: [{ in: 'the interfaces in a service worker', at: ['shapes.BackgroundFetchEvent.members.waitUntil', 'shapes.BackgroundFetchEvent.order'] }],
  },
  {
    why: 'Objects of a script\'s class can be cloned, as plain objects; only objects of the platform refuse.',
    follows: 'native',
    seen: [
      { in: 'the extensions of other interfaces', at: 'page.clone', native: 'throws DOMException DataCloneError 25', ours: 'returns [object Object]' },
      { in: 'a response as an object', at: ['page.clone', 'worker.clone'], native: 'throws DOMException DataCloneError 25', ours: 'returns [object Object]' },
    ],
  },
  {
    why: 'Nobody tells a script that a registration was removed: its ids are listed until the next one is installed, and what was under way has failed then.',
    follows: 'native',
    seen: [
      { in: 'unregistered', at: 'ids', native: 'rejects with DOMException AbortError 20', ours: 'resolves with ["gone"]' },
      { in: 'unregistered and registered again', at: ['first.result', 'first.failureReason', 'first.recordsAvailable'] },
    ],
  },
  {
    why: 'Only the platform can report what the policy of a page forbids as a violation of it.',
    follows: 'native',
    seen: [{ in: 'a policy of the page', at: 'violations', native: ['connect-src'], ours: [] }],
  },
];

/** Where the native registration manager leaves the text. @type {Expectation[]} */
const registrations = [
  {
    why: 'Chromium makes a registration object for each call; in the text a realm has one.',
    follows: 'ours',
    seen: [{ in: 'get and getIds in every phase', at: ['during.page.same', 'during.worker.same', 'kept'], native: false, ours: true }],
  },
  {
    why: 'Chromium sorts the ids; the text keeps their order.',
    follows: 'ours',
    seen: [{ in: 'get and getIds in every phase', at: ['during.page.order', 'during.worker.order'], native: ['10', '2', 'a', 'b'], ours: ['b', '10', 'a', '2'] }],
  },
  {
    why: 'Chromium freezes the list of ids; the text declares a sequence.',
    follows: 'ours',
    seen: [
      { in: 'get and getIds in every phase', at: ['before.page.frozen', 'before.worker.frozen', 'during.page.frozen', 'during.worker.frozen', 'inHandler.page.frozen', 'inHandler.worker.frozen', 'after.page.frozen', 'after.worker.frozen'], native: true, ours: false },
      { in: ['odd arguments of get, getIds and abort', 'no active worker'], at: 'ids' },
    ],
  },
  {
    why: 'Chromium allows an origin five background fetches at a time.',
    follows: 'ours',
    seen: [{ in: 'seven at a time', at: ['outcomes', 'ids'] }],
  },
  {
    why: 'Chromium refuses `fetch()` in service workers.',
    follows: 'ours',
    seen: [{ in: 'the worker itself', at: ['outcome', 'errors.empty', 'errors.url', 'ids', 'get'] }],
  },
  {
    why: 'Chromium makes an empty id of one with a lone surrogate.',
    follows: 'ours',
    seen: [{ in: 'odd ids', at: ['surrogate.begun.id', 'surrogate.ended.id'], native: '', ours: 'a\ud800b' }],
  },
  {
    why: 'Chromium reads `platform` and `purpose` of an icon, which are its own, and not its `label`.',
    follows: 'ours',
    seen: [
      { in: 'one error after the other', at: 'order.log' },
      { in: 'odd options', at: 'iconProxy.log', ours: ['label', 'sizes', 'src', 'type'] },
    ],
  },
  {
    why: 'Chromium accepts port 0; Fetch counts it among the bad ones.',
    follows: 'ours',
    seen: [{ in: 'URLs that are refused', at: 'portZero.outcome', native: 'resolves with undefined', ours: 'rejects with TypeError' }],
  },
  {
    why: 'Chromium answers for the permission as `background_fetch`, and in workers with "prompt".',
    follows: 'ours',
    seen: [
      { in: 'the permission', at: 'page.state', native: ['granted', 'background_fetch', true], ours: ['granted', 'background-fetch', true] },
      { in: 'the permission', at: ['worker.state', 'worker.write', 'worker.getter'] },
    ],
  },
  {
    why: 'Chromium lets `updateUI()` of an event that a script made pass; the text refuses untrusted events.',
    follows: 'ours',
    seen: [{ in: 'BackgroundFetchEvent and its constructors', at: 'BackgroundFetchUpdateUIEvent.updateUI', native: 'returns undefined', ours: 'rejects with DOMException InvalidStateError 11' }],
  },
];

/** Where its downloads do. @type {Expectation[]} */
const downloads = [
  {
    why: 'Chromium ignores the mode of a request.',
    follows: 'ours',
    seen: [{ in: 'same-origin mode on another origin', at: unlikeParts }],
  },
  {
    why: 'Chromium ignores the redirect mode of a request, and follows.',
    follows: 'ours',
    seen: [{ in: ['a redirect that is not to be followed', 'a redirect that is an error'], at: unlikeParts }],
  },
  {
    why: 'Chromium ignores the integrity of a request.',
    follows: 'ours',
    seen: [{ in: 'Requests with something special', at: ['integrity.ended.downloaded', 'integrity.ended.result', 'integrity.ended.failureReason'] }],
  },
  {
    why: 'Chromium fails every request that needs a preflight.',
    follows: 'ours',
    seen: [{ in: 'another origin that asks for a preflight', at: unlikeParts }],
  },
  {
    why: 'Chromium sends a POST again whose answer broke off; the text forbids it.',
    follows: 'ours',
    seen: [{ in: 'a POST whose connection breaks', at: unlikeParts }],
  },
  {
    why: 'Chromium sends nothing for a body that is a stream.',
    follows: 'ours',
    seen: [{ in: 'Requests with something special', at: ['stream.begun.uploadTotal', 'stream.ended.uploadTotal', 'stream.ended.uploaded'], native: 0, ours: 3 }],
  },
  {
    why: 'Chromium takes a first 206 for the whole; the text asks for the rest.',
    follows: 'ours',
    seen: [{ in: 'Requests with something special', at: 'headers.ended.downloaded', native: 5, ours: 10 }],
  },
  {
    why: 'Chromium drops the body of an error status.',
    follows: 'ours',
    seen: [
      { in: ['a bad status', 'a bad status among good ones', 'another origin with a bad status', 'a redirect to nothing'], at: [...noBodyOfOurs, 'worker.atEvent.downloaded', 'worker.records.*.hasBody', 'worker.records.*.body'] },
      { in: 'updateUI on a failure, read in order', at: noBodyOfOurs, native: 0, ours: 1000 },
      { in: 'records of a background fetch that failed', at: ['page.seen.*.hasBody', 'page.seen.*.body', 'page.state.downloaded', 'worker.seen.*.hasBody', 'worker.seen.*.body', 'worker.state.downloaded'] },
      { in: 'odd requests', at: ['nullInList.ended.downloaded', 'null.ended.downloaded', 'undefined.ended.downloaded', 'number.ended.downloaded', 'stringObject.ended.downloaded', 'Response.ended.downloaded'], native: 0, ours: 10 },
      { in: 'odd requests', at: 'holes.ended.downloaded', native: 10, ours: 20 },
    ],
  },
  {
    why: 'Chromium drops what has arrived of a record that is not whole at the end.',
    follows: 'ours',
    seen: [
      { in: 'abort half-way', at: [...noBodyOfOurs, 'worker.atEvent.downloaded'], native: 1000, ours: 1_001_000 },
      { in: 'abort half-way', at: 'page.progress.growing', native: false, ours: true },
    ],
  },
  {
    why: 'Chromium may tell of the end of an aborted background fetch before `abort()` resolves.',
    follows: 'ours',
    seen: [{ in: 'abort at once', at: 'aborted.log', sometimes: true }],
  },
  {
    why: 'Chromium sends cookies in spite of `credentials`, an Origin where Fetch sends none, and no Accept of its own.',
    follows: 'ours',
    seen: [
      { in: 'requests as the server sees them', at: ['*/plain.accept', '*/omit.accept', '*/include.accept', '*/post.accept', '*/cross.accept'], native: 'none', ours: '*/*' },
      { in: 'requests as the server sees them', at: ['*/plain.origin', '*/omit.origin', '*/include.origin', '*/accept.origin'], native: 'ORIGIN', ours: 'none' },
      { in: 'requests as the server sees them', at: ['*/omit.cookie', '*/cross.cookie'], native: 'sent', ours: 'none' },
    ],
  },
];

/** Where its records do. @type {Expectation[]} */
const records = [
  {
    why: 'Chromium makes responses anew, and loses their type.',
    follows: 'ours',
    seen: [
      { at: ['*.type'], native: 'default', ours: 'basic' },
      { in: ['another origin that allows it', 'another origin that exposes everything', 'another origin with a bad status', 'a redirect to another origin'], at: ['*records*.type', '*records*.clone.type'], native: 'default', ours: 'cors' },
    ],
  },
  {
    why: 'Chromium shows every header of another origin\'s response, exposed or not.',
    follows: 'ours',
    seen: [{ in: ['another origin that allows it', 'another origin with a bad status', 'a redirect to another origin'], at: ['worker.records.*.headers.accept-ranges', 'worker.records.*.headers.access-control-allow-origin', 'worker.records.*.headers.connection', 'worker.records.*.headers.date', 'worker.records.*.headers.etag'], ours: absent },
      { in: 'another origin that allows it', at: 'worker.records.*.headers.x-own', native: '1', ours: absent }],
  },
  {
    why: 'Chromium gives a response without bytes no body; the text gives it an empty stream.',
    follows: 'ours',
    seen: [{ in: 'an empty body', at: 'worker.records.*.hasBody', native: false, ours: true }],
  },
  {
    why: 'Chromium keeps the length of a coded transfer; the text removes Content-Length.',
    follows: 'ours',
    seen: [{ in: ['a coded body', 'a coded body within the total of its coded length'], at: 'worker.records.*.headers.content-length', ours: absent }],
  },
  {
    why: 'Chromium has no response before its body is whole; the text has it with the headers, and so without a length.',
    follows: 'ours',
    seen: [
      { in: 'records while it runs', at: ['page.ready', 'worker.ready'], native: 'pending', ours: 200 },
      { in: 'records while it runs', at: ['later.seen.1.response.headers.content-length', 'laterInWorker.seen.1.response.headers.content-length'], native: '2000', ours: absent },
    ],
  },
  {
    why: 'Chromium rejects hidden responses with UnknownError; the text says TypeError.',
    follows: 'ours',
    seen: [
      { in: ['another origin that refuses', 'a redirect to another origin that refuses'], at: 'worker.records.*', native: 'DOMException UnknownError 0', ours: 'TypeError' },
      { in: 'records of a background fetch that failed', at: ['page.seen.*', 'worker.seen.*'], native: 'DOMException UnknownError 0', ours: 'TypeError' },
    ],
  },
  {
    why: 'When the total is exceeded, Chromium shows that response, without a body; the text hides it.',
    follows: 'ours',
    seen: [{ in: ['the total exceeded', 'the total exceeded by the second', 'the total exceeded without a length'], at: 'worker.records.*', ours: 'TypeError' }],
  },
  {
    why: 'Chromium lists records in an order of its own.',
    follows: 'ours',
    seen: [{ in: 'the order of records', at: ['page.asAsked', 'worker.asAsked'], native: false, ours: true }],
  },
  {
    why: 'Chromium leaves records whose responses have Vary out of `matchAll()`.',
    follows: 'ours',
    seen: [{ in: 'queries', at: ['page.seen.all.all', 'page.seen.undefined.all', 'page.seen.undefinedOptions.all', 'page.seen.undefinedIgnoring.all', 'worker.seen.all.all', 'worker.seen.undefined.all', 'worker.seen.undefinedOptions.all', 'worker.seen.undefinedIgnoring.all'] }],
  },
  {
    why: 'Chromium compares the methods of query and record; in the text only GET queries match.',
    follows: 'ours',
    seen: [{ in: 'queries', at: ['page.seen.post.all', 'page.seen.post.one', 'page.seen.head.all', 'page.seen.head.one', 'page.seen.headByHead.all', 'page.seen.headByHead.one', 'worker.seen.post.all', 'worker.seen.post.one', 'worker.seen.head.all', 'worker.seen.head.one', 'worker.seen.headByHead.all', 'worker.seen.headByHead.one'] }],
  },
  {
    why: 'Chromium keeps of a request only its URL, method and headers.',
    follows: 'ours',
    seen: [
      { in: ['requests of records', 'bodies of requests of records'], at: '*.mode', native: 'no-cors', ours: 'cors' },
      { in: ['requests of records', 'bodies of requests of records'], at: '*.credentials', native: 'omit', ours: 'same-origin' },
      { in: ['requests of records', 'bodies of requests of records'], at: '*.referrer', native: '', ours: 'about:client' },
      { in: 'requests of records', at: ['*referring.credentials', '*referring.referrer'] },
      { in: 'requests of records', at: ['*special.cache', '*special.referrerPolicy', '*referring.referrerPolicy', '*integrity.integrity'] },
      { in: 'requests of records', at: ['*text.hasBody', '*text.body', '*text.used', '*text.again', '*typed.hasBody', '*typed.body', '*typed.used', '*typed.again', '*put.hasBody', '*put.used', '*put.again'] },
      { in: 'bodies of requests of records', at: ['*.hasBody', '*.body', '*.fields'] },
    ],
  },
];

/** @type {Expectation[]} */
export const expected = [...beyondReach, ...registrations, ...downloads, ...records];
