// Keeps the service worker alive while there is work. Engines stop a worker some time after its
// last event, and stop one whose event takes too long: so pages are prompted to send it short ones.
// With no work there is no prompt, no timer and no event.

import { name } from './protocol.js';
import { worker } from './worker-scope.js';

/**
 * @typedef {import('./protocol.js').Notice} Notice
 * @typedef {import('./protocol.js').Response} Response
 * @typedef {import('./protocol.js').Snapshot} Snapshot
 */

/** Between two prompts. The strictest engine stops an idle worker after about 30 s. */
export const PROMPT = 10_000;
/** How long the end of a background fetch waits for pages to take note. */
const ACKNOWLEDGE = 25;
/** A page that was silent for so long is gone, or frozen. It subscribes again when it wakes up. */
const GONE = 180_000;
/** Pages that are told of ends at the same time. One too many takes the place of the first. */
const PAGES = 500;
/** Events that are held at the same time: one would do. */
const HELD = 100;
/** The longest that one event is held: Chromium stops a worker whose event takes 5 minutes. */
export const HOLD = 270_000;

/** @type {Map<MessagePort, number>} the pages' ports, and when each was last heard */
const pages = new Map();
/** @type {Map<number, { missing: Set<MessagePort>, done: () => void }>} */
const acknowledgements = new Map();

let works = 0;
/** Functional events that are being handled. */
let handled = 0;
let turns = 0;
/** @type {ReturnType<typeof setInterval> | undefined} */
let prompting;
/** @type {Set<() => void>} */
const held = new Set();

/**
 * Takes in a page that wants to know how things end.
 *
 * @param {MessagePort} port
 * @param {() => void} end called when the page says that the registration goes
 */
export function subscribe(port, end) {
  const [first] = pages.keys();
  if (pages.size >= PAGES) forget(first);
  pages.set(port, performance.now());
  port.onmessage = ({ data }) => data.type === 'end' ? end() : hear(port, data);
  release(); // With a page to prompt, no event needs to be held.
  if (works) tell(port, { type: 'prompt' });
}

/**
 * @param {MessagePort} port
 * @param {Response} response
 */
function hear(port, response) {
  if (pages.has(port)) pages.set(port, performance.now());
  switch (response.type) {
    case 'here': break;
    case 'settled': return acknowledge(port, response.turn);
    case 'leave': return forget(port);
  }
}

/** @param {MessagePort} port */
function forget(port) {
  pages.delete(port);
  port.close();
  for (const turn of acknowledgements.keys()) acknowledge(port, turn);
}

/**
 * @param {MessagePort} port
 * @param {number} turn
 */
function acknowledge(port, turn) {
  const waiting = acknowledgements.get(turn);
  if (waiting?.missing.delete(port) && !waiting.missing.size) waiting.done();
}

/**
 * @param {MessagePort} port
 * @param {Notice} notice
 */
const tell = (port, notice) => port.postMessage(notice);

/**
 * Tells all pages how a background fetch ended. Resolves when they know.
 *
 * @param {Snapshot} state
 * @returns {Promise<void>}
 */
export function tellPages(state) {
  const turn = ++turns;
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer);
      acknowledgements.delete(turn);
      resolve();
    };
    const timer = setTimeout(done, ACKNOWLEDGE);
    acknowledgements.set(turn, { missing: new Set(pages.keys()), done });
    for (const port of pages.keys()) tell(port, { type: 'settle', turn, state });
    if (!pages.size) done();
  });
}

/** Work begins. Each call wants one to `rest`. */
export function work() {
  if (works++) return;
  prompting = setInterval(prompt, PROMPT);
  prompt();
}

/** Work ends. */
export function rest() {
  if (--works) return;
  clearInterval(prompting);
  release();
}

/**
 * Stays for the handlers of a functional event, as for those of the browser's own: no new version takes
 * over meanwhile.
 *
 * @param {Promise<void>} over
 */
export async function stayFor(over) {
  work();
  handled++;
  if (worker.registration.waiting) prompt();
  await over.finally(() => {
    handled--;
    yieldIfWanted();
    rest();
  });
}

function prompt() {
  // Where there is Background Sync, the worker is woken when there is a network again, without a page.
  const { sync } = /** @type {ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } }} */ (worker.registration);
  if (!navigator.onLine) sync?.register(name).catch(() => {});
  for (const [port, heard] of pages) {
    if (performance.now() - heard > GONE) forget(port);
    else tell(port, { type: 'prompt' });
  }
}

/** Lets go of every event that is held. */
function release() {
  for (const end of held) end();
}

/** Whether a new version waits, which can take over only when no event is held. */
const isAwaited = () => worker.registration.waiting && !handled;

function yieldIfWanted() {
  if (isAwaited()) release();
}

/**
 * For waitUntil() of an event: resolves when there is nothing left to do, or the time is up.
 *
 * @param {number} limit in milliseconds
 * @returns {Promise<void>}
 */
export function hold(limit) {
  return new Promise(resolve => {
    // Pages send more events, and between them there is room for a new version.
    if (!works || held.size >= HELD || isAwaited() && pages.size) return resolve();
    const end = () => {
      clearTimeout(timer);
      held.delete(end);
      resolve();
    };
    const timer = setTimeout(end, limit);
    held.add(end);
  });
}

/** Lets go of what is held whenever a new version begins to wait. */
export function yieldToUpdates() {
  const { registration } = worker;
  const watch = () => registration.installing?.addEventListener('statechange', yieldIfWanted);
  registration.addEventListener('updatefound', watch);
  watch(); // One may have been found before this worker was started.
}
