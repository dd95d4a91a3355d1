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
  #carries;
  #carried = 0;
  #timer;
  resets = 0;

  /**
   * @param {number} rate bytes a second
   * @param {number} flap milliseconds between two resets
   * @param {number} carries bytes between two resets: where it is finite, time makes none
   */
  constructor(rate, flap, carries) {
    this.#rate = rate;
    this.#carries = carries;
    if (carries === Infinity) this.#timer = setInterval(() => this.#reset(), flap);
  }

  /** Waits until the line has carried so many bytes more, or was reset. @param {number} count */
  async carry(count) {
    const now = performance.now();
    this.#free = Math.max(this.#free, now) + (count / this.#rate) * 1000;
    await sleep(this.#free - now);
    this.#carried += count;
    if (this.#carried < this.#carries) return;
    this.#carried -= this.#carries;
    this.#reset();
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

  /** @param {string} name @param {number} rate @param {number} flap @param {number} carries */
  of(name, rate, flap, carries) {
    const link = this.#links.get(name) ?? new Link(rate, flap, carries);
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
