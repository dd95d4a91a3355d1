// The url of our responses survives Cache Storage: applications look for what they have by it.
//
// A cache keeps what a script gives it, and a script cannot give it a url. So what a Response says
// about itself goes into a header, signed with the origin's secret, and is taken out again on the
// way back. A realm without this script sees the header.

import { patchMethod } from './patch.js';
import { dressOf, putOn } from './response.js';
import { sign } from './secret.js';

const MARK = 'x-background-fetch-polyfill';

/** Teaches Cache and CacheStorage. Once per realm. */
export function patchCaches() {
  const { Cache, CacheStorage } = /** @type {Partial<typeof globalThis>} */ (globalThis);
  if (!Cache || !CacheStorage) return;
  const { put, match, matchAll } = Cache.prototype;
  patchMethod(Cache.prototype, {
    put(request, response) {
      // What the cache refuses for its method it does not read.
      const { method } = /** @type {Partial<Request>} */ (Object(request));
      const marked = (method ?? 'GET') === 'GET' ? mark(response) : undefined;
      // The response holds the rows of its body: it must not be garbage before they are copied.
      return marked
        ? marked.then(copy => Reflect.apply(put, this, [request, copy])).finally(() => response)
        : Reflect.apply(put, this, arguments);
    },
    match() {
      return Reflect.apply(match, this, arguments).then(reveal);
    },
    matchAll() {
      return Reflect.apply(matchAll, this, arguments)
        .then(/** @param {Response[]} found */ found => Promise.all(found.map(reveal)));
    },
  });
  const anywhere = CacheStorage.prototype.match;
  patchMethod(CacheStorage.prototype, {
    match() {
      return Reflect.apply(anywhere, this, arguments).then(reveal);
    },
  });
}

/**
 * The response to put in place of one of ours, which counts as used from now on; undefined if it is
 * none of ours, is marked already or would be refused.
 *
 * @param {Response} response
 * @returns {Promise<Response> | undefined}
 */
function mark(response) {
  const dress = dressOf(response);
  if (!dress || dress.headers || response.bodyUsed || response.body?.locked) return undefined;
  const { status, statusText, headers } = response;
  if (status === 206 || headers.get('vary')?.includes('*')) return undefined;
  const { url, type, redirected, blob } = dress;
  /** @type {Blob | ReadableStream<Uint8Array> | null} */
  let body = null;
  if (blob) {
    body = blob; // It stays the file that it is, and is not read here.
    response.body?.cancel().catch(() => {});
  } else if (response.body) {
    body = response.body.pipeThrough(new TransformStream());
  }
  return (async () => {
    const text = `${type} ${redirected ? 1 : 0} ${url}`;
    const copy = new Response(body, { status: Math.min(status, 599), statusText, headers });
    copy.headers.set(MARK, `${await sign(text)} ${text}`);
    return copy;
  })();
}

/**
 * A response from a cache, with what its mark says about it, if the mark is genuine.
 *
 * @template {Response | undefined} R
 * @param {R} response
 * @returns {Promise<R>}
 */
async function reveal(response) {
  const value = response?.headers.get(MARK);
  // What the network gave has a url, and no say in the matter.
  if (!response || !value || response.url) return response;
  const [, signature, text, type, redirected, url] = /^(\w+) ((\w+) (\w) (.+))$/.exec(value) ?? [];
  // Without the secret, none is known to be genuine.
  if (!text || await sign(text).catch(() => {}) !== signature) return response;
  const headers = new Headers(response.headers);
  headers.delete(MARK);
  putOn(response, { url, type: /** @type {ResponseType} */ (type), redirected: redirected === '1', headers });
  return response;
}

/**
 * Keeps marks from leaving the service worker, in answers to pages. Once per worker.
 *
 * @param {{ prototype: FetchEvent }} FetchEvent
 */
export function patchRespondWith({ prototype }) {
  const { respondWith } = prototype;
  patchMethod(prototype, {
    respondWith(response) {
      const marked = !(response instanceof Response) || dressOf(response)?.headers;
      const passed = marked && arguments.length ? [Promise.resolve(response).then(bare)] : arguments;
      Reflect.apply(respondWith, this, passed);
    },
  });
}

/**
 * What is no response, such as the undefined of a cache that has none, is the browser's to refuse.
 *
 * @param {Response} response
 */
function bare(response) {
  const headers = dressOf(response)?.headers;
  if (!headers) return response;
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
