// Keeps the service worker alive while there is work. Engines stop a worker some time after its
// last event, and stop one whose event takes too long: so pages are prompted to send it short ones.
// With no work there is no prompt, no timer and no event.

import { addPage, hasPages, promptPage, promptPages } from './pages.js';
import { name } from './protocol.js';
import { worker } from './worker-scope.js';

/** Between two prompts. The strictest engine stops an idle worker after about 30 s. */
export const PROMPT = 10_000;
/** Events that are held at the same time: one would do. */
const HELD = 100;
/** The longest that one event is held: Chromium stops a worker whose event takes 5 minutes. */
export const HOLD = 270_000;

let works = 0;
/** Functional events that are being handled. */
let handled = 0;
/** @type {ReturnType<typeof setInterval> | undefined} */
let prompting;
/** @type {Set<() => void>} */
const held = new Set();

/**
 * Takes in a page that wants to know how things end.
 *
 * @param {MessagePort} port
 */
export function subscribe(port) {
  addPage(port);
  release(); // With a page to prompt, no event needs to be held.
  if (works) promptPage(port);
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
  promptPages();
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
    if (!works || held.size >= HELD || isAwaited() && hasPages()) return resolve();
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
