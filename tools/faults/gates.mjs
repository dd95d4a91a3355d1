// Gates: a response stops at one until a test opens it. An opened gate stays open.

/** Gates by name; each exists as soon as it is named. */
export class Gates {
  /** @type {Map<string, { opened: Promise<void>, open: () => void }>} */
  #gates = new Map();

  /** @param {string} name */
  #gate(name) {
    let gate = this.#gates.get(name);
    if (!gate) {
      /** @type {() => void} */
      let open = () => {};
      const opened = new Promise(resolve => (open = () => resolve(undefined)));
      gate = { opened: /** @type {Promise<void>} */ (opened), open };
      this.#gates.set(name, gate);
    }
    return gate;
  }

  /** @param {string} name */
  passed(name) {
    return this.#gate(name).opened;
  }

  /** @param {string} name */
  open(name) {
    this.#gate(name).open();
  }

  openAll() {
    for (const { open } of this.#gates.values()) open();
  }
}
