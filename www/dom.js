// The two questions that this page asks its document again and again.

/**
 * The element with this id, known to be of this class.
 *
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`The page has no ${type.name} #${id}.`);
  return element;
}

/**
 * A fresh copy of a template's only element, and a way to its parts.
 *
 * @param {string} id
 */
export function stamp(id) {
  const copy = byId(id, HTMLTemplateElement).content.cloneNode(true);
  const element = /** @type {DocumentFragment} */ (copy).firstElementChild;
  if (!(element instanceof HTMLElement)) throw new Error(`Template #${id} is empty.`);
  return {
    element,
    /**
     * @template {Element} T
     * @param {string} selector
     * @param {new () => T} type
     * @returns {T}
     */
    part(selector, type) {
      const found = element.querySelector(selector);
      if (!(found instanceof type)) throw new Error(`Template #${id} has no ${selector}.`);
      return found;
    },
  };
}
