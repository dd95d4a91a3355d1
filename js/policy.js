// The page's Content-Security-Policy, as far as a script can see it: natively, connect-src decides
// what may be fetched in the background.
// https://w3c.github.io/webappsec-csp/#match-url-to-source-list
//
// Policies that come as headers are hidden from scripts; what the service worker then requests is
// subject to its own.

/** In a frame of a srcdoc its parent's. Read at once, since applications may have a variable of this name. */
const { origin } = globalThis;

/** Scheme, host, port and path. */
const hostSource = /^(?:([a-z][a-z\d+.-]*:)\/\/)?([^/:']+|\[[^\]]*\])(?::(\d+|\*))?(\/.*)?$/i;

/**
 * Whether a policy in the page's `<meta>` elements forbids connections to a URL.
 *
 * @param {URL} url
 */
export function isForbidden(url) {
  const metas = globalThis.document?.querySelectorAll('meta[http-equiv="content-security-policy" i]') ?? [];
  return Array.from(metas, meta => connectSources(/** @type {HTMLMetaElement} */ (meta).content))
    .some(sources => sources && !sources.some(source => matches(source, url)));
}

/**
 * The sources that a policy names for connections, or undefined if it is silent about them.
 *
 * @param {string} policy
 */
function connectSources(policy) {
  /** @type {Map<string, string[]>} */
  const directives = new Map();
  for (const directive of policy.split(';')) {
    const [name, ...sources] = directive.trim().split(/\s+/);
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), sources);
  }
  return directives.get('connect-src') ?? directives.get('default-src');
}

/**
 * Does a URL match a source expression.
 *
 * @param {string} source
 * @param {URL} url
 */
function matches(source, url) {
  const self = new URL(origin);
  if (source === '*') return true; // Of http and https, and there is no other here.
  if (/^'self'$/i.test(source)) return matchesOrigin(self.protocol, self.hostname, self.port, url);
  const [, onlyScheme] = /^([a-z][a-z\d+.-]*:)$/i.exec(source) ?? [];
  if (onlyScheme) return matchesScheme(onlyScheme.toLowerCase(), url);
  const [, scheme = self.protocol, host, port, path] = hostSource.exec(source) ?? [];
  return host !== undefined && matchesOrigin(scheme.toLowerCase(), host.toLowerCase(), port, url)
    && matchesPath(path, url);
}

/**
 * A policy for http means https, too.
 *
 * @param {string} scheme with its colon
 * @param {URL} url
 */
const matchesScheme = (scheme, { protocol }) =>
  protocol === scheme || scheme === 'http:' && protocol === 'https:';

/**
 * @param {string} scheme
 * @param {string} host possibly `*` or `*.example`
 * @param {string | undefined} port possibly `*`; without one, that of the scheme
 * @param {URL} url
 */
function matchesOrigin(scheme, host, port, url) {
  if (!matchesScheme(scheme, url)) return false;
  if (host.startsWith('*') ? !url.hostname.endsWith(host.slice(1)) : host !== url.hostname) return false;
  if (port === '*') return true;
  const [wanted, given] = [port || defaultPort(scheme), url.port || defaultPort(url.protocol)];
  return wanted === given || wanted === '80' && given === '443';
}

/** @param {string} scheme */
const defaultPort = scheme => scheme === 'https:' ? '443' : '80';

/**
 * @param {string | undefined} path everything below it, if it ends with a slash
 * @param {URL} url
 */
function matchesPath(path, { pathname }) {
  if (!path) return true;
  const [wanted, given] = [path, pathname].map(decode);
  return wanted.endsWith('/') ? given.startsWith(wanted) : given === wanted;
}

/** @param {string} path */
function decode(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
