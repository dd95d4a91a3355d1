// Links: responses that share one line, with its rate and its resets. What a reset hits is lost with all that
// was on its way.
import { setTimeout as sleep } from 'node:timers/promises';

/** One line between a server and its clients. */
class Link {
  #rate;
  /** When the line has carried what it was given. */
  #free = 0;
  /** @type {Set<import('node:http').ServerResponse>} */
  #responses = new Set();
  #timer;
  resets = 0;

  /** @param {number} rate bytes a second @param {number} flap milliseconds between two resets */
  constructor(rate, flap) {
    this.#rate = rate;
    this.#timer = setInterval(() => this.#reset(), flap);
  }

  /** Waits until the line has carried so many bytes more. @param {number} count */
  async carry(count) {
    const now = performance.now();
    this.#free = Math.max(this.#free, now) + (count / this.#rate) * 1000;
    await sleep(this.#free - now);
  }

  /** @param {import('node:http').ServerResponse} response */
  add(response) {
    this.#responses.add(response);
    response.on('close', () => this.#responses.delete(response));
  }

  #reset() {
    if (this.#responses.size > 0) this.resets++;
    for (const { socket } of this.#responses) socket?.resetAndDestroy();
  }

  close() {
    clearInterval(this.#timer);
  }
}

/** Links by name; each begins with its first response. */
export class Links {
  /** @type {Map<string, Link>} */
  #links = new Map();

  /** @param {string} name @param {number} rate @param {number} flap */
  of(name, rate, flap) {
    const link = this.#links.get(name) ?? new Link(rate, flap);
    this.#links.set(name, link);
    return link;
  }

  /** How often a link was reset while somebody used it. @param {string} name */
  resets(name) {
    return this.#links.get(name)?.resets ?? 0;
  }

  close() {
    for (const link of this.#links.values()) link.close();
  }
}
