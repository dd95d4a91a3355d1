// Range and If-Range as RFC 9110 section 13.1.5 and 14.1 have them, for one representation.

/**
 * @typedef {object} Representation
 * @property {number} length
 * @property {string | undefined} etag as the header says it
 * @property {string | undefined} lastModified as the header says it
 */

/**
 * What a request with these headers is to be sent: everything, a part, or the refusal.
 *
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {Representation} representation
 * @returns {{ status: 200 | 206 | 416, first: number, end: number }} `end` is the offset after the last byte
 */
export function select(headers, { length, etag, lastModified }) {
  const whole = /** @type {const} */ ({ status: 200, first: 0, end: length });
  const { range, 'if-range': condition } = headers;
  if (range === undefined) return whole;
  if (typeof condition === 'string' && !matches(condition, etag, lastModified)) return whole;
  // A form that is not understood, or several ranges, may be ignored, and is.
  const found = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(range);
  if (!found) return whole;
  const [, from, to, suffix] = found;
  const first = suffix === undefined ? Number(from) : Math.max(0, length - Number(suffix));
  const end = to ? Math.min(Number(to) + 1, length) : length;
  if (to && Number(to) < first) return whole;
  if (first >= length) return { status: 416, first: 0, end: 0 };
  return { status: 206, first, end };
}

/**
 * If-Range wants the strong comparison: a weak tag never matches.
 *
 * @param {string} condition
 * @param {string | undefined} etag
 * @param {string | undefined} lastModified
 */
function matches(condition, etag, lastModified) {
  if (condition.startsWith('"')) return condition === etag;
  return condition === lastModified;
}
