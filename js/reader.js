// Reads the rows of a scope's database. The engine writes them, and clear.js ends those of a removed
// registration.

import { name } from './protocol.js';

/**
 * @typedef {import('./protocol.js').RequestRow} RequestRow
 *
 * @typedef {object} FetchRow
 * @property {string} id
 * @property {string} title
 * @property {import('./protocol.js').ImageResource[]} icons
 * @property {number} downloadTotal
 * @property {number} uploadTotal
 * @property {number} uploaded
 * @property {number} downloaded counted at the end
 * @property {import('./protocol.js').Result} result
 * @property {import('./protocol.js').FailureReason} failureReason
 * @property {boolean} recordsAvailable
 * @property {boolean} paused
 * @property {number} due not 0: its event has not been handled yet
 *
 * @typedef {object} ResponseHead
 * @property {string} url
 * @property {ResponseType} type
 * @property {boolean} redirected
 * @property {number} status
 * @property {string} statusText
 * @property {[string, string][]} headers
 *
 * @typedef {object} ResponseRow
 * @property {number} attempt
 * @property {number} stored length of the body so far
 * @property {'' | 'success' | import('./protocol.js').FailureReason} result
 * @property {ResponseHead | null} response
 * @property {number} at the record in whose chunks the body lies
 * @property {number} from where it begins there
 *
 * @typedef {Blob | ArrayBuffer} Chunk
 */

/** How long an engine may take to open a database: some never do. */
const TIMEOUT = 5000;

export class Reader {
  /** @type {string} */
  #name;
  /** @type {Promise<IDBDatabase | undefined> | undefined} */
  #opening;
  /**
   * What was read last: pages look up one record after the other, and requests never change.
   *
   * @type {{ no: number, rows: Promise<RequestRow[]> } | undefined}
   */
  #requests;

  /** @param {string} scope */
  constructor(scope) {
    this.#name = `${name} ${scope}`;
  }

  /** The ids of the active background fetches, in the order of their creation. */
  async ids() {
    const { values } = await this.fetches();
    // Anybody may have stored anything; what has no id is swept by the engine.
    return values.filter(row => row?.id && !row.result).map(({ id }) => id);
  }

  /** All background fetches of which there are rows. */
  fetches() {
    return /** @type {Promise<{ keys: number[], values: FetchRow[] }>} */ (this.#scan('fetches'));
  }

  /** Whether there is anything at all, if only to be cleared away. */
  async inUse() {
    return (await this.fetches()).keys.length > 0;
  }

  /** Whether there is a download to go on with, or an end to announce. */
  async unfinished() {
    const { values } = await this.fetches();
    return values.some(({ result, paused, due }) => !result && !paused || due > 0);
  }

  /** @param {number} no */
  fetch(no) {
    return /** @type {Promise<FetchRow | undefined>} */ (this.#get('fetches', no));
  }

  /**
   * How one ended whose rows are gone: of about the last hundred, that is kept.
   *
   * @param {number} no
   */
  end(no) {
    return /** @type {Promise<Pick<FetchRow, 'uploaded' | 'downloaded' | 'result' | 'failureReason'> | undefined>} */ (this.#get('meta', no));
  }

  /**
   * @param {number} no
   * @returns {Promise<RequestRow[]>}
   */
  requests(no) {
    if (this.#requests?.no !== no) {
      const rows = this.#scan('requests', no).then(rows => /** @type {RequestRow[]} */ (rows.values.flat()));
      this.#requests = { no, rows };
      rows.catch(() => { this.#requests = undefined; });
    }
    return this.#requests.rows;
  }

  /**
   * @param {number} no
   * @param {number} index
   */
  response(no, index) {
    return /** @type {Promise<ResponseRow | undefined>} */ (this.#get('responses', [no, index]));
  }

  /**
   * All of a body.
   *
   * @param {number} no
   * @param {number} index
   * @param {number} attempt
   */
  async chunks(no, index, attempt) {
    return /** @type {Chunk[]} */ ((await this.#scan('chunks', no, index, attempt)).values);
  }

  /**
   * The part of a body that begins at an offset.
   *
   * @param {number} no
   * @param {number} index
   * @param {number} attempt
   * @param {number} offset
   */
  chunk(no, index, attempt, offset) {
    return /** @type {Promise<Chunk | undefined>} */ (this.#get('chunks', [no, index, attempt, offset]));
  }

  /**
   * @param {string} store
   * @param {IDBValidKey} key
   * @returns {Promise<unknown>}
   */
  #get(store, key) {
    return this.#read(store, rows => promise(rows.get(key)), undefined);
  }

  /**
   * The rows of a store, all of them or those whose keys begin like this, in the order of their
   * keys.
   *
   * @param {string} store
   * @param {number[]} start
   * @returns {Promise<{ keys: IDBValidKey[], values: unknown[] }>}
   */
  #scan(store, ...start) {
    const range = start.length ? IDBKeyRange.bound(start, [...start, []]) : undefined;
    return this.#read(store, async rows => {
      const [keys, values] = await Promise.all([promise(rows.getAllKeys(range)), promise(rows.getAll(range))]);
      return { keys, values };
    }, { keys: [], values: [] });
  }

  /**
   * @template T
   * @param {string} store
   * @param {(rows: IDBObjectStore) => Promise<T>} steps
   * @param {T} nothing what there is while there is no database
   */
  async #read(store, steps, nothing) {
    for (let last = false; ; last = true) {
      try {
        const database = await this.#database();
        return database ? await steps(database.transaction(store).objectStore(store)) : nothing;
      } catch (error) {
        // Connections break when an engine's storage process goes. A new one may work.
        this.#opening = undefined;
        if (last) throw error;
      }
    }
  }

  #database() {
    this.#opening ??= open(this.#name, () => {
      this.#opening = undefined;
      this.#requests = undefined;
    }).then(database => {
      if (!database) this.#opening = undefined; // The engine may create it any moment.
      return database;
    });
    return this.#opening;
  }
}

/**
 * Opens a database if it exists; creates none.
 *
 * @param {string} name
 * @param {() => void} lost
 * @returns {Promise<IDBDatabase | undefined>}
 */
export async function open(name, lost) {
  // Firefox has no list for an origin one of whose databases, perhaps the application's, it was killed
  // while making.
  const existing = await indexedDB.databases?.().catch(() => undefined);
  if (existing && !existing.some(database => database.name === name)) return undefined;
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    const timer = setTimeout(() => {
      reject(new DOMException('The database does not open.', 'UnknownError'));
    }, TIMEOUT);
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onerror = () => {
      clearTimeout(timer);
      if (request.error?.name === 'AbortError') resolve(undefined);
      else reject(request.error);
    };
    request.onsuccess = () => {
      clearTimeout(timer);
      const database = request.result;
      const leave = () => {
        database.close();
        lost();
      };
      database.onversionchange = leave;
      // In the cache of pages nobody hears of a change of version.
      addEventListener('pagehide', leave);
      database.onclose = lost;
      resolve(database);
    };
  });
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
export const promise = request => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
