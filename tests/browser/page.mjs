// The page of a scenario, from the test's side.

export class Page {
  #browser;
  #seconds;

  /**
   * @param {import('./drivers/webdriver.mjs').Browser} browser
   * @param {string} url
   * @param {number} seconds how long a call may take
   */
  constructor(browser, url, seconds) {
    this.#browser = browser;
    this.url = url;
    this.#seconds = seconds;
  }

  /** Loads a page, its own or another. @param {string} [url] relative to its own */
  async open(url = '') {
    await this.#browser.open(new URL(url, this.url).href);
  }

  /** Loads a script into it, as its author would. @param {string} src */
  load(src) {
    return this.run(src => new Promise((resolve, reject) => {
      document.head.append(Object.assign(document.createElement('script'), { src, onload: () => resolve(undefined), onerror: reject }));
    }), src);
  }

  /** Loads it anew: another document, the same worker. */
  async reload() {
    await this.open();
  }

  /**
   * Runs a function in the page. Arguments and the result, awaited, cross as JSON; an exception comes
   * back by name and message. The function sees nothing of where it is written.
   *
   * @template {unknown[]} A
   * @template R
   * @param {(...parameters: A) => R} code
   * @param {A} parameters
   * @returns {Promise<Awaited<R>>}
   */
  async run(code, ...parameters) {
    const source = `(async () => {
      try {
        return JSON.stringify({ value: await (${code})(...${JSON.stringify(parameters)}) });
      } catch (error) {
        return JSON.stringify({ error: { name: error?.name ?? 'unknown', message: error?.message ?? String(error), stack: error?.stack } });
      }
    })()`;
    const answer = JSON.parse(await this.#browser.evaluate(source, this.#seconds));
    if (!answer.error) return answer.value;
    const { name, message, stack } = answer.error;
    const error = new Error(message);
    error.name = name;
    error.stack = `${name}: ${message}\n    in the page:\n${stack ?? ''}\n${error.stack}`;
    throw error;
  }

  /** Registers a worker, of the type that its script has, and resolves when it is active. @param {string} script @param {RegistrationOptions} [options] */
  register(script, options = {}) {
    return this.run(async (script, options) => {
      const url = new URL(script, location.href);
      const registration = await navigator.serviceWorker.register(url, { type: url.searchParams.has('module') ? 'module' : 'classic', ...options });
      const worker = registration.installing ?? registration.waiting ?? registration.active;
      await new Promise((resolve, reject) => {
        const look = () => {
          if (worker?.state === 'activated') resolve(undefined);
          if (worker?.state === 'redundant') reject(new Error('the worker could not be installed'));
        };
        worker?.addEventListener('statechange', look);
        look();
      });
      /** @type {any} */ (self).registration = registration;
    }, script, options);
  }

  /** Ends what is under way, collects the last problems, and frees the scope. */
  async leave() {
    await this.run(async () => {
      const scope = new URL('./', location.href).href;
      const registration = await navigator.serviceWorker.getRegistration(scope);
      if (registration && registration.scope === scope) {
        const manager = /** @type {any} */ (registration).backgroundFetch;
        for (const id of await manager?.getIds().catch(() => []) ?? []) {
          await (await manager.get(id))?.abort();
        }
        await /** @type {any} */ (self).harness.flush();
        await registration.unregister();
      } else {
        await /** @type {any} */ (self).harness.flush();
      }
    });
  }
}
