// Bodies of responses, read in every way.
import { inHandler, waitForPage } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

scenario('bodies that are read', { script: waitForPage }, async stage => {
  const { server, tag } = stage;
  return inHandler(
    stage,
    [
      stage.file('large', 3_000_000),
      stage.file('typed', 1000, { type: 'text/plain; charset=utf-8' }),
      { url: server.url(`/echo?of=${tag}`), method: 'POST', body: '{"a":1}' },
      stage.file('empty', 0),
    ],
    async ({ self, probe, kept }) => {
      /** @type {Record<string, Response>} */
      const responses = {};
      for (const { request, responseReady } of await kept.job.matchAll())
        responses[new URL(request.url).pathname.split('/').at(-1) ?? ''] = await responseReady;
      const { large, typed, echo, empty } = /** @type {Record<string, any>} */ (responses);
      const [left, right] = large.clone().body.tee();
      const sizes = await Promise.all(
        [left, right].map(async stream => (await new Response(stream).blob()).size),
      );
      const reader = large.clone().body.getReader();
      const first = await reader.read();
      await reader.cancel('enough');
      const whole = await large.clone().arrayBuffer();
      const blob = await typed.clone().blob();
      return {
        sizes,
        first: [first.done, first.value instanceof self.Uint8Array, (await reader.read()).done],
        byob: await probe.outcome(() => large.clone().body.getReader({ mode: 'byob' })),
        whole: [whole instanceof self.ArrayBuffer, whole.byteLength],
        slice: await probe.digest(new Blob([whole]).slice(1_000_000, 2_000_000)),
        blob: [blob.type, blob.size],
        text: (await typed.clone().text()).length,
        json: (await echo.clone().json()).size,
        notJson: await probe.outcome(() => typed.clone().json()),
        form: await probe.outcome(() => typed.clone().formData()),
        bytes: await probe.outcome(async () => (await typed.clone().bytes()).length),
        empty: [await empty.clone().text(), (await empty.clone().arrayBuffer()).byteLength],
        emptyJson: await probe.outcome(() => empty.clone().json()),
        used: [large.bodyUsed, typed.bodyUsed],
        piped: await probe.outcome(async () => {
          let size = 0;
          await large.body.pipeTo(
            new WritableStream({ write: chunk => void (size += chunk.length) }),
          );
          return size;
        }),
        after: await probe.outcome(() => large.text()),
      };
    },
  );
});

scenario('an object URL of a response', { script: waitForPage }, async stage =>
  inHandler(
    stage,
    [stage.file('file', 5000, { type: 'image/x-own' })],
    async ({ self, kept }) => {
      const [{ responseReady }] = await kept.job.matchAll();
      const blob = await (await responseReady).blob();
      if (!self.URL.createObjectURL) return [blob.type, blob.size];
      const copy = await (await fetch(self.URL.createObjectURL(blob))).blob();
      return [blob.type, blob.size, copy.type, copy.size];
    },
  ),
);
