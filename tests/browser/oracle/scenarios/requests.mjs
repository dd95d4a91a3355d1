// Requests of records.
//
// Left out is a request with `referrer: ''`: reading its record ends Chromium natively.
import { inHandler, letGo, waitForPage } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

scenario('requests of records', { script: waitForPage }, async stage =>
  inHandler(
    stage,
    [
      stage.file('plain', 10),
      `${stage.file('fragment', 10)}#fragment`,
      {
        url: stage.file('special', 10),
        headers: { 'x-own': 'a, b', accept: 'text/x' },
        credentials: 'omit',
        cache: 'no-cache',
        referrerPolicy: 'no-referrer',
        keepalive: true,
      },
      {
        url: stage.file('referring', 10),
        referrer: `${stage.scope}somewhere`,
        referrerPolicy: 'unsafe-url',
        credentials: 'include',
      },
      {
        url: stage.file('integrity', 0),
        integrity: 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      },
      { url: stage.file('text', 10), method: 'POST', body: 'äbc' },
      {
        url: stage.file('typed', 10),
        method: 'POST',
        body: 'abc',
        headers: { 'content-type': 'x/y' },
      },
      { url: stage.file('put', 10), method: 'PUT', body: '' },
      { url: stage.file('post', 10), method: 'POST' },
      { url: stage.file('delete', 10), method: 'DELETE' },
    ],
    async ({ self, probe, kept }) => {
      /** @type {Record<string, unknown>} */
      const seen = {};
      for (const record of await kept.job.matchAll()) {
        const { request } = record;
        seen[new URL(request.url).pathname] = {
          ...(await probe.describeRequest(request)),
          same: record.request === request,
          used: request.bodyUsed,
          class: request instanceof self.Request,
          write: await probe.outcome(() => request.headers.set('x-new', '1')),
          again: await probe.outcome(() => request.clone()),
        };
      }
      return seen;
    },
  ),
);

scenario('bodies of requests of records', { script: waitForPage }, async stage => {
  await stage.inPage(
    async ({ probe, manager, kept }, urls) => {
      const form = new FormData();
      form.append('field', 'value');
      form.append('file', new File(['content'], 'name.txt', { type: 'text/plain' }));
      const bodies = [
        form,
        new URLSearchParams({ a: 'b c' }),
        new Blob(['abc']),
        new Blob(['abc'], { type: 'a/b' }),
        new Uint8Array([1, 2, 3]),
        new Uint16Array([1, 2]).buffer,
        new Blob([]),
      ];
      kept.job = probe.watch(
        await manager.fetch(
          'bodies',
          bodies.map((body, index) => new Request(urls[index] ?? '', { method: 'POST', body })),
        ),
      );
      kept.total = kept.job.uploadTotal > 250;
    },
    Array.from({ length: 7 }, (_, index) => stage.file(`body-${index}`, 10)),
  );
  await stage.worker.report('waiting');
  /** @param {import('../stage.mjs').Context} context */
  const look = async ({ probe, kept }) => {
    /** @type {Record<string, unknown>} */
    const seen = {};
    for (const { request } of await kept.job.matchAll()) {
      const { body, headers, ...rest } = await probe.describeRequest(request.clone());
      const type = headers['content-type'] ?? '';
      seen[new URL(request.url).pathname] = type.startsWith('multipart/')
        ? {
            ...rest,
            type,
            fields: await request
              .formData()
              .then(
                async (/** @type {FormData} */ form) =>
                  Promise.all(
                    [...form].map(async ([name, value]) => [
                      name,
                      value instanceof File ? [value.name, value.type, await value.text()] : value,
                    ]),
                  ),
                probe.error,
              ),
          }
        : { ...rest, body, headers };
    }
    return seen;
  };
  const seen = {
    page: await stage.inPage(look),
    worker: await stage.inWorker(look),
    total: await stage.inPage(({ kept }) => kept.total),
  };
  await letGo(stage);
  return {
    seen,
    sent: stage.server.log
      .of(stage.tag)
      .map(({ upload, headers }) => [
        headers['content-type']?.replace(/boundary=.*/, ''),
        headers['content-type']?.startsWith('multipart/') ? 'form' : upload?.size,
      ])
      .sort(),
  };
});
