// What fetch() and get() are given, and how the API looks.
// Each break: what it is, a piece of text, what stands there instead, the spec that turns red, a title in it.
/** @type {import('../../../tools/breaks.mjs').Breaks} */
export default {
  'manager.js': [
    ['empty id accepted', 'if (!id) throw', 'if (0) throw', 'refusals'],
    ['empty list accepted', 'if (!inputs.length) throw', 'if (0) throw', 'refusals'],
    ['bodies of a taken id read', 'if (haveBodies && await', 'if (0 && await', 'running', 'before any body', 'chromium'], // Only there are streams bodies.
    ['permission ignored', "if (permission() === 'denied')", 'if (0)', 'permissions'],
    [
      'permission error is TypeError',
      "new DOMException('Background fetch permission is denied.', 'NotAllowedError')",
      "new TypeError('x')",
      'permissions',
    ],
    ['quota unchecked', 'await checkQuota(downloadTotal);', '', 'arguments'],
    [
      'uploadTotal 0',
      'const uploadTotal = stored.reduce((total, { body }) => total + (body?.size ?? 0), 0);',
      'const uploadTotal = 0;',
      'uploads', 'batch',
    ],
    ['get resolves null for nothing', 'includes(name)) return undefined;', 'includes(name)) return null;', 'running'],
    ['needs 1 argument only', 'needArguments(arguments.length, 2);', '', 'arguments'],
    ['get needs none', 'needArguments(arguments.length, 1);', '', 'arguments'],
    ['ids without an active worker', 'registration.active ?', 'true ?', 'refusals', 'removed', 'chromium'],
    ['manager can be cloned', 'class Implementation extends EventTarget', 'class Implementation extends Object', 'idl', 'cloned'],
    ['manager not same', 'let manager = managers.get(registration);', 'let manager;', 'idl'],
  ],
  'request.js': [
    ['no-cors accepted', "if (request.mode === 'no-cors')", 'if (0)', 'refusals', 'bad input'],
    ['bad ports accepted', 'if (hasBadPort(parsed))', 'if (0)', 'refusals', 'bad input'],
    ['schemes accepted', 'if (!/^https?:$/.test(parsed.protocol))', 'if (0)', 'refusals', 'bad input'],
    ['dangling markup accepted', "input.includes('<')", 'false', 'refusals', 'bad input'],
    ['CSP ignored', 'if (isForbidden(parsed))', 'if (0)', 'permissions', 'policy in'],
    ['mode lost', "mode: mode === 'navigate' ? 'same-origin' : mode,", "mode: 'cors',", 'requests', 'comes back'],
    ['credentials lost', "'credentials', ", '', 'requests', 'comes back'],
    ['cache lost', "'cache', ", '', 'requests', 'comes back'],
    ['redirect lost', "'redirect', ", '', 'requests', 'comes back'],
    ['referrer lost', "'referrer', ", '', 'requests', 'comes back'],
    ['policy lost', "'referrerPolicy', ", '', 'requests', 'comes back'],
    ['integrity lost', " 'integrity',", '', 'uploads', 'integrity'],
    ['keepalive lost', 'keepalive: /** @type {Request} */ (input).keepalive,', '', 'requests', 'comes back'],
    ['headers lost', 'headers: [...headers],', 'headers: [],', 'requests', 'comes back'],
    ['foreign Request is a string', 'url.call(value);', 'if (!(value instanceof Request)) throw 0;', 'arguments', 'iterable'],
  ],
  'dictionaries.js': [
    [
      'order of members',
      `  const given = from.icons;
`,
      `  from.title;
  const given = from.icons;
`,
      'arguments', 'in order',
    ],
    ['title not converted', 'title : toDOMString(title)', 'title : title', 'arguments', 'in order'],
    ['src not required', "else if (key === 'src') throw", 'if (0) throw', 'refusals', 'bad input'],
  ],
  'webidl.js': [
    ['inherited options', 'return Object.create(null);', 'return {};', 'arguments', 'Object.prototype has'],
    ['constructible', '      throw illegalConstructor();', '', 'idl'],
    [
      'surrogates replaced in ids',
      'export const toDOMString = value => `${value}`;',
      'export const toDOMString = value => `${value}`.toWellFormed();',
      'arguments', 'any string',
    ],
    [
      'iterator closed',
      'list.push(convert(result.value));',
      'try { list.push(convert(result.value)); } catch (error) { iterator.return?.(); throw error; }',
      'arguments', 'failed conversion',
    ],
    ['unsigned wraps wrong', 'Number(BigInt.asUintN(64, BigInt(number)))', '0', 'arguments', 'unsigned'],
    ['dictionary from number', 'if (!isObject(value)) throw new TypeError(`${what} must be an object.`);', '', 'refusals', 'bad input'],
    ['members not enumerable', '{ enumerable: true }', '{ enumerable: false }', 'idl'],
    ['no tag', 'Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });', '', 'idl', 'interfaces that'],
    [
      'global enumerable',
      'value: constructor, writable: true, configurable: true',
      'value: constructor, writable: true, enumerable: true, configurable: true',
      'idl',
    ],
    ['throws instead of rejecting', 'new Promise(resolve => resolve(steps()))', 'Promise.resolve(steps())', 'arguments'],
  ],
  'ports.js': [
    ['no ports', '(bad += step) === parseInt(port)', 'false', 'refusals', 'bad input'],
  ],
  'permissions.js': [
    [
      'always granted',
      "export const permission = () => options().permission ?? 'granted';",
      "export const permission = () => 'granted';",
      'permissions',
    ],
    ['other names answered', 'toDOMString(descriptor.name) === NAME', 'true', 'permissions'],
  ],
  'install.js': [
    ['backgroundFetch without brand', 'scope.call(this); // The brand check.', '', 'idl'],
    [
      'global enumerable',
      'version }, writable: true,',
      'version }, writable: true, enumerable: true,',
      'quiet', 'one name of ours', 'firefox, webkit',
    ],
    ['options may be no variable', 'version }, writable: true,', 'version }, writable: true, configurable: true,', 'entries', 'a variable'],
  ],
};
