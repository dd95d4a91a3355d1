// Request bodies: what is counted, and what the server gets.
//
// Left out is an upload that is aborted before its answer: it ends Chromium's page natively.
import { life, reportEnds } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

/** What was uploaded, in the order of labels. @param {import('../stage.mjs').Stage} stage */
const uploads = ({ server, tag }) =>
  server.log
    .of(tag)
    .filter(({ url, upload }) => upload && url.pathname.startsWith('/bytes'))
    .map(({ method, url, headers, upload }) => [
      url.pathname,
      method,
      (headers['content-type'] ?? 'none').replace(/boundary=.*/, 'boundary=…'),
      headers['content-type']?.startsWith('multipart/')
        ? 'a form'
        : [upload?.size, upload?.sha256.slice(0, 16), headers['content-length'] ?? 'none'],
    ])
    .sort();

scenario('bodies of every kind', { script: reportEnds }, async stage => {
  const kinds = {
    string: '"äbc"',
    empty: '""',
    blob: 'new Blob(["abc"])',
    typedBlob: 'new Blob(["abc"], { type: "a/B" })',
    emptyBlob: 'new Blob([])',
    file: 'new File(["abc"], "name.txt", { type: "text/plain" })',
    slice: 'new Blob(["abcdef"]).slice(1, 3)',
    buffer: 'new Uint8Array([0, 255, 10, 13]).buffer',
    view: 'new Uint16Array([1, 2, 3]).subarray(1)',
    dataView: 'new DataView(new ArrayBuffer(8), 2, 3)',
    parameters: 'new URLSearchParams([["a", "b c"], ["ä", "&"]])',
    form: '(() => { const form = new FormData(); form.append("a", "b"); form.append("file", new Blob(["x".repeat(1000)]), "ä.bin"); return form; })()',
  };
  const urls = Object.fromEntries(Object.keys(kinds).map(kind => [kind, stage.file(kind, 10)]));
  const totals = await stage.inPage(
    async ({ self, probe, manager, kept }, kinds, urls) => {
      /** @type {Record<string, unknown>} */
      const totals = {};
      for (const [kind, code] of Object.entries(kinds)) {
        const body = self.Function(`return ${code}`)();
        const job = await manager.fetch(kind, new Request(urls[kind] ?? '', { method: 'POST', body }));
        const total = job.uploadTotal;
        kept.job = job;
        const { uploaded, result } = await probe.settled(job);
        totals[kind] = [kind === 'form' ? total > 1000 : total, uploaded === total, result];
      }
      return totals;
    },
    kinds,
    urls,
  );
  return { totals, sent: uploads(stage) };
});

scenario('a batch of uploads and downloads', { script: reportEnds }, async stage => ({
  life: await life(
    stage,
    [
      stage.file('get', 3000),
      { url: stage.file('post', 1000), method: 'POST', body: 'abc'.repeat(100) },
      { url: stage.file('put', 0), method: 'PUT', body: 'x' },
      { url: stage.file('patch', 10), method: 'PATCH', body: '{}' },
      { url: stage.file('delete', 10), method: 'DELETE' },
      { url: stage.file('head', 500), method: 'HEAD' },
    ],
    { downloadTotal: 10_000 },
  ),
  sent: uploads(stage),
}));

scenario('a large upload', { script: reportEnds }, async stage => {
  const seen = await stage.inPage(
    async ({ probe, manager, kept }, url) => {
      const body = new Blob([new Uint8Array(5_000_000).fill(7)]);
      kept.job = probe.watch(
        await manager.fetch('large', new Request(url, { method: 'POST', body })),
      );
      const begun = probe.registration(kept.job);
      return { begun, ended: await probe.settled(kept.job), progress: probe.progress(kept.job) };
    },
    stage.file('large', 1000),
  );
  return { seen, sent: uploads(stage), end: await stage.worker.report('end') };
});

scenario('a body that fails', {}, async stage =>
  stage.inPage(
    async ({ probe, manager }, url) => {
      const body = new ReadableStream({
        pull(controller) {
          controller.error(new RangeError());
        },
      });
      const request = new Request(url, { method: 'POST', body, ...{ duplex: "half" } });
      const outcome = await probe.outcome(() => manager.fetch('failing', request));
      return { outcome, used: request.bodyUsed, ids: [...(await manager.getIds())] };
    },
    stage.file('failing', 10),
  ),
);
