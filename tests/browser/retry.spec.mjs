// A server that refuses: how often it is asked meanwhile, and what makes the engine ask sooner once it is back.
import assert from 'node:assert/strict';
import { Door } from '../../tools/faults/door.mjs';
import { begin, file, reportRecords, whole } from './downloads.mjs';
import { scenario } from './support.mjs';

/** @typedef {import('./support.mjs').Fixture} Fixture */

const ours = { plain: true, native: false };

/** Starts a background fetch of a file behind a door that is shut, which `play` opens. @param {Fixture} fixture @param {(door: Door) => Promise<void>} play */
async function refused({ page, worker, other, name }, play) {
  const door = new Door(other.port);
  const origin = await door.start();
  try {
    const wanted = file({ url: path => origin + path }, name, 100_000, { cors: '*' });
    await begin(page, 'refused', [wanted.url]);
    await play(door);
    assert.deepEqual(await worker.report('records'), whole([wanted], 'cors'));
  } finally {
    door.close();
  }
}

scenario('a server that refuses is asked once a second at most, however often a page says retry', { ...ours, script: reportRecords }, async fixture => {
  const begun = performance.now();
  await refused(fixture, async door => {
    await fixture.page.run(() => void setInterval(/** @type {any} */ (self).backgroundFetchPolyfill.retry, 50));
    await door.knocked(8);
    // One request and one question come at once, and each of the others a second after the one before was sent: it can
    // be late, but not early. Clocks that are rounded cost a little.
    const early = door.knocks.map(at => at - begun).filter((after, index) => after < (index - 1) * 1000 - 20);
    assert.deepEqual(early, [], `${door.knocks.map(at => Math.round(at - begun))} ms after the start`);
    door.open();
  });
});

/**
 * What would wait longer than the first three back-offs never ends by itself: so it was no back-off that made the next
 * request come.
 */
const patient = `
  let sent = 0;
  let underWay = 0;
  const ask = self.fetch;
  self.fetch = async (...parameters) => {
    // Questions are asked by address, not with a Request.
    if (!String(parameters[0].url ?? parameters[0]).includes('/bytes/')) return ask.apply(self, parameters);
    sent++;
    underWay++;
    try {
      return await ask.apply(self, parameters);
    } finally {
      underWay--;
    }
  };
  const start = self.setTimeout;
  self.setTimeout = (code, delay, ...rest) => {
    const long = delay > 4001 && sent > 3 && !underWay;
    if (long) harness.report('waiting');
    return start.call(self, code, long ? 0x7fffffff : delay, ...rest);
  };
  new BroadcastChannel('online ' + harness.scope).onmessage = () => dispatchEvent(new Event('online'));
`;

/** @type {[string, (scope: string) => void][]} */
const reasons = [
  ['a page says retry', () => /** @type {any} */ (self).backgroundFetchPolyfill.retry()],
  ['the platform says online', scope => new BroadcastChannel(`online ${scope}`).postMessage('')],
];
for (const [reason, give] of reasons) {
  scenario(`a server that is back is asked when ${reason}, however long the back-off is`, {
    ...ours, first: patient, script: reportRecords, seconds: 120,
  }, fixture => refused(fixture, async door => {
    const { page, worker, scope } = fixture;
    await worker.report('waiting');
    assert.ok(door.knocks.length >= 4, `${door.knocks.length} requests in vain`);
    assert.equal(door.visits, 0);
    door.open();
    await page.run(give, scope);
  }));
}
