// Whether a server answers at all: what makes a network error of a record temporary.

import { fetch } from './worker-scope.js';

/** A server that is down is asked once in so many milliseconds at most. */
const PACE = 1_000;

/** How long an answer may take, in milliseconds: two of them are had before the engine gives a probe up. */
const LONGEST = 14_000;

/** What the policy of this worker does not let it fetch. @type {Set<string>} */
const forbidden = new Set();

/** Takes note of a violation. @param {SecurityPolicyViolationEvent} event */
export function hearViolation({ blockedURI, disposition }) {
  if (disposition === 'enforce') forbidden.add(blockedURI);
}

/**
 * Who answers at an address, whatever it says: 2 a server, 1 only one that leads on to nobody, 0 nobody.
 * A policy that forbids to ask is an answer, too.
 *
 * @param {{ url: string, referrerPolicy: ReferrerPolicy }} request
 */
export async function probe({ url, referrerPolicy }) {
  /** @param {RequestMode} mode @param {RequestRedirect} redirect */
  const ask = (mode, redirect) =>
    fetch(url, {
      method: 'HEAD', mode, redirect, credentials: 'omit', cache: 'no-store', priority: 'low', referrerPolicy,
      signal: AbortSignal.timeout(LONGEST),
    }).then(({ type }) => type, () => forbidden.has(url.replace(/#.*/s, '')) && 'error');
  // CORS cannot hide an answer from a request in no-cors mode, which has to follow redirects. Only
  // another mode tells of one that leads to a server that is down, or to where no fetch may go.
  if (new URL(url).origin === location.origin) {
    const type = await ask('cors', 'manual');
    if (type !== 'opaqueredirect') return type ? 2 : 0;
    return await ask('no-cors', 'follow') ? 2 : 1;
  }
  if (await ask('no-cors', 'follow')) return 2;
  await new Promise(resolve => { setTimeout(resolve, PACE); });
  return await ask('cors', 'manual') ? 1 : 0;
}
