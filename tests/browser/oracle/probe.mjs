// What a script can see of the API, as plain data. Runs in pages and in workers as `self.probe`.

/** @typedef {ReturnType<typeof makeProbe>} Probe */

/** Refers to nothing outside of itself. */
export function makeProbe() {
  const global = /** @type {any} */ (globalThis);

  /** @param {number} milliseconds */
  const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

  /** An exception, by its class, name and code. @param {any} thrown */
  function error(thrown) {
    if (thrown instanceof DOMException)
      return `${thrown.constructor.name} ${thrown.name} ${thrown.code}`;
    if (thrown instanceof Error) return thrown.name;
    if (typeof thrown?.name === 'string' && 'message' in thrown)
      return `${thrown.name} of another realm`;
    return `no error: ${describe(thrown)}`;
  }

  /** Any value, as a string. @param {any} value @returns {string} */
  function describe(value) {
    if (Array.isArray(value))
      return `[${value.map(describe).join(', ')}]${Object.isFrozen(value) ? ' frozen' : ''}`;
    if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value);
    return typeof value === 'string'
      ? JSON.stringify(value)
      : typeof value === 'function'
        ? 'function'
        : String(value);
  }

  /** What a call comes to: a value, an exception or a promise of either. @param {() => any} call @param {number} [limit] */
  async function outcome(call, limit = 10_000) {
    let result;
    try {
      result = call();
    } catch (thrown) {
      return `throws ${error(thrown)}`;
    }
    if (typeof result?.then !== 'function') return `returns ${describe(result)}`;
    return Promise.race([
      result.then(
        (/** @type {unknown} */ value) => `resolves with ${describe(value)}`,
        (/** @type {unknown} */ thrown) => `rejects with ${error(thrown)}`,
      ),
      sleep(limit).then(() => 'stays pending'),
    ]);
  }

  /** @template {object} T @template {keyof T & string} K @param {T} object @param {K[]} keys */
  const pick = (object, keys) =>
    /** @type {Pick<T, K>} */ (Object.fromEntries(keys.map(key => [key, object[key]])));

  /** The attributes of a registration. @param {any} job */
  const registration = job =>
    pick(/** @type {Record<string, any>} */ (job), [
      ...['id', 'uploadTotal', 'uploaded', 'downloadTotal', 'downloaded'],
      ...['result', 'failureReason', 'recordsAvailable'],
    ]);

  /** The same without what is a matter of moments. @param {any} job */
  function outline(job) {
    const { recordsAvailable: _, ...rest } = registration(job);
    return rest;
  }

  /** @param {Blob} blob */
  async function digest(blob) {
    const sum = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
    return `${blob.size} ${[...new Uint8Array(sum).slice(0, 8)].map(byte => byte.toString(16).padStart(2, '0')).join('')}`;
  }

  /** @param {Headers} list */
  function headers(list) {
    /** @type {Record<string, string>} */
    const lines = {};
    for (const [name, value] of list)
      lines[name] =
        name === 'date'
          ? '(date)'
          : name.includes('type')
            ? value.replace(/boundary=.*/, 'boundary=…')
            : value;
    return lines;
  }

  /** @param {Request} request */
  const describeRequest = async request => ({
    ...pick(request, ['url', 'method', 'mode', 'credentials', 'cache', 'redirect', 'referrer']),
    ...pick(request, ['referrerPolicy', 'integrity', 'keepalive', 'destination', 'bodyUsed']),
    headers: headers(request.headers),
    signal: request.signal.aborted,
    hasBody: request.body !== null,
    kind: describe(request),
    body: await request.blob().then(digest, error),
  });

  /** Reads the body. @param {Response} response */
  async function describeResponse(response) {
    // Before it is read.
    const { bodyUsed } = response;
    const copy = response.clone();
    const blob = await copy.blob().catch(error);
    return {
      ...pick(response, ['url', 'type', 'redirected', 'status', 'statusText', 'ok']),
      bodyUsed,
      headers: headers(response.headers),
      kind: describe(response),
      hasBody: response.body !== null,
      clone: pick(copy, ['url', 'type', 'redirected']),
      body: blob instanceof Blob ? await digest(blob) : blob,
      blobType: blob instanceof Blob ? blob.type : '',
    };
  }

  /** @param {any} record @param {number} [limit] */
  async function describeResponseReady(record, limit = 4000) {
    return Promise.race([
      record.responseReady.then(describeResponse, error),
      sleep(limit).then(() => 'pending'),
    ]);
  }

  /** Requests and responses. @param {any[]} list @param {number} [limit] */
  const records = (list, limit) =>
    Promise.all(
      list.map(async record => ({
        request: `${record.request.method} ${record.request.url}`,
        response: await describeResponseReady(record, limit),
      })),
    );

  /**
   * Responses of described records by method and path, or by place where two have the same.
   *
   * @param {{ request: string, response: unknown }[]} described
   */
  function named(described) {
    const names = described.map(({ request }) => request.replace(/[?].*/, ''));
    const distinct = new Set(names).size === names.length;
    return Object.fromEntries(
      described.map(({ response }, index) => [distinct ? names[index] : `${index}`, response]),
    );
  }

  /** Which records they are. @param {any} list */
  const urls = list =>
    list.map((/** @type {any} */ { request }) => `${request.method} ${request.url}`);

  /** @type {WeakMap<object, any[]>} */
  const progresses = new WeakMap();

  /** Notes progress events from now on. @param {any} job */
  function watch(job) {
    /** @type {any[]} */
    const seen = [];
    progresses.set(job, seen);
    job.addEventListener('progress', (/** @type {Event} */ event) =>
      seen.push({
        event: `${event.constructor.name} ${event.target === job} ${event.bubbles} ${event.cancelable} ${event.composed} ${event.eventPhase} ${event.isTrusted}`,
        state: registration(job),
      }),
    );
    return job;
  }

  /** What the events showed, without their number, which is a matter of time. @param {any} job */
  function progress(job) {
    const seen = progresses.get(job) ?? [];
    const ends = seen.filter(({ state }) => state.result);
    const growing = seen.every(
      ({ state }, index) =>
        index === 0
        || (state.downloaded >= seen[index - 1].state.downloaded
          && state.uploaded >= seen[index - 1].state.uploaded),
    );
    return {
      events: [...new Set(seen.map(({ event }) => event))],
      growing,
      withResult: ends.length,
      last: ends[0]?.state ?? 'none',
      lastIsLast: seen.at(-1) === ends[0],
    };
  }

  /** Resolves when the result is there, or after a while. @param {any} job @param {number} [limit] */
  async function settled(job, limit = 30_000) {
    for (let waited = 0; !job.result && waited < limit; waited += 10) await sleep(10);
    // Whatever may follow it.
    await sleep(30);
    return outline(job);
  }

  /** Resolves with whether the records go, in time. @param {any} job @param {number} [limit] */
  async function withdrawn(job, limit = 3000) {
    for (let waited = 0; job.recordsAvailable && waited < limit; waited += 10) await sleep(10);
    return !job.recordsAvailable;
  }

  /** How an event presents itself. @param {any} event */
  const describeEvent = event => ({
    kind: describe(event),
    type: event.type,
    trusted: event.isTrusted,
    target: event.target === global,
    current: event.currentTarget === global,
    flags: [
      event.bubbles,
      event.cancelable,
      event.composed,
      event.defaultPrevented,
      event.eventPhase,
    ],
    registration: describe(event.registration),
    same: event.registration === event.registration,
    updateUI: typeof event.updateUI,
    own: Object.getOwnPropertyNames(event),
    path: event.composedPath().length,
  });

  return {
    sleep,
    error,
    describe,
    outcome,
    registration,
    outline,
    digest,
    headers,
    describeRequest,
    describeResponse,
    describeResponseReady,
    records,
    named,
    urls,
    watch,
    progress,
    settled,
    withdrawn,
    describeEvent,
  };
}
