// The demo, as a visitor uses it: "My Podcast – Season 2" on a server of its own, which goes away.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { audioPath, EPISODES } from '../../tools/demo/season.mjs';
import { WavFile } from '../../tools/demo/wav.mjs';
import { startSite } from '../../tools/site.mjs';
import { Page } from './page.mjs';
import { session } from './session.mjs';
import { scenario } from './support.mjs';

const SECONDS = 90;
/** All that the page is made of, as addresses. */
const PAGE = readdirSync(new URL('../../www/', import.meta.url))
  .filter(name => name !== 'service-worker.js')
  .map(name => (name === 'index.html' ? '/' : `/${name}`));
const options = { register: false, seconds: SECONDS };

/**
 * Opens the demo on an origin of its own, and closes it all at the end.
 *
 * @param {import('./support.mjs').Fixture} fixture
 * @param {number} rate bytes a second for each sound file
 * @param {(demo: Page, site: import('../../tools/site.mjs').Site) => Promise<void>} visit
 */
async function visiting({ page, native }, rate, visit) {
  const site = await startSite({ rate });
  const demo = new Page(session.browser, site.url(native ? '/?force=0' : '/?force'), SECONDS);
  try {
    await demo.open();
    assert.equal(await reaches(demo, 'idle'), 'idle');
    await visit(demo, site);
  } finally {
    await site.close();
    await page.open(); // The scenario wants to leave from where it came.
  }
}

/**
 * Waits until the download's card is in one of these states, or has failed.
 *
 * @param {Page} demo
 * @param {string[]} states
 */
const reaches = (demo, ...states) => demo.run(states => new Promise(resolve => {
  const card = /** @type {HTMLElement} */ (document.getElementById('download'));
  const look = () => {
    const { state = '' } = card.dataset;
    if (states.includes(state)) resolve(state);
    else if (state === 'failed' || state === 'unavailable') resolve(card.innerText);
  };
  new MutationObserver(look).observe(card, { attributes: true });
  look();
}), states);

/** @param {Page} demo @param {string} selector */
const press = (demo, selector) =>
  demo.run(selector => /** @type {HTMLElement} */ (document.querySelector(selector)).click(), selector);

/** Reads a text of the page as it is shown. @param {Page} demo @param {string} selector */
const text = (demo, selector) =>
  demo.run(selector => /** @type {HTMLElement} */ (document.querySelector(selector)).innerText, selector);

/** Titles in the list of what is on the device. @param {Page} demo */
const shelf = demo =>
  demo.run(() => [...document.querySelectorAll('#device-list .title')].map(({ textContent }) => textContent));

/** Waits until the list has this many lines. @param {Page} demo @param {number} length */
const shelved = (demo, length) => demo.run(length => new Promise(resolve => {
  const list = /** @type {HTMLElement} */ (document.getElementById('device-list'));
  const look = () => list.children.length === length && resolve(undefined);
  new MutationObserver(look).observe(list, { childList: true });
  look();
}), length);

/** Presses the play button of an episode and pulls the slider. @param {Page} demo @param {number} number @param {number} position */
const listen = (demo, number, position) => demo.run(async (number, position) => {
  const audio = /** @type {HTMLAudioElement} */ (document.getElementById('audio'));
  // There is no loudspeaker on a machine that tests, and a muted element does not ask for one.
  audio.muted = true;
  const happens = (/** @type {string} */ type) => new Promise((resolve, reject) => {
    audio.addEventListener(type, resolve, { once: true });
    audio.addEventListener('error', () => reject(new Error(`cannot play: ${audio.error?.message}`)), { once: true });
  });
  const playing = happens('playing');
  /** @type {HTMLElement} */ (document.querySelectorAll('.play')[number - 1]).click();
  await playing;
  const seeked = happens('seeked');
  const slider = /** @type {HTMLInputElement} */ (document.getElementById('player-seek'));
  slider.value = String(position);
  slider.dispatchEvent(new Event('input'));
  await seeked;
  while (audio.currentTime <= position) await happens('timeupdate');
  const { duration, paused } = audio;
  audio.pause();
  return { duration, paused };
}, number, position);

