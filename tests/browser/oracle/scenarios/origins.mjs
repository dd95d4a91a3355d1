// Responses of other origins, and what becomes of them.
import { ends } from '../lives.mjs';

/** @typedef {import('../stage.mjs').Stage} Stage */

/** @param {Stage} stage @param {string} label @param {Record<string, string | number>} behaviour */
const foreign = (stage, label, behaviour) => stage.file(label, 1000, behaviour, stage.other);

/** @param {Stage} stage @param {{ url: (path: string) => string }} server @param {string} to @param {string} [more] */
const redirect = (stage, server, to, more = '') =>
  server.url(`/redirect?to=${encodeURIComponent(to)}&of=${stage.tag}${more}`);

ends('another origin that allows all, with credentials', stage => [
  { url: foreign(stage, 'star', { cors: '*' }), credentials: 'include' },
]);
ends('another origin that allows this one, with credentials', stage => [
  { url: foreign(stage, 'one', { cors: stage.server.origin }), credentials: 'include' },
]);
ends('another origin that allows a third', stage => [
  foreign(stage, 'third', { cors: 'http://third.example' }),
]);
ends('another origin that allows two', stage => [
  foreign(stage, 'two', { cors: `${stage.server.origin}, http://third.example` }),
]);
ends('another origin that exposes some headers', stage => [
  foreign(stage, 'some', {
    cors: '*',
    expose: 'x-own, ETag',
    header: 'x-own:1',
    cache: 'max-age=60',
    vary: 'x-own',
  }),
]);
ends('another origin that exposes everything, with credentials', stage => [
  {
    url: foreign(stage, 'all', { cors: stage.server.origin, expose: '*', header: 'x-own:1' }),
    credentials: 'include',
  },
]);
ends('a simple POST to another origin', stage => [
  { url: foreign(stage, 'post', { cors: '*' }), method: 'POST', body: 'abc' },
]);
ends('a HEAD request to another origin', stage => [
  { url: foreign(stage, 'head', { cors: '*' }), method: 'HEAD' },
]);
ends('another origin that refuses, with a bad status', stage => [
  foreign(stage, 'gone', { status: 404 }),
]);
ends('one record of another origin that refuses, among others', stage => [
  stage.file('good', 1000),
  foreign(stage, 'refused', {}),
  foreign(stage, 'allowed', { cors: '*' }),
]);
ends('the total exceeded by another origin that refuses', stage => [foreign(stage, 'large', {})], {
  downloadTotal: 10,
});
ends('a redirect from another origin to this one', stage => [
  redirect(stage, stage.other, stage.file('back', 1000, { cors: '*' }), '&cors=*'),
]);
ends('a redirect from another origin that refuses', stage => [
  redirect(stage, stage.other, stage.file('back', 1000)),
]);
ends('a redirect there and back', stage => [
  redirect(
    stage,
    stage.server,
    redirect(stage, stage.other, stage.file('back', 1000, { cors: '*' }), '&cors=*'),
  ),
]);
ends('a redirect to another origin in same-origin mode', stage => [
  {
    url: redirect(stage, stage.server, foreign(stage, 'there', { cors: '*' })),
    mode: 'same-origin',
  },
]);
