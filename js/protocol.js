// What pages and the service worker say to each other, and the plain values that both know.

/**
 * @typedef {object} StoredRequest A request, in a form that a database holds.
 * @property {string} url
 * @property {string} method
 * @property {[string, string][]} headers
 * @property {string} mode
 * @property {string} credentials
 * @property {string} cache
 * @property {string} redirect
 * @property {string} referrer
 * @property {string} referrerPolicy
 * @property {string} integrity
 * @property {boolean} [keepalive] missing where the engine does not tell
 * @property {Blob | null} body
 *
 * @typedef {Omit<StoredRequest, 'body'> & { body: Blob | ArrayBuffer | null }} RequestRow The same
 *   in the database: some do not take Blobs.
 *
 * @typedef {object} ImageResource #dictdef-backgroundfetchuioptions: an icon, its `src` resolved
 * @property {string} src
 * @property {string} [sizes]
 * @property {string} [type]
 * @property {string} [label]
 *
 * @typedef {object} UIOptions What is not given is undefined.
 * @property {string} [title]
 * @property {ImageResource[]} [icons]
 *
 * @typedef {object} NewFetch What `fetch()` asks for.
 * @property {string} id
 * @property {string} title
 * @property {ImageResource[]} icons
 * @property {number} downloadTotal bytes; 0 for no limit
 * @property {number} uploadTotal bytes
 * @property {StoredRequest[]} requests
 *
 * @typedef {'' | 'success' | 'failure'} Result
 * @typedef {'' | 'aborted' | 'bad-status' | 'fetch-error' | 'quota-exceeded' |
 *   'download-total-exceeded'} FailureReason
 *
 * @typedef {object} State A background fetch, seen from outside.
 * @property {number} no its number within the scope, never given twice: ids come back, numbers do
 *   not
 * @property {string} id
 * @property {string} title
 * @property {ImageResource[]} icons
 * @property {number} uploadTotal
 * @property {number} uploaded
 * @property {number} downloadTotal
 * @property {number} downloaded
 * @property {Result} result
 * @property {FailureReason} failureReason
 * @property {boolean} recordsAvailable
 * @property {boolean} paused
 *
 * @typedef {State & { life: string, turn: number }} Snapshot A state with its place in time: the
 *   worker's life it comes from
 *   and its place in that life. Channels may overtake each other.
 */

/**
 * @typedef {{ type: 'fetch', request: NewFetch }} FetchCommand
 * @typedef {{ type: 'get', id: string }} GetCommand
 * @typedef {{ type: 'abort', no: number }} AbortCommand
 * @typedef {{ type: 'pause', no: number, paused: boolean }} PauseCommand pauses, or lets go on
 * @typedef {{ type: 'retry' }} RetryCommand
 * @typedef {{ type: 'click', id: string }} ClickCommand
 * @typedef {{ type: 'inspect' }} InspectCommand
 * @typedef {{ type: 'subscribe', nos: number[] }} SubscribeCommand `nos`: what the page believes to
 *   be under way
 * @typedef {FetchCommand | GetCommand | AbortCommand | PauseCommand | RetryCommand | ClickCommand |
 *   InspectCommand | SubscribeCommand} Command
 *
 * @typedef {object} Answers What each command is answered with.
 * @property {Snapshot} fetch
 * @property {Snapshot | undefined} get
 * @property {boolean} abort
 * @property {Snapshot} pause
 * @property {undefined} retry
 * @property {undefined} click
 * @property {object} inspect
 * @property {(Snapshot | undefined)[]} subscribe one for each of the numbers asked for; undefined:
 *   no longer known
 *
 * @typedef {{ type: 'hello', protocol: number, version: string, life: string }} Hello
 * @typedef {{ type: 'answer', value: Answers[keyof Answers] }} Answer
 * @typedef {{ type: 'error', name: string, message: string }} Failure
 * @typedef {Hello | Answer | Failure} Reply what the worker posts on the port of a command
 *
 * @typedef {{ type: 'settle', turn: number, state: Snapshot } | { type: 'prompt' }} Notice what it
 *   posts on a subscriber's port
 * @typedef {{ type: 'settled', turn: number } | { type: 'here' } | { type: 'leave' }} Response what
 *   the subscriber posts back
 *
 * @typedef {{ type: 'progress', state: Snapshot } | { type: 'start', life: string }} Hint what goes
 *   over the BroadcastChannel:
 *   it may be lost, late or forged, and nothing but what pages show hangs on it
 */

/** Raised when an older page and a newer worker could misunderstand each other. */
export const protocol = 1;

/** The package's version. */
export const version = __VERSION__;

/** Names everything of ours that others can see: databases, locks, channels, messages. */
export const name = 'background-fetch-polyfill';

/**
 * An exception, as a message can carry it.
 *
 * @param {unknown} error
 * @returns {Failure}
 */
export const toFailure = error => error instanceof Error || error instanceof DOMException
  ? { type: 'error', name: error.name, message: error.message }
  : { type: 'error', name: 'UnknownError', message: String(error) };

/** The name of the exception by which an engine says that another one has taken over. */
export const DEPOSED = 'NoModificationAllowedError';

/**
 * The same exception in this realm.
 *
 * @param {{ name: string, message: string }} failure
 */
export const toException = ({ name, message }) =>
  name === 'TypeError' ? new TypeError(message) : domException(message, name);

/**
 * A DOMException, by its own class where the engine has one for that name.
 *
 * @typedef {{ QuotaExceededError: new (message: string) => DOMException }} QuotaExceededErrors
 *
 * @param {string} message
 * @param {string} name
 */
export function domException(message, name) {
  const { QuotaExceededError } = /** @type {Partial<QuotaExceededErrors>} */ (globalThis);
  return name === 'QuotaExceededError' && QuotaExceededError
    ? new QuotaExceededError(message)
    : new DOMException(message, name);
}
