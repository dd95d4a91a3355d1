// A network that is slower than loopback: a bucket of tokens for a link, one for each connection, and a
// round trip.
import { setTimeout as sleep } from 'node:timers/promises';

/** Bits a second, in bytes. @param {number} megabits */
const mbit = megabits => (megabits * 1e6) / 8;

/** A timer that fires late is made up for, up to so many milliseconds. */
const SLACK = 20;

/** Lets so many bytes a second through, first come, first served. */
class Bucket {
  #rate;
  #free = 0;

  /** @param {number} rate bytes a second */
  constructor(rate) {
    this.#rate = rate;
  }

  /** Resolves when so many bytes have passed. @param {number} count */
  async pass(count) {
    const now = performance.now();
    this.#free = Math.max(this.#free, now - SLACK) + (count / this.#rate) * 1000;
    if (this.#free > now) await sleep(this.#free - now);
  }
}

/**
 * @typedef {object} Shape
 * @property {number} [link] Mbit/s, shared by all connections
 * @property {number} [connection] Mbit/s of each connection
 * @property {number} [delay] milliseconds of a round trip: a request costs one, a new connection another
 */

/** @satisfies {Record<string, Shape>} */
export const shapes = {
  /** A line at home, with a server on another continent. */
  long: { link: 20, delay: 80 },
  /** A server that gives each connection its share, on a line that could take eight of them. */
  throttled: { link: 64, connection: 8, delay: 20 },
  /** For what should be seen while it is under way. */
  slow: { link: 32 },
};

/** What is sent at once over a shaped link. */
const PIECE = 16 << 10;

export class Links {
  /** @type {Map<string, Bucket>} */
  #shared = new Map();
  /** Of each connection, by name of the shape. @type {WeakMap<object, Map<string, Bucket>>} */
  #own = new WeakMap();

  /**
   * How a connection sends under this name: how much at once, and what to wait for around it.
   *
   * @param {string | null} name of `shapes`; null: as fast as it goes
   * @param {object} socket
   */
  open(name, socket) {
    if (name === null) return { piece: 256 << 10, head: async () => {}, pass: undefined };
    const shape = /** @type {Record<string, Shape>} */ (shapes)[name];
    if (!shape) throw new Error(`no link ${name}`);
    const { link = Infinity, connection = Infinity, delay = 0 } = shape;
    const shared = this.#shared.get(name) ?? new Bucket(mbit(link));
    this.#shared.set(name, shared);
    const fresh = !this.#own.has(socket);
    const buckets = this.#own.get(socket) ?? new Map();
    this.#own.set(socket, buckets);
    const own = buckets.get(name) ?? new Bucket(mbit(connection));
    buckets.set(name, own);
    return {
      piece: PIECE,
      /** Until the head of a response may be sent. */
      head: async () => void (delay && await sleep(fresh ? 2 * delay : delay)),
      /** @param {number} count */
      pass: async count => {
        await own.pass(count);
        await shared.pass(count);
      },
    };
  }
}
