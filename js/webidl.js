// Conversions and exceptions that the IDL promises: https://webidl.spec.whatwg.org/#js-type-mapping
//
// Order is part of it: a page can see when its getters run.

/**
 * WebIDL's notion of an object: functions are some.
 *
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export const isObject = value => typeof value === 'function' || typeof value === 'object' && value !== null;

/**
 * Refuses a call with too few arguments.
 *
 * @param {number} given
 * @param {number} needed
 */
export function needArguments(given, needed) {
  if (given < needed) throw new TypeError(`Too few arguments: ${given} of ${needed}.`);
}

/**
 * What an operation that returns a promise does: it rejects where others throw.
 *
 * @template T
 * @param {() => T | PromiseLike<T>} steps
 * @returns {Promise<T>}
 */
export const promised = steps => new Promise(resolve => resolve(steps()));

/**
 * DOMString. Lone surrogates stay what they are; a symbol is a TypeError.
 *
 * @param {unknown} value
 */
export const toDOMString = value => `${value}`;

/**
 * USVString.
 *
 * @param {unknown} value
 */
export const toUSVString = value => `${value}`.replace(/\p{Surrogate}/gu, '\uFFFD');

/**
 * unsigned long long, as the nearest Number.
 *
 * @param {unknown} value
 */
export function toUnsignedLongLong(value) {
  const number = Math.trunc(/** @type {number} */ (value)); // Converts to Number; throws for symbols and BigInts.
  if (number >= 0 && number < 2 ** 64) return number || 0; // No minus zero.
  return Number.isFinite(number) ? Number(BigInt.asUintN(64, BigInt(number))) : 0;
}

/**
 * A dictionary's object, from which members may be read; undefined and null have none, not even inherited ones.
 *
 * @param {unknown} value
 * @param {string} what for the message
 * @returns {Record<string, unknown>}
 */
export function toDictionary(value, what) {
  if (value === undefined || value === null) return Object.create(null);
  if (!isObject(value)) throw new TypeError(`${what} must be an object.`);
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * The iterator method of an object, or undefined: what makes it a sequence.
 *
 * @param {object} value
 * @returns {Function | undefined}
 */
export function iteratorMethod(value) {
  const method = /** @type {Record<symbol, unknown>} */ (value)[Symbol.iterator];
  if (method === undefined || method === null) return undefined;
  if (typeof method !== 'function') throw new TypeError('Symbol.iterator must be a function.');
  return method;
}

/**
 * A sequence from an iterable. Unlike a `for` loop this leaves the iterator alone when a conversion
 * fails.
 *
 * @template T
 * @param {object} iterable
 * @param {Function} method
 * @param {(value: unknown) => T} convert
 */
export function iterate(iterable, method, convert) {
  /** @type {Iterator<unknown>} */
  const iterator = objectOr(Reflect.apply(method, iterable, []));
  const { next } = iterator;
  const list = [];
  for (;;) {
    const result = objectOr(Reflect.apply(next, iterator, []));
    if (result.done) return list;
    list.push(convert(result.value));
  }
}

/**
 * @template T
 * @param {T} value
 */
function objectOr(value) {
  if (!isObject(value)) throw new TypeError(`${value} must be an object.`);
  return value;
}

/**
 * sequence<T>
 *
 * @template T
 * @param {unknown} value
 * @param {(value: unknown) => T} convert
 * @param {string} what for the message
 */
export function toSequence(value, convert, what) {
  const method = isObject(value) && iteratorMethod(value);
  if (!method) throw new TypeError(`${what} must be iterable.`);
  return iterate(/** @type {object} */ (value), method, convert);
}

/**
 * Gives a class the shape of an interface: enumerable members, a string tag, its name on the global
 * object.
 *
 * @param {string} name which minifiers would lose
 * @param {Function} constructor
 */
export function expose(name, constructor) {
  const { prototype } = constructor;
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (key !== 'constructor') Object.defineProperty(prototype, key, { enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
  Object.defineProperty(constructor, 'name', { value: name });
  Object.defineProperty(globalThis, name, { value: constructor, writable: true, configurable: true });
}

/**
 * The face of a class that extends EventTarget only to make objects of the platform, which nothing can
 * clone: an interface with its members, of which no EventTarget is to be seen, and no script can make
 * an instance.
 *
 * @param {Function} implementation makes instances: `Reflect.construct(implementation, …, face)`
 */
export function faceOf(implementation) {
  const { constructor: _constructor, ...members } = Object.getOwnPropertyDescriptors(implementation.prototype);
  class Face {
    constructor() {
      throw illegalConstructor();
    }
  }
  Object.defineProperties(Face.prototype, members);
  return Face;
}

/** What `new` says to an interface without a constructor. */
export const illegalConstructor = () => new TypeError('Illegal constructor');
