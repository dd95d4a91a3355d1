// What the server was asked and what it sent, for tests that run in the same process.

/**
 * @typedef {object} Entry
 * @property {number} no counts from 0
 * @property {string} method
 * @property {URL} url
 * @property {import('node:http').IncomingHttpHeaders} headers
 * @property {number} [status] once the head was sent
 * @property {number} sent bytes of the body that were handed to the socket
 * @property {boolean} finished the response was sent whole
 * @property {boolean} closed nothing more will be sent: finished, dropped by us, or given up by the client
 * @property {{ size: number, sha256: string }} [upload] the request's body
 */

/** A list of requests that can be waited on. */
export class Log {
  /** @type {Entry[]} */
  entries = [];

  /** @type {Set<() => void>} */
  #watchers = new Set();

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {URL} url
   * @returns {Entry}
   */
  add(request, url) {
    const entry = {
      no: this.entries.length,
      method: request.method ?? '',
      url,
      headers: request.headers,
      sent: 0,
      finished: false,
      closed: false,
    };
    this.entries.push(entry);
    this.changed();
    return entry;
  }

  /** To be called whenever an entry has changed. */
  changed() {
    for (const look of [...this.#watchers]) look();
  }

  /**
   * The requests whose URL holds this text, in order.
   *
   * @param {string} text
   */
  of(text) {
    return this.entries.filter(({ url }) => url.href.includes(text));
  }

  /**
   * Resolves with what `find` returns as soon as that is neither false nor nothing.
   *
   * @template T
   * @param {(log: Log) => T | undefined | null | false} find
   * @returns {Promise<T>}
   */
  until(find) {
    return new Promise((resolve, reject) => {
      const look = () => {
        try {
          const found = find(this);
          if (!found) return;
          resolve(found);
        } catch (error) {
          reject(error);
        }
        this.#watchers.delete(look);
      };
      this.#watchers.add(look);
      look();
    });
  }
}
