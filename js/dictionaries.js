// The dictionaries that pages pass in. Members are read in the order of WebIDL: those of the
// inherited dictionary first, each dictionary's own in lexicographical order, every getter once.

import { toDOMString, toDictionary, toSequence, toUSVString, toUnsignedLongLong } from './webidl.js';

/**
 * @typedef {import('./protocol.js').UIOptions} UIOptions
 * @typedef {import('./protocol.js').ImageResource} ImageResource
 * @typedef {UIOptions & { downloadTotal: number }} FetchOptions
 */

/**
 * BackgroundFetchUIOptions:
 * https://wicg.github.io/background-fetch/#dictdef-backgroundfetchuioptions
 *
 * @param {unknown} value
 */
export const toUIOptions = value => readUIOptions(toDictionary(value, 'BackgroundFetchUIOptions'));

/**
 * BackgroundFetchOptions: https://wicg.github.io/background-fetch/#dictdef-backgroundfetchoptions
 *
 * @param {unknown} value
 * @returns {FetchOptions}
 */
export function toFetchOptions(value) {
  const from = toDictionary(value, 'BackgroundFetchOptions');
  return { ...readUIOptions(from), downloadTotal: toUnsignedLongLong(from.downloadTotal) };
}

/**
 * @param {Record<string, unknown>} from
 * @returns {UIOptions}
 */
function readUIOptions(from) {
  const given = from.icons;
  const icons = given === undefined ? given : toSequence(given, toImageResource, 'icons');
  const { title } = from;
  // Both members, so that none is looked for elsewhere.
  return { icons, title: title === undefined ? title : toDOMString(title) };
}

/**
 * ImageResource: https://www.w3.org/TR/image-resource/#dom-imageresource
 *
 * @param {unknown} value
 * @returns {ImageResource}
 */
function toImageResource(value) {
  const from = toDictionary(value, 'An icon');
  /** @type {Partial<ImageResource>} */
  const to = {};
  for (const key of /** @type {const} */ (['label', 'sizes', 'src', 'type'])) {
    const value = from[key];
    if (value !== undefined) to[key] = key === 'sizes' ? toDOMString(value) : toUSVString(value);
    else if (key === 'src') throw new TypeError('An icon must have a src.');
  }
  return { ...to, src: resolve(/** @type {string} */ (to.src)) };
}

/**
 * Against this page, because whoever shows the icon is elsewhere. What is no URL stays as it is,
 * and is never shown.
 *
 * @param {string} src
 */
function resolve(src) {
  try {
    return new URL(src, globalThis.document?.baseURI ?? location.href).href;
  } catch {
    return src;
  }
}

