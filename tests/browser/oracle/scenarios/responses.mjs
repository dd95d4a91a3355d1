// Responses of records.
import { begin, ended, inHandler, waitForPage } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

scenario('a response as an object', { script: waitForPage }, async stage =>
  inHandler(
    stage,
    [`${stage.file('response', 1000, { type: 'text/plain; charset=utf-8' })}&header=x-own:1`],
    async ({ self, probe, kept, registration }) => {
      const [record] = await kept.job.matchAll();
      const again = await kept.job.match(record.request);
      const response = await record.responseReady;
      const copy = response.clone();
      const copyOfCopy = copy.clone();
      const cache = await caches.open(`oracle ${registration.scope} ${'document' in self}`);
      await cache.put(record.request, response.clone());
      const cached = await cache.match(record.request);
      const [fromAll] = await cache.matchAll();
      const anywhere = await caches.match(record.request);
      await caches.delete(`oracle ${registration.scope} ${'document' in self}`);
      const reader = copyOfCopy.body.getReader();
      const first = await reader.read();
      return {
        record: {
          own: Object.getOwnPropertyNames(record),
          text: String(record),
          same: again === record,
          sameReady: record.responseReady === record.responseReady,
          json: JSON.stringify(record),
        },
        write: await probe.outcome(() => response.headers.set('x-new', '1')),
        append: await probe.outcome(() => response.headers.append('x-own', '2')),
        own: Object.getOwnPropertyNames(response),
        class: response instanceof self.Response,
        sameHeaders: response.headers === response.headers,
        copy: {
          url: copy.url,
          type: copy.type,
          status: copy.status,
          redirected: copy.redirected,
          headers: probe.headers(copy.headers),
        },
        cached: {
          url: cached?.url,
          type: cached?.type,
          status: cached?.status,
          headers: cached && probe.headers(cached.headers),
          body: cached && (await probe.digest(await cached.blob())),
        },
        fromAll: fromAll?.url,
        anywhere: anywhere?.url,
        chunk: [first.done, first.value?.constructor.name],
        locked: copyOfCopy.body.locked,
        stream: String(response.body),
        sameBody: response.body === response.body,
        size: (await response.text()).length,
        used: response.bodyUsed,
        twice: await probe.outcome(() => response.text()),
        cloneUsed: await probe.outcome(() => response.clone()),
        clone: await probe.outcome(() => structuredClone(record)),
        same: (await record.responseReady) === response,
        other: (await again.responseReady) === response,
        fresh: await probe.outcome(async () => (await again.responseReady).status),
        wrapped: await probe.outcome(async () => {
          const { url, type } = new Response(copy.body, copy);
          return `${url} ${type}`;
        }),
      };
    },
  ),
);

scenario('records of a background fetch that failed', { script: waitForPage }, async stage =>
  inHandler(
    stage,
    [
      stage.file('good', 1000),
      stage.file('gone', 500, { status: 404 }),
      stage.file('refused', 10, {}, stage.other),
    ],
    async ({ probe, kept }) => {
      /** @type {Record<string, unknown>} */
      const seen = {};
      for (const { request, response } of await probe.records(await kept.job.matchAll()))
        seen[request.replace(/[?].*/, '')] = response;
      return { seen, state: probe.registration(kept.job) };
    },
  ),
);

scenario(
  'promises of responses that nobody looks at',
  {
    script: `
    addEventListener('backgroundfetchfail', event => event.waitUntil((async () => {
      const records = await event.registration.matchAll();
      await event.registration.match(records[0].request);
      await probe.sleep(200);
      harness.report('looked', records.length);
    })()));
  `,
  },
  async stage => {
    await begin(stage, 'ignored', [stage.file('refused', 10, {}, stage.other)]);
    await stage.worker.report('looked');
    return { page: await ended(stage) };
  },
);
