// The player at the foot of the page. It asks for an episode by its address and knows nothing about
// shelves: where the bytes come from is the service worker's business.
import { byId } from './dom.js';
import { clock, spoken } from './format.js';

/** @typedef {import('./shelf.js').Episode} Episode */

const player = byId('player', HTMLElement);
const audio = byId('audio', HTMLAudioElement);
const cover = byId('player-cover', HTMLImageElement);
const title = byId('player-title', HTMLElement);
const note = byId('player-note', HTMLElement);
const toggle = byId('player-toggle', HTMLButtonElement);
const seek = byId('player-seek', HTMLInputElement);
const elapsed = byId('player-elapsed', HTMLElement);
const total = byId('player-total', HTMLElement);

/** Seconds of one press on the arrows. */
const STEP = 15;

/** @type {Episode | undefined} */
let current;
/** @type {((episode: Episode | undefined, playing: boolean) => void)[]} */
const listeners = [];

/**
 * Calls back whenever another episode plays, or the same one pauses or goes on.
 *
 * @param {(episode: Episode | undefined, playing: boolean) => void} listener
 */
export const onPlaying = listener => listeners.push(listener);

/**
 * Plays an episode, or pauses it when it is the one that plays.
 *
 * @param {Episode} episode
 */
export function play(episode) {
  if (episode === current && audio.error === null) return audio.paused ? start() : audio.pause();
  current = episode;
  player.hidden = false;
  document.documentElement.dataset.player = '';
  tell();
  title.textContent = episode.title;
  cover.src = episode.artwork.src;
  audio.src = episode.audio.src;
  seek.max = String(episode.seconds);
  total.textContent = clock(episode.seconds);
  show();
  describeToSystem(episode);
  start();
}

function start() {
  audio.play().catch(error => {
    // AbortError: another episode was chosen while this one was loading. What the element itself
    // fails at comes as its error event.
    if (error.name === 'NotAllowedError') tell('Press play to listen.');
  });
}

/** @param {number} position in seconds */
function seekTo(position) {
  const end = Number.isFinite(audio.duration) ? audio.duration : Number(seek.max);
  audio.currentTime = Math.max(0, Math.min(end, position));
  show();
}

/** Says something below the title, or nothing more. @param {string} [text] @param {boolean} [bad] */
function tell(text = '', bad = false) {
  note.textContent = text;
  note.classList.toggle('bad', bad);
}

function show() {
  const position = audio.currentTime;
  elapsed.textContent = clock(position);
  seek.value = String(position);
  seek.setAttribute('aria-valuetext', `${spoken(position)} of ${spoken(Number(seek.max))}`);
}

function showToggle() {
  toggle.setAttribute('aria-label', audio.paused ? 'Play' : 'Pause');
  toggle.querySelector('use')?.setAttribute('href', audio.paused ? '#icon-play' : '#icon-pause');
  for (const listener of listeners) listener(current, !audio.paused);
}

/**
 * Lock screens, headset buttons, the keys of a keyboard.
 *
 * @param {Episode} episode
 */
function describeToSystem({ title, number }) {
  if (!('mediaSession' in navigator)) return;
  navigator.mediaSession.metadata = new MediaMetadata({
    title,
    artist: 'My Podcast',
    album: `Season 2, episode ${number}`,
    artwork: [{ src: '/icons/icon-192.png', sizes: '192x192', type: 'image/png' }],
  });
}

/** Connects the buttons. */
export function setUpPlayer() {
  const back = () => seekTo(audio.currentTime - STEP);
  const ahead = () => seekTo(audio.currentTime + STEP);
  toggle.addEventListener('click', () => current && play(current));
  byId('player-back', HTMLButtonElement).addEventListener('click', back);
  byId('player-ahead', HTMLButtonElement).addEventListener('click', ahead);
  seek.addEventListener('input', () => seekTo(Number(seek.value)));
  for (const type of ['play', 'pause', 'ended']) audio.addEventListener(type, showToggle);
  audio.addEventListener('timeupdate', show);
  // Whatever it said before: time goes on.
  for (const type of ['playing', 'timeupdate']) audio.addEventListener(type, () => audio.paused || tell());
  audio.addEventListener('error', () => {
    // A server that cannot be reached is "not supported" to an element that has read nothing yet.
    const decoding = audio.error?.code === MediaError.MEDIA_ERR_DECODE;
    tell(decoding ? 'This browser cannot play it here.' : 'Not on this device, and the server does not answer.', true);
    showToggle();
  });
  if (!('mediaSession' in navigator)) return;
  navigator.mediaSession.setActionHandler('seekbackward', back);
  navigator.mediaSession.setActionHandler('seekforward', ahead);
  navigator.mediaSession.setActionHandler('seekto', ({ seekTime }) => seekTo(seekTime ?? 0));
}
