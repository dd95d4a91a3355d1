// Whether a server answers at all: what makes a network error of a record temporary.

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
 * @param {{ url: string }} request
 */
export async function probe({ url }) {
  /** @param {RequestMode} mode @param {RequestRedirect} redirect */
  const asks = (mode, redirect) =>
    fetch(url, { method: 'HEAD', mode, redirect, credentials: 'omit', cache: 'no-store', priority: 'low' })
      .then(() => true, () => false);
  // CORS cannot hide an answer from a request in no-cors mode, which has to follow redirects. Only
  // another mode tells of one that leads to a server that is down, or to where no fetch may go.
  if (await asks('no-cors', 'follow') || forbidden.has(url.replace(/#.*/s, ''))) return 2;
  // Not at once: a server that is down gets one request in a second.
  await new Promise(resolve => setTimeout(resolve, 1000));
  return Number(await asks('cors', 'manual'));
}
