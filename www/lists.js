// The two lists of the page: every episode there is, and those that are on this device.
import { byId, stamp } from './dom.js';
import { clock, size } from './format.js';

/** @typedef {import('./shelf.js').Episode} Episode */
/** @typedef {import('./shelf.js').Season} Season */

const episodeList = byId('episode-list', HTMLOListElement);
const deviceList = byId('device-list', HTMLUListElement);
const deviceText = byId('device-text', HTMLElement);
const deviceTitle = byId('device-title', HTMLElement);
export const removeAllButton = byId('remove-all', HTMLButtonElement);

/** @type {{ episode: Episode, button: HTMLButtonElement, mark: HTMLElement }[]} */
const rows = [];

/**
 * Lists the season.
 *
 * @param {Season} season
 * @param {(episode: Episode) => void} play
 */
export function listEpisodes({ episodes }, play) {
  for (const episode of episodes) {
    const { element, part } = stamp('episode-template');
    part('.cover', HTMLImageElement).src = episode.artwork.src;
    part('.number', HTMLElement).textContent = `${episode.number}.`;
    part('.title', HTMLElement).textContent = episode.title;
    part('.notes', HTMLElement).textContent = episode.notes;
    part('.facts', HTMLElement).textContent =
      `${clock(episode.seconds)}, ${size(episode.audio.bytes)}`;
    const button = part('.play', HTMLButtonElement);
    button.addEventListener('click', () => play(episode));
    rows.push({ episode, button, mark: part('.kept', HTMLElement) });
    episodeList.append(element);
  }
  markPlaying(undefined, false);
}

/**
 * Turns one play button into a pause button.
 *
 * @param {Episode | undefined} current
 * @param {boolean} playing
 */
export function markPlaying(current, playing) {
  for (const { episode, button } of rows) {
    const active = playing && episode === current;
    const verb = active ? 'Pause' : 'Play';
    button.setAttribute('aria-label', `${verb} episode ${episode.number}, ${episode.title}`);
    button.querySelector('use')?.setAttribute('href', active ? '#icon-pause' : '#icon-play');
    button.closest('.episode')?.classList.toggle('current', episode === current);
  }
}

/**
 * Lists what is on the device.
 *
 * @param {Map<number, number>} kept bytes by number of the episode
 * @param {(episodes: Episode[]) => Promise<void>} remove
 */
export function listKept(kept, remove) {
  const hadFocus = deviceList.contains(document.activeElement);
  const sum = [...kept.values()].reduce((all, each) => all + each, 0);
  deviceText.textContent =
    kept.size === 0
      ? 'Nothing yet. Episodes that you download are listed here and play without a connection.'
      : `${kept.size} of ${rows.length} episodes, ${size(sum)}. They play without a connection.`;
  // With a single episode its own button says the same.
  removeAllButton.hidden = kept.size < 2;
  deviceList.replaceChildren();
  for (const { episode, mark } of rows) {
    const bytes = kept.get(episode.number);
    mark.hidden = bytes === undefined;
    if (bytes === undefined) continue;
    const { element, part } = stamp('device-template');
    part('.title', HTMLElement).textContent = episode.title;
    part('.size', HTMLElement).textContent = size(bytes);
    const button = part('.remove', HTMLButtonElement);
    button.setAttribute('aria-label', `Remove ${episode.title} from this device`);
    button.addEventListener('click', () => remove([episode]));
    deviceList.append(element);
  }
  // The button that was pressed is gone, and a keyboard must not be thrown back to the top of the
  // page.
  if (hadFocus) (deviceList.querySelector('button') ?? deviceTitle).focus();
}

/** For a reader whose button has just gone away. */
export const focusKept = () => deviceTitle.focus();
