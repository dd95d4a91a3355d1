// The HTTP cache, and headers that belong to the connection.
import { life, reportEnds } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

scenario('the HTTP cache', { script: reportEnds }, async stage => {
  /** @type {RequestCache[]} */
  const modes = ['default', 'no-store', 'reload', 'no-cache', 'force-cache'];
  const urls = modes.map(mode => stage.file(mode, 100, { cache: 'max-age=600' }));
  await stage.inPage(async (_, urls) => {
    for (const url of urls) await (await fetch(url)).blob();
  }, urls);
  const seen = await life(
    stage,
    modes.map((cache, index) => ({ url: urls[index] ?? '', cache })),
  );
  const asked = Object.fromEntries(
    modes.map(mode => [
      mode,
      stage.server.log
        .of(stage.tag)
        .filter(({ url }) => url.pathname === `/bytes/${mode}`)
        .slice(1)
        .map(({ status, headers }) => [
          status,
          headers['cache-control'] ?? 'none',
          headers['if-none-match'] ? 'conditional' : 'whole',
        ]),
    ]),
  );
  return { seen, asked };
});
