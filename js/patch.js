// How members of the platform's own interfaces are replaced: so that nothing but the answer is
// another.

/**
 * Replaces an attribute's getter by one that may answer otherwise. The native one runs first, for
 * its brand check.
 *
 * @template {object} T
 * @template {keyof T & string} K
 * @param {T} prototype
 * @param {K} key
 * @param {(object: T, native: T[K]) => T[K]} answer
 */
export function patchGetter(prototype, key, answer) {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
  const native = descriptor?.get;
  if (!native) return;
  const { get } = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor({
    get [key]() { return answer(/** @type {T} */ (this), Reflect.apply(native, this, [])); },
  }, key));
  Object.defineProperty(prototype, key, { ...descriptor, get });
}

/**
 * Replaces methods by others of the same name, and leaves everything else about them alone.
 *
 * @template {object} T
 * @param {T} prototype
 * @param {Partial<T> & ThisType<T>} methods
 */
export function patchMethod(prototype, methods) {
  for (const key of Object.keys(methods)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key);
    const value = /** @type {Record<string, Function>} */ (methods)[key];
    if (!descriptor) continue;
    Object.defineProperty(value, 'length', { value: descriptor.value.length, configurable: true });
    Object.defineProperty(prototype, key, { ...descriptor, value });
  }
}
