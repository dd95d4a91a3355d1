// The worker of a scenario, as far as it reports to the test.

/** @typedef {{ id: string, uploadTotal: number, uploaded: number, downloadTotal: number, downloaded: number, result: string, failureReason: string, recordsAvailable: boolean }} Snapshot */

export class Worker {
  /** Events in order of arrival, with the registration as the handler saw it. @type {{ type: string, registration: Snapshot }[]} */
  events = [];
  /** What the worker's script said with `harness.report(name, value)`. @type {{ name: string, value: any }[]} */
  reports = [];
  /** Errors, warnings and unhandled rejections of page and worker. @type {{ where: string, text: string }[]} */
  problems = [];

  #seconds;
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /** @param {string} scope @param {number} seconds */
  constructor(scope, seconds) {
    this.scope = scope;
    this.#seconds = seconds;
  }

  /** @param {import('./control.mjs').Report} report */
  receive({ kind, type, registration, name, value, where, text }) {
    if (kind === 'event') this.events.push({ type, registration });
    if (kind === 'report') this.reports.push({ name, value });
    if (kind === 'problem') this.problems.push({ where, text });
    for (const look of [...this.#watchers]) look();
  }

  /**
   * The next event of this type, or the so many-th.
   *
   * @param {string} type
   * @param {number} [index]
   * @returns {Promise<Snapshot>}
   */
  async event(type, index = 0) {
    return (await this.#until(() => this.events.filter(event => event.type === type)[index], `no ${type} number ${index}`)).registration;
  }

  /**
   * What the script reports by this name.
   *
   * @param {string} name
   * @param {number} [index]
   */
  async report(name, index = 0) {
    return (await this.#until(() => this.reports.filter(report => report.name === name)[index], `no report ${name} number ${index}`)).value;
  }

  /**
   * @template T
   * @param {() => T | undefined} find
   * @param {string} complaint
   * @returns {Promise<T>}
   */
  #until(find, complaint) {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#watchers.delete(look);
        const seen = [...this.events.map(({ type }) => type), ...this.reports.map(({ name }) => name)].join(', ');
        reject(new Error(`${complaint} within ${this.#seconds} s; there were: ${seen || 'none'}`));
      }, this.#seconds * 1000);
      const look = () => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(limit);
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }
}
