// What happened lately, with the time of day: for the message of whoever waits in vain.

const kept = 40;

export class Recent {
  /** @type {string[]} */
  #lines = [];

  /** @param {string} line */
  note(line) {
    this.#lines.push(`${new Date().toISOString().slice(11, 23)} ${line}`);
    if (this.#lines.length > kept) this.#lines.shift();
  }

  toString() {
    return this.#lines.map(line => `\n    ${line}`).join('') || ' nothing';
  }
}
