// The pages that want to know how background fetches end. They hear it before the events are dispatched,
// and send the worker pings when they are prompted to.

/**
 * @typedef {import('./protocol.js').Notice} Notice
 * @typedef {import('./protocol.js').Response} Response
 * @typedef {import('./protocol.js').Snapshot} Snapshot
 */

/** How long the end of a background fetch waits for pages to take note. */
const ACKNOWLEDGE = 25;
/** A page that was silent for so long is gone, or frozen. It subscribes again when it wakes up. */
const GONE = 180_000;
/** Pages that are told of ends at the same time. One too many takes the place of the first. */
const PAGES = 500;

/** @type {Map<MessagePort, number>} the pages' ports, and when each was last heard */
const pages = new Map();
/** @type {Map<number, { missing: Set<MessagePort>, done: () => void }>} */
const acknowledgements = new Map();
let turns = 0;

/** Whether there is one. */
export const hasPages = () => pages.size > 0;

/**
 * Takes in a page.
 *
 * @param {MessagePort} port
 */
export function addPage(port) {
  const [first] = pages.keys();
  if (pages.size >= PAGES) forget(first);
  pages.set(port, performance.now());
  port.onmessage = ({ data }) => hear(port, data);
}

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

/** Has a page send a ping. @param {MessagePort} port */
export const promptPage = port => tell(port, { type: 'prompt' });

/** Has those that are still there send one. */
export function promptPages() {
  for (const [port, heard] of pages) {
    if (performance.now() - heard > GONE) forget(port);
    else promptPage(port);
  }
}

/**
 * @param {MessagePort} port
 * @param {Notice} notice
 */
const tell = (port, notice) => port.postMessage(notice);

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
