// How background fetches end, and what page and worker see of it.
//
// Left out is what Chromium tries again for minutes: most error statuses, unreachable servers.
import { ends, life, reportEnds } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

ends('success', stage => [stage.file('one', 100_000, { type: 'text/plain' })], {
  title: 'Title',
  downloadTotal: 200_000,
});
ends('success without a total', stage => [stage.file('one', 100_000)]);
ends('many records', stage =>
  Array.from({ length: 12 }, (_, index) => stage.file(`many-${index}`, 1000 + index)),
);
ends('the same URL twice', stage => [stage.file('twice', 1000), stage.file('twice', 1000)]);
ends('an empty body', stage => [stage.file('empty', 0)]);
ends('exactly the total', stage => [stage.file('exact', 50_000)], { downloadTotal: 50_000 });
ends('the total exceeded', stage => [stage.file('exceeded', 50_000)], { downloadTotal: 49_999 });
ends(
  'the total exceeded without a length',
  stage => [stage.file('exceeded', 50_000, { chunked: 1 })],
  { downloadTotal: 49_999 },
);
ends('a bad status', stage => [stage.file('gone', 1000, { status: 404, type: 'text/html' })]);
ends('a bad status among good ones', stage => [
  stage.file('good', 1000),
  stage.file('gone', 1000, { status: 404 }),
  stage.file('better', 2000),
]);
ends('no content', stage => [stage.file('nothing', 0, { status: 204 })]);
ends('another good status', stage => [
  stage.file('created', 100, { status: 201, statusText: 'Made Anew' }),
]);
ends('a HEAD request', stage => [{ url: stage.file('head', 1000), method: 'HEAD' }]);
ends('another origin that allows it', stage => [
  stage.file('cors', 1000, { cors: '*', header: 'x-own:1' }, stage.other),
]);
ends('another origin that exposes everything', stage => [
  stage.file('cors', 1000, { cors: '*', expose: '*', header: 'x-own:1' }, stage.other),
]);
ends('another origin that refuses', stage => [stage.file('refused', 1000, {}, stage.other)]);
ends('another origin that asks for a preflight', stage => [
  { url: stage.file('preflight', 1000, { cors: '*' }, stage.other), headers: { 'x-own': '1' } },
]);
ends('another origin with a bad status', stage => [
  stage.file('cors', 1000, { cors: '*', status: 404 }, stage.other),
]);
ends('same-origin mode on another origin', stage => [
  { url: stage.file('mode', 1000, { cors: '*' }, stage.other), mode: 'same-origin' },
]);

/** @param {import('../stage.mjs').Stage} stage @param {string} to @param {string} [more] */
const redirect = (stage, to, more = '') =>
  stage.server.url(`/redirect?to=${encodeURIComponent(to)}&of=${stage.tag}${more}`);
ends('a redirect', stage => [redirect(stage, stage.file('target', 1000))]);
ends('a redirect with a fragment', stage => [
  `${redirect(stage, stage.file('target', 1000))}#fragment`,
]);
ends('a redirect to another origin', stage => [
  redirect(stage, stage.file('target', 1000, { cors: '*' }, stage.other)),
]);
ends('a redirect to another origin that refuses', stage => [
  redirect(stage, stage.file('target', 1000, {}, stage.other)),
]);
ends('a redirect to nothing', stage => [
  redirect(stage, stage.file('target', 1000, { status: 404 })),
]);
ends('a redirect that is not to be followed', stage => [
  { url: redirect(stage, stage.file('target', 1000)), redirect: 'manual' },
]);
ends('a redirect that is an error', stage => [
  { url: redirect(stage, stage.file('target', 1000)), redirect: 'error' },
]);
ends('a redirect with 307 of a POST', stage => [
  { url: redirect(stage, stage.file('target', 1000), '&status=307'), method: 'POST', body: 'abc' },
]);

ends(
  'a POST',
  stage => [
    { url: stage.file('post', 1000), method: 'POST', body: 'abc', headers: { 'x-own': '1' } },
  ],
  { downloadTotal: 1000 },
);
ends('a POST among GETs', stage => [
  stage.file('get', 1000),
  { url: stage.file('post', 2000), method: 'POST', body: 'abc'.repeat(10_000) },
]);
ends('a connection that breaks once', stage => [
  stage.file('broken', 300_000, { cut: 100_000, times: 1 }),
]);
ends('a coded body', stage => [
  stage.file('coded', 20_000, { encoding: 'gzip', type: 'text/plain' }),
]);
ends(
  'a coded body within the total of its coded length',
  stage => [stage.file('coded', 20_000, { encoding: 'gzip' })],
  { downloadTotal: 20_000 },
);
ends('headers of a response', stage => [
  `${stage.file('headers', 1000, { type: 'text/html; charset=utf-16', vary: 'accept', cache: 'max-age=60' })}&header=x-own:a,%20b&header=set-cookie:a=b&header=content-disposition:attachment&header=link:%3Cx%3E&header=content-language:de`,
]);
ends('no type', stage => [`${stage.file('untyped', 1000)}&header=content-type:`]);
ends('a POST whose connection breaks', stage => [
  { url: stage.file('broken', 300_000, { cut: 100_000, times: 1 }), method: 'POST', body: 'abc' },
]);

scenario('requests as the server sees them', { script: reportEnds }, async stage => {
  const own = { 'x-own': 'a, b', 'accept-language': 'tlh', authorization: 'Basic eA==' };
  await stage.inPage(({ self }) => {
    self.document.cookie = `oracle=${self.location.pathname}; path=/`;
  });
  await life(stage, [
    { url: stage.file('plain', 10), headers: own },
    { url: stage.file('omit', 10), credentials: 'omit' },
    { url: stage.file('include', 10), credentials: 'include' },
    { url: stage.file('post', 10), method: 'POST', body: 'abc', headers: own },
    stage.file('cross', 10, { cors: '*' }, stage.other),
    { url: stage.file('accept', 10), headers: { accept: 'x/y' } },
  ]);
  await stage.inPage(({ self }) => {
    self.document.cookie = 'oracle=; path=/; max-age=0';
  });
  /** @param {string[]} names */
  const shown = names =>
    Object.fromEntries(
      [stage.server, stage.other]
        .flatMap(({ log }) => log.of(stage.tag))
        .filter(({ url }) => url.pathname.startsWith('/bytes'))
        .map(({ method, url, headers }) => [
          `${method} ${url.pathname}`,
          {
            ...Object.fromEntries(names.map(name => [name, headers[name] ?? 'none'])),
            cookie: headers.cookie?.includes('oracle=') ? 'sent' : 'none',
          },
        ]),
    );
  return {
    own: shown([
      'x-own',
      'authorization',
      'accept-language',
      'content-type',
      'content-length',
      'accept',
      'origin',
      'range',
      'referer',
      'cache-control',
      'pragma',
      'accept-encoding',
      'sec-fetch-mode',
      'sec-fetch-site',
      'sec-fetch-dest',
      'upgrade-insecure-requests',
      'service-worker',
    ]),
  };
});

scenario('the total exceeded by the second', { script: reportEnds }, stage =>
  life(
    stage,
    [stage.file('first', 50_000), stage.held('second', 50_000, { hold: 'head' })],
    { downloadTotal: 60_000 },
    async () => {
      await stage.inPage(async ({ probe, kept }) => {
        for (let waited = 0; kept.job.downloaded < 50_000 && waited < 10_000; waited += 10)
          await probe.sleep(10);
      });
      stage.release();
    },
  ),
);
