// A bad link: 100 kB a second, and a reset every 5 s. `--long` plays it at its own pace; else it is faster, and reset
// after as many bytes.
import assert from 'node:assert/strict';
import { reportRecords } from './downloads.mjs';
import { again, bad, quickly, slowly } from './link.mjs';
import { scenario } from './support.mjs';

const long = process.argv.includes('--long');

scenario('over a link that is reset again and again a file arrives, and little of it is asked for twice', {
  plain: true, native: false, script: reportRecords, seconds: long ? 400 : 90,
}, async fixture => {
  const counted = await (long ? slowly : quickly)(fixture, bad);
  if (long) console.log(`${fixture.engine}${fixture.plain ? ', plain' : ''}: ${JSON.stringify(counted)}`);
  // The link carries no more than that between two resets: fewer would show nothing, and each breaks off a response.
  const between = Math.floor(bad.size / (bad.rate * bad.every));
  assert.ok(counted.resets >= between && counted.cut >= between, JSON.stringify(counted));
  assert.ok(counted.again <= again, JSON.stringify(counted));
});
