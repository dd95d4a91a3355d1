// A background fetch from its beginning to its end and beyond, as page and worker see it.
import { scenario } from './scenario.mjs';

/** What a worker reports of every event of these types, and of its records. */
export const reportEnds = `
  for (const type of ['success', 'fail', 'abort']) addEventListener('backgroundfetch' + type, event => {
    const job = event.registration;
    const seen = { event: probe.describeEvent(event), atEvent: probe.registration(job) };
    event.waitUntil((async () => {
      seen.ids = await registration.backgroundFetch.getIds();
      seen.get = await probe.outcome(() => registration.backgroundFetch.get(job.id));
      seen.abort = await probe.outcome(() => job.abort());
      const records = await job.matchAll();
      seen.count = records.length;
      const described = await probe.records(records);
      seen.records = probe.named(described);
      seen.requests = described.map(({ request }) => request).sort();
      harness.report('end', seen);
    })().catch(error => harness.report('end', { ...seen, error: probe.error(error) })));
  });
`;

/**
 * Begins a background fetch of these in the page, as `kept.job`.
 *
 * @param {import('./stage.mjs').Stage} stage
 * @param {string} id
 * @param {(string | RequestInit & { url: string })[]} requests
 * @param {object} [options]
 */
export const begin = (stage, id, requests, options = {}) =>
  stage.inPage(
    async ({ self, probe, manager, kept }, id, requests, options) => {
      const made = requests.map(request =>
        typeof request === 'string' ? request : new Request(request.url, request),
      );
      const outcome = await probe.outcome(
        async () => (kept.job = probe.watch(await manager.fetch(id, made, options))),
      );
      kept.atEvent = [];
      // The event's message may come before or after the end is known here.
      self.addEventListener('worker-event', (/** @type {CustomEvent} */ { detail }) => {
        if (detail.type.startsWith('backgroundfetch'))
          kept.atEvent.push({
            type: detail.type,
            id: detail.registration.id,
            ...(kept.job && probe.outline(kept.job)),
          });
      });
      return { outcome, ...(kept.job && { begun: probe.registration(kept.job) }) };
    },
    id,
    requests,
    options,
  );

/**
 * What is left of it after its end.
 *
 * @param {import('./stage.mjs').Stage} stage
 */
export const ended = stage =>
  stage.inPage(async ({ probe, manager, kept }) => {
    const { job } = kept;
    const settled = await probe.settled(job);
    const withdrawn = await probe.withdrawn(job);
    return {
      settled,
      withdrawn,
      progress: probe.progress(job),
      atEvent: kept.atEvent,
      after: {
        ids: await manager.getIds(),
        get: await probe.outcome(() => manager.get(job.id)),
        abort: await probe.outcome(() => job.abort()),
        match: await probe.outcome(() => job.match('x')),
        matchAll: await probe.outcome(() => job.matchAll()),
        state: probe.registration(job),
      },
    };
  });

/**
 * All of it.
 *
 * @param {import('./stage.mjs').Stage} stage
 * @param {Parameters<typeof begin>[2]} requests
 * @param {object} [options]
 * @param {() => Promise<unknown>} [meanwhile] what happens before the end
 */
export async function life(stage, requests, options = {}, meanwhile = async () => {}) {
  const beginning = await begin(stage, 'life', requests, options);
  await meanwhile();
  const worker = await stage.worker.report('end');
  return {
    beginning,
    worker,
    page: await ended(stage),
    events: stage.worker.events.map(({ type }) => type),
  };
}

/**
 * A scenario of one background fetch, all of it.
 *
 * @param {string} title
 * @param {(stage: import('./stage.mjs').Stage) => Parameters<typeof begin>[2]} requests
 * @param {object} [options]
 */
export const ends = (title, requests, options = {}) =>
  scenario(title, { script: reportEnds }, stage => life(stage, requests(stage), options));

/** Handlers that are done when the page says so. */
export const waitForPage = `
  const said = new Promise(resolve => { new BroadcastChannel('go ' + harness.scope).onmessage = resolve; });
  for (const type of ['success', 'fail', 'abort']) addEventListener('backgroundfetch' + type, event => {
    event.waitUntil(said);
    self.kept ??= {};
    self.kept.job = event.registration;
    harness.report('waiting');
  });
`;

/** Says so. @param {import('./stage.mjs').Stage} stage */
export const letGo = stage =>
  stage.inPage(({ self, registration }) => {
    new self.BroadcastChannel(`go ${registration.scope}`).postMessage('go');
  });

/**
 * Looks at the records from page and worker, in the handler's time.
 *
 * @template {any[]} A
 * @param {import('./stage.mjs').Stage} stage
 * @param {Parameters<typeof begin>[2]} requests
 * @param {(context: import('./stage.mjs').Context, ...parameters: A) => any} look
 * @param {A} parameters
 */
export async function inHandler(stage, requests, look, ...parameters) {
  await begin(stage, 'records', requests);
  await stage.worker.report('waiting');
  const page = await stage.inPage(look, ...parameters);
  const worker = await stage.inWorker(look, ...parameters);
  await letGo(stage);
  await ended(stage);
  return { page, worker };
}
