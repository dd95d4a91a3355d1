// `kill -9` of the whole browser in mid-download: a handful of rounds, of which `npm run soak` plays hundreds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kills } from './kills.mjs';
import { session } from './session.mjs';

const { engine, plain, native, grep } = session.options;
const title = 'a browser that is killed at random moments loses nothing and asks for no stored byte again';
const rounds = 3;

// Browsers of its own, on a profile that lasts: once for each engine.
if (!plain && !native && (!grep || grep.test(title))) {
  test(title, { timeout: 900_000 }, async context => {
    const seed = Math.floor(Math.random() * 2 ** 32);
    context.diagnostic(`npm run soak -- --engine=${engine} --rounds=${rounds} --seed=${seed}`);
    const kills = new Kills(engine, seed);
    try {
      await kills.start();
      for (let round = 0; round < rounds; round++) await kills.round();
    } finally {
      await kills.end();
    }
    const { sum } = kills;
    assert.ok(sum.kills >= rounds && sum.whole > 0, JSON.stringify(sum));
    assert.equal(sum.again, 0);
  });
}
