// The card that shows the download: one heading, one sentence, one line of numbers, one button. All
// four have their place in every state, so that nothing on the page moves while it runs.
import { byId } from './dom.js';
import { reason, refusal, remaining, size } from './format.js';

/** @typedef {import('./download.js').Download} Download */
/** @typedef {import('./shelf.js').Season} Season */

/**
 * What the card says.
 *
 * @typedef {object} Card
 * @property {import('./download.js').State | 'ready' | 'unavailable'} look
 * @property {string} title
 * @property {string} text
 * @property {string} bytes
 * @property {number} [percent]
 * @property {string} [left] how much longer
 * @property {string} [start] label of the button that begins; no such button without it
 * @property {'stop' | 'play'} [button] another button
 */

const card = byId('download', HTMLElement);
const title = byId('download-title', HTMLElement);
const text = byId('download-text', HTMLElement);
const progress = byId('download-progress', HTMLProgressElement);
const bytes = byId('download-bytes', HTMLElement);
const percent = byId('download-percent', HTMLElement);
const left = byId('download-left', HTMLElement);
const status = byId('download-status', HTMLElement);
export const startButton = byId('download-start', HTMLButtonElement);
export const stopButton = byId('download-stop', HTMLButtonElement);
export const playButton = byId('download-play', HTMLButtonElement);

/**
 * @param {Download} download
 * @param {Season} season
 * @param {Map<number, number>} kept bytes on the shelf, by number of the episode
 */
export const showDownload = (download, season, kept) => show(describe(download, season, kept));

/**
 * Says why nothing can be downloaded here.
 *
 * @param {unknown} error
 */
export const showUnavailable = error =>
  show({ look: 'unavailable', title: 'Streaming only', text: refusal(error), bytes: '' });

/**
 * @param {Download} download
 * @param {Season} season
 * @param {Map<number, number>} kept
 * @returns {Card}
 */
function describe({ state, downloaded, total, secondsLeft, failureReason, error }, season, kept) {
  const { episodes } = season;
  const missing = episodes.filter(({ number }) => !kept.has(number));
  const offer = missing.length > 0 ? invite(missing, episodes.length) : celebrate(kept);
  const keeping =
    kept.size > 0 ? `${kept.size} of ${episodes.length} episodes are on this device.` : '';
  switch (state) {
    case 'starting':
      return { ...offer, look: state, title: 'Starting the download', start: undefined };
    case 'downloading':
    case 'copying':
      return {
        look: state,
        title: state === 'copying' ? 'Putting it on the shelf' : 'Downloading season 2',
        text: offer.text,
        bytes: `${size(downloaded)} of ${size(total)}`,
        percent: total > 0 ? Math.min(100, Math.round((downloaded / total) * 100)) : undefined,
        left: state === 'copying' || secondsLeft === undefined ? '' : remaining(secondsLeft),
        button: state === 'downloading' ? 'stop' : undefined,
      };
    case 'failed': {
      const why = error === undefined ? reason(failureReason) : refusal(error);
      const start = offer.start && 'Try again';
      return {
        ...offer,
        look: state,
        title: 'The download failed',
        text: `${why} ${keeping}`,
        start,
      };
    }
    case 'stopped':
      // Unless another tab completed the season meanwhile.
      if (missing.length === 0) return offer;
      return {
        ...offer,
        look: state,
        title: 'Download stopped',
        text: keeping || 'Nothing was kept.',
      };
    case 'idle':
      return offer;
  }
}

/**
 * Something is missing.
 *
 * @param {import('./shelf.js').Episode[]} missing
 * @param {number} all
 * @returns {Card}
 */
function invite(missing, all) {
  const wanted = missing.reduce((sum, { audio, artwork }) => sum + audio.bytes + artwork.bytes, 0);
  const whole = missing.length === all;
  const episodes = missing.length === 1 ? 'episode' : 'episodes';
  return {
    look: 'idle',
    title: whole ? 'Take it with you' : 'Take the rest with you',
    text: 'The download goes on while you do something else, and picks up where it was when you come back.',
    bytes: `${missing.length} ${episodes}, ${size(wanted)}`,
    start: whole ? 'Download season' : `Download ${missing.length} more`,
  };
}

/**
 * Nothing is missing.
 *
 * @param {Map<number, number>} kept
 * @returns {Card}
 */
function celebrate(kept) {
  const have = [...kept.values()].reduce((sum, each) => sum + each, 0);
  return {
    look: 'ready',
    title: 'Season 2 is on this device',
    text: 'Every episode plays without a connection now.',
    bytes: `${kept.size} episodes, ${size(have)}`,
    button: 'play',
  };
}

/** @param {Card} now */
function show(now) {
  const running = now.look === 'starting' || now.look === 'downloading' || now.look === 'copying';
  card.dataset.state = now.look;
  title.textContent = now.title;
  text.textContent = now.text;
  bytes.textContent = now.bytes;
  left.textContent = now.left ?? '';
  percent.textContent = now.percent === undefined ? '' : `${now.percent} %`;
  if (now.percent !== undefined) progress.value = now.percent;
  else if (running)
    progress.removeAttribute('value'); // On its way, no one knows how far.
  else if (now.look === 'ready') progress.value = 100;
  // Failed and stopped downloads leave the bar where it was.

  const focused = [startButton, stopButton, playButton].find(
    each => each === document.activeElement,
  );
  startButton.hidden = now.start === undefined;
  startButton.disabled = false; // It was, until there was a worker to do its bidding.
  stopButton.hidden = now.button !== 'stop';
  playButton.hidden = now.button !== 'play';
  if (now.start !== undefined) startButton.textContent = now.start;
  // Whoever pressed a button that went away is taken to the one in its place, or to the heading.
  if (focused?.hidden) {
    const next = [startButton, stopButton, playButton].find(each => !each.hidden);
    (next ?? title).focus();
  }
  announce(now);
}

let announced = '';

/**
 * Tells a screen reader about every new state, and about a running download at each quarter.
 *
 * @param {Card} now
 */
function announce({ look, title, text, percent = 0 }) {
  const quarter = look === 'downloading' ? Math.floor(percent / 25) * 25 : 0;
  const news = look !== 'downloading' ? `${title}. ${text}` : `${title}: ${quarter} %`;
  if (news === announced) return;
  // What a page says when it opens is read out anyway.
  if (announced !== '') status.textContent = news;
  announced = news;
}
