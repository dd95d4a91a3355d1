// Responses of records: finished ones from stored Blobs, running ones with a body that goes on
// live.
// https://wicg.github.io/background-fetch/#create-settled-fetches-algorithm

import { dress } from './response.js';

/**
 * @typedef {import('./record.js').Source} Source
 * @typedef {import('./reader.js').ResponseRow} ResponseRow
 * @typedef {import('./reader.js').ResponseHead} ResponseHead
 */

/** The most that one read of a live body gives, in bytes. */
const SLICE = 1 << 20;

/**
 * What `responseReady` resolves or rejects with.
 *
 * @param {Source} source
 * @returns {Promise<Response>}
 */
export async function respond(source) {
  for (;;) {
    // The change that is waited for may come between the look and the waiting.
    const change = source.scope.change(source.no);
    const data = await responseData(source);
    if (!isExposed(data)) throw refusal(data);
    if (data.response) return (data.result ? finished : running)(source, data, data.response);
    if (data.result) throw refusal(data);
    await change;
  }
}

/**
 * A record's response data as it is now.
 *
 * @param {Source} source
 * @returns {Promise<ResponseRow>}
 */
async function responseData({ scope, no, index }) {
  const data = await scope.reader.response(no, index) ?? /** @type {ResponseRow} */ ({ stored: 0, result: '' });
  if (data.result) return data;
  const fetch = await scope.reader.fetch(no);
  if (fetch && !fetch.result) return data;
  // The background fetch ended between the two looks, or took this record down with it.
  const last = await scope.reader.response(no, index) ?? data;
  return { ...last, result: last.result || 'aborted' };
}

/**
 * Whether a response can be exposed:
 * https://wicg.github.io/background-fetch/#background-fetch-response-concept
 *
 * @param {ResponseRow} data
 */
const isExposed = ({ result }) => result === '' || result === 'success' || result === 'bad-status';

/** @param {ResponseRow} data */
const refusal = ({ result }) => result === 'aborted'
  ? new DOMException('The background fetch was aborted.', 'AbortError')
  : new TypeError(`There is no response: ${result}.`);

/**
 * The whole response.
 *
 * @param {Source} source
 * @param {ResponseRow} data
 * @param {ResponseHead} head
 */
async function finished({ scope, no, held, asked: { method } }, { attempt, stored, at, from }, head) {
  // No type: the Content-Type header has it, and without one there is none.
  const blob = new Blob(stored ? await scope.reader.chunks(no, at, attempt) : []).slice(from, from + stored);
  if (blob.size !== stored) throw new TypeError('The body is damaged.');
  return dress(bodyless(head, method) ? null : blob, head, headers(head, method, stored), held);
}

/**
 * A response whose body gives what is stored, and then what is added to it.
 *
 * @param {Source} source
 * @param {ResponseRow} data
 * @param {ResponseHead} head
 */
function running(source, { attempt }, head) {
  const { held, asked: { method } } = source;
  return dress(bodyless(head, method) ? null : follow(source, attempt), head, headers(head, method), held);
}

/**
 * @param {ResponseHead} head
 * @param {string} method
 */
const bodyless = ({ status }, method) => method === 'HEAD' || [0, 204, 205, 304].includes(status);

/**
 * The headers without those that told about one transfer only.
 *
 * Deviation: the text leaves out Content-Length. Clients of the native implementation have it, so a
 * finished body gets its exact length, unless a Content-Encoding makes it mean something else. The
 * answer to HEAD tells the length of another one.
 *
 * @param {ResponseHead} head
 * @param {string} method
 * @param {number} [length]
 */
function headers(head, method, length) {
  const list = new Headers(head.headers);
  list.delete('content-range');
  if (method === 'HEAD') return list;
  list.delete('content-length');
  if (length !== undefined && !bodyless(head, method) && !list.has('content-encoding')) {
    list.set('content-length', `${length}`);
  }
  return list;
}

/**
 * The body of one attempt, as far as it is stored, and on as it grows.
 *
 * @param {Source} source
 * @param {number} attempt
 */
function follow(source, attempt) {
  const { scope, no, index } = source;
  let position = 0;
  /** What is left of the chunk that was read last. */
  let rest = new Blob();

  /** @param {ReadableStreamDefaultController<Uint8Array>} controller */
  async function pull(controller) {
    while (!rest.size) {
      const change = scope.change(no);
      const data = await responseData(source);
      // A new attempt makes the old response data redundant: these bytes will never be whole.
      if (data.attempt !== attempt) throw new TypeError('The transfer began anew.');
      if (!isExposed(data)) throw refusal(data);
      if (data.stored > position) {
        const chunk = await scope.reader.chunk(no, index, attempt, position);
        rest = new Blob(chunk ? [chunk] : []);
        // Deleted between the two looks: the next one tells why.
        if (!rest.size) await change;
      } else if (data.result) {
        return controller.close();
      } else {
        await change;
      }
    }
    const bytes = new Uint8Array(await rest.slice(0, SLICE).arrayBuffer());
    rest = rest.slice(SLICE);
    position += bytes.length;
    controller.enqueue(bytes);
  }

  return new ReadableStream({
    pull,
    // What waits in pull() for more looks once more, and finds that it is in vain.
    cancel() { attempt = 0; },
  }, { highWaterMark: 0 });
}