/** @param {import('../../tools/demo/season.mjs').Episode} episode */
function checksum(episode) {
  const file = new WavFile(episode);
  const hash = createHash('sha256');
  for (const piece of file.read(0, file.size)) hash.update(piece);
  return hash.digest('hex');
}

scenario('demo: the season is downloaded, then plays and seeks with the server stopped', options, async fixture => {
  await visiting(fixture, 1_500_000, async (demo, site) => {
    await press(demo, '#download-start');
    assert.equal(await reaches(demo, 'downloading'), 'downloading');
    assert.match(await text(demo, '#download-bytes'), /^\d+(\.\d)? [kM]B of 34\.6 MB$/);
    // A visitor who comes back finds the same download.
    await demo.open();
    assert.notEqual(await reaches(demo, 'downloading', 'copying', 'ready', 'idle'), 'idle');
    assert.equal(await reaches(demo, 'ready'), 'ready');
    assert.deepEqual(await shelf(demo), EPISODES.map(({ title }) => title));

    await site.close();
    await demo.open();
    assert.equal(await reaches(demo, 'ready'), 'ready');
    assert.deepEqual(await demo.run(async paths => {
      const lost = [];
      for (const path of paths) if (!(await fetch(path).catch(() => undefined))?.ok) lost.push(path);
      return lost;
    }, PAGE), [], 'lost without the server');
    const kept = await demo.run(async paths => {
      const digests = [];
      for (const path of paths) {
        const bytes = await (await fetch(path)).arrayBuffer();
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
        digests.push([...digest].map(byte => byte.toString(16).padStart(2, '0')).join(''));
      }
      return digests;
    }, EPISODES.map(audioPath));
    assert.deepEqual(kept, EPISODES.map(checksum));
    const part = await demo.run(async path => {
      const response = await fetch(path, { headers: { range: 'bytes=1000-1999' } });
      return [response.status, response.headers.get('content-range'), (await response.blob()).size];
    }, audioPath(EPISODES[2]));
    assert.deepEqual(part, [206, `bytes 1000-1999/${new WavFile(EPISODES[2]).size}`, 1000]);
    // Sound that nobody asked for is not played. In Chromium this stands for a touch of the page; in
    // the other engines it is enough that the sound is off.
    if (fixture.engine === 'chromium') {
      await session.browser.cdp?.('Runtime.evaluate', { expression: 'true', userGesture: true });
    }
    assert.deepEqual(await listen(demo, 3, 150), { duration: EPISODES[2].seconds, paused: false });
    assert.deepEqual(await listen(demo, 1, 42), { duration: EPISODES[0].seconds, paused: false });

    // What is taken off the shelf is gone.
    await press(demo, '#device-list button');
    await shelved(demo, 3);
    assert.equal(await text(demo, '#download-start'), 'Download 1 more');
    await assert.rejects(demo.run(path => fetch(path).then(({ ok }) => ok), audioPath(EPISODES[0])));
  });
});

scenario('demo: a download that fails says why, and keeps what had arrived', options, async fixture => {
  await visiting(fixture, 0, async demo => {
    await press(demo, '#missing');
    await press(demo, '#download-start');
    assert.match(await reaches(demo), /The server does not have one of the files any more\./);
    await press(demo, '#missing');
    // What has not been kept is asked for again; where everything was, there is nothing left to try.
    const again = await demo.run(() => {
      const start = /** @type {HTMLButtonElement} */ (document.getElementById('download-start'));
      if (!start.hidden) start.click();
      return !start.hidden;
    });
    if (again) assert.equal(await reaches(demo, 'ready'), 'ready');
    await shelved(demo, 4);
  });
});

scenario('demo: a download can be stopped, and nothing of it stays', options, async fixture => {
  await visiting(fixture, 500_000, async demo => {
    await press(demo, '#download-start');
    assert.equal(await reaches(demo, 'downloading'), 'downloading');
    await press(demo, '#download-stop');
    assert.equal(await reaches(demo, 'stopped'), 'stopped');
    assert.equal(await text(demo, '#download-text'), 'Nothing was kept.');
    assert.deepEqual(await shelf(demo), []);
    await demo.open();
    assert.equal(await reaches(demo, 'idle'), 'idle');
  });
});
