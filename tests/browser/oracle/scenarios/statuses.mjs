// What the status of a response makes of a background fetch.
//
// Left out is what Chromium tries again for minutes: every other status that is not a success, and
// redirects without a target; and what ours tries again for minutes, since no script can tell it
// from a server that is down: a redirect to another scheme.
import { ends } from '../lives.mjs';

for (const status of [203, 401, 403])
  ends(`the status ${status}`, stage => [stage.file('file', 1000, { status })]);
for (const status of [301, 303, 308])
  ends(`a redirect with ${status}`, stage => [
    stage.server.url(
      `/redirect?status=${status}&to=${encodeURIComponent(stage.file('target', 1000))}&of=${stage.tag}`,
    ),
  ]);
ends('a redirect with 303 of a POST', stage => [
  {
    url: stage.server.url(
      `/redirect?status=303&to=${encodeURIComponent(stage.file('target', 1000))}&of=${stage.tag}`,
    ),
    method: 'POST',
    body: 'abc',
  },
]);
ends('bad statuses of different kinds', stage => [
  stage.file('gone', 1000, { status: 404 }),
  stage.file('forbidden', 1000, { status: 403 }),
  stage.file('refused', 10, {}, stage.other),
]);
ends('a status text of its own', stage => [
  stage.file('text', 100, { status: 404, statusText: 'Not Here, Sorry' }),
]);
ends('a bad status within no total', stage => [stage.file('gone', 1000, { status: 404 })], {
  downloadTotal: 10,
});
ends('a bad status of a POST', stage => [
  { url: stage.file('gone', 1000, { status: 404 }), method: 'POST', body: 'abc' },
]);
