// Which records answer a query: https://w3c.github.io/ServiceWorker/#request-matches-cached-item

import { createRecord } from './record.js';
import { lease } from './lease.js';
import { toDictionary } from './webidl.js';

/**
 * @typedef {{ ignoreMethod: boolean, ignoreSearch: boolean, ignoreVary: boolean }} Query
 * @typedef {import('./protocol.js').RequestRow} RequestRow
 */

/**
 * CacheQueryOptions
 *
 * @param {unknown} value
 * @returns {Query}
 */
export function toCacheQueryOptions(value) {
  const { ignoreMethod, ignoreSearch, ignoreVary } = toDictionary(value, 'CacheQueryOptions');
  return { ignoreMethod: !!ignoreMethod, ignoreSearch: !!ignoreSearch, ignoreVary: !!ignoreVary };
}

/**
 * The records of a background fetch that match, in the order in which they were asked for;
 * undefined if they are gone.
 *
 * @param {import('./scope.js').Scope} scope
 * @param {number} no
 * @param {Request | undefined} request undefined matches all
 * @param {Query} query
 * @param {boolean} first whether one is enough
 */
export async function matchRecords(scope, no, request, query, first) {
  const held = await lease(scope.url, no);
  try {
    // Whether they are available was decided when the caller asked: until the rows are deleted, for
    // which this lease must end, they can be had, even if the event is over by now.
    if (!await scope.reader.fetch(no)) return undefined;
    const records = [];
    for (const [index, row] of (await scope.reader.requests(no)).entries()) {
      if (request && !await matches(request, row, query, () => scope.reader.response(no, index))) continue;
      records.push(createRecord({ scope, no, index, asked: row, held }));
      if (first) break;
    }
    return records;
  } finally {
    held.drop();
  }
}

/**
 * Request matches cached item.
 *
 * Deviation: the text looks at the record's method only, which must be GET, because a cache looks at the
 * query's before. Here both count, unless the method is ignored: a GET query finds GET and HEAD records.
 *
 * @param {Request} request the query
 * @param {RequestRow} row the record's request
 * @param {Query} query
 * @param {() => Promise<import('./reader.js').ResponseRow | undefined>} answer looks up the
 *   record's response data
 */
async function matches(request, row, { ignoreMethod, ignoreSearch, ignoreVary }, answer) {
  if (!ignoreMethod && (request.method !== 'GET' || !/^(GET|HEAD)$/.test(row.method))) return false;
  if (comparable(request.url, ignoreSearch) !== comparable(row.url, ignoreSearch)) return false;
  if (ignoreVary) return true;
  const { response } = await answer() ?? {};
  const vary = response && new Headers(response.headers).get('vary');
  if (!vary) return true;
  // Lists of headers have names in lower case, each once. What is no name is in neither of them.
  const asked = new Map(request.headers);
  const had = new Map(row.headers);
  return vary.toLowerCase().split(/\s*,\s*/).every(field => field !== '*' && asked.get(field) === had.get(field));
}

/**
 * A serialized URL without its fragment and, if that is asked for, its query.
 *
 * @param {string} url
 * @param {boolean} ignoreSearch
 */
const comparable = (url, ignoreSearch) => url.replace(ignoreSearch ? /[?#].*/s : /#.*/s, '');
