// Leases: a Blob that was handed out dies with the database rows it came from (at once or at
// random, depending on the engine), so whoever holds one also holds a shared lock, and the engine
// deletes rows only under an exclusive one.

import { name } from './protocol.js';

/** @typedef {{ drop: () => void, cover: <T extends object>(object: T) => T }} Lease */

/**
 * How long a body may still be on its way to somebody when its Response is garbage already, in
 * milliseconds.
 */
const GRACE = 10_000;

/**
 * How long after the end of a background fetch its rows are first tried to be deleted, and between
 * tries at most, in milliseconds: never in the handler's own turn.
 */
const FIRST = 1_000;
const LONGEST = 60_000;

/** @type {Map<string, { holders: number, granted: Promise<unknown>, release: () => void }>} */
const locks = new Map();

/** @type {FinalizationRegistry<string>} */
const garbage = new FinalizationRegistry(lock => setTimeout(release, GRACE, lock));

/**
 * Keeps the rows of a background fetch until the lease is dropped and everything it covers is
 * garbage.
 *
 * @param {string} scope
 * @param {number} no
 * @returns {Promise<Lease>}
 */
export async function lease(scope, no) {
  const lock = lockName(scope, no);
  await acquire(lock);
  return {
    drop: () => release(lock),
    cover(object) {
      acquire(lock);
      garbage.register(object, lock);
      return object;
    },
  };
}

/**
 * Runs `act` when nobody holds a lease, until it succeeds. A worker that stops before finds the rows when
 * it starts again.
 *
 * @param {string} scope
 * @param {number} no
 * @param {() => Promise<void>} act
 */
export async function unleased(scope, no, act) {
  const done = () => act().then(() => true);
  for (let wait = FIRST; ; wait = Math.min(2 * wait, LONGEST)) {
    await new Promise(resolve => { setTimeout(resolve, wait); });
    const acted = navigator.locks
      ? navigator.locks.request(lockName(scope, no), { ifAvailable: true }, lock => lock && done())
      : done();
    if (await acted.catch(() => false)) return;
  }
}

/** @param {string} scope @param {number} no */
const lockName = (scope, no) => `${name} lease ${scope} ${no}`;

/** @param {string} lock */
function acquire(lock) {
  const known = locks.get(lock);
  if (known) {
    known.holders++;
    return known.granted;
  }
  /** @type {() => void} */
  let release = () => {};
  const released = new Promise(resolve => { release = () => resolve(undefined); });
  const granted = navigator.locks
    ? new Promise((resolve, reject) => {
      navigator.locks.request(lock, { mode: 'shared' }, () => {
        resolve(undefined);
        return released;
      }).catch(reject);
    })
    : Promise.resolve();
  locks.set(lock, { holders: 1, granted, release });
  return granted;
}

/** @param {string} lock */
function release(lock) {
  const held = locks.get(lock);
  if (!held || --held.holders) return;
  locks.delete(lock);
  held.release();
}
