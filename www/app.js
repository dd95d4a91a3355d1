// The page: one season, its download, what is on the shelf, and a player.
import { byId } from './dom.js';
import { Download } from './download.js';
import {
  playButton,
  showDownload,
  showUnavailable,
  startButton,
  stopButton,
} from './download-card.js';
import { focusKept, listEpisodes, listKept, markPlaying, removeAllButton } from './lists.js';
import { onPlaying, play, setUpPlayer } from './player.js';
import { loadSeason, look, remove } from './shelf.js';
import { registerWorker } from './worker.js';

const force = byId('force', HTMLInputElement);
const missing = byId('missing', HTMLInputElement);

/** To the worker, which fills the shelf, and to the other tabs, which show the same shelf. */
const others = new BroadcastChannel('my-podcast');

/** Undefined where nothing can be downloaded. @type {Download | undefined} */
let download;
/** Bytes by number of the episode. @type {Map<number, number>} */
let kept = new Map();

showDeveloper();
setUpPlayer();
onPlaying(markPlaying);
const season = await loadSeason();
listEpisodes(season, play);
await refresh();
try {
  await connect(new Download(await registerWorker(), season));
} catch (error) {
  showUnavailable(error);
}

/** Looks at the shelf again. */
async function refresh() {
  kept = await look(season);
  listKept(kept, takeOff);
  if (!download) return;
  // All that was wanted is there. The worker says so too, but its word may come before the last
  // `progress`, or be missed.
  if (kept.size === season.episodes.length) download.copied();
  showDownload(download, season, kept);
}

/** @param {import('./shelf.js').Episode[]} episodes */
async function takeOff(episodes) {
  await remove(season, episodes);
  others.postMessage({ type: 'shelf-changed' });
  await refresh();
}

/**
 * Wires the download to the page, the worker and the other tabs.
 *
 * @param {Download} made
 */
async function connect(made) {
  made.addEventListener('change', () => {
    showDownload(made, season, kept);
    if (made.state === 'copying') refresh();
  });
  others.addEventListener('message', async ({ data }) => {
    if (data.type === 'started') await made.attach();
    if (data.type === 'shelf-failed') made.notCopied(data.message);
    if (data.type === 'shelf-changed') {
      await refresh();
      made.copied();
    }
  });
  // A page that comes back from the background may have slept through all of that.
  document.addEventListener('visibilitychange', async () => {
    if (document.visibilityState !== 'visible') return;
    await made.attach();
    await refresh();
  });

  startButton.addEventListener('click', async () => {
    const wanted = season.episodes.filter(({ number }) => !kept.has(number));
    await made.start(wanted, missing.checked ? ['/season-2/5-unheard.wav'] : []);
    others.postMessage({ type: 'started' });
  });
  stopButton.addEventListener('click', () => made.stop());
  playButton.addEventListener('click', () => play(season.episodes[0]));
  removeAllButton.addEventListener('click', async () => {
    await takeOff(season.episodes);
    focusKept();
  });

  await made.attach();
  download = made;
  await refresh();
}

/** The fold for developers: which implementation is at work, and how to have the other one. */
function showDeveloper() {
  const version = self.backgroundFetchPolyfill?.version;
  const native = 'BackgroundFetchManager' in self ? 'the browser’s own' : 'not there';
  byId('implementation', HTMLElement).textContent = version ? `polyfill ${version}` : native;
  force.checked = 'force' in document.documentElement.dataset;
  force.addEventListener('change', () => location.replace(`/?force=${force.checked ? 1 : 0}`));
}
