// What fetch() makes of odd ids and requests.
import { odd } from '../attempts.mjs';

odd('odd ids', {
  number: 'manager.fetch(1, url)',
  null: 'manager.fetch(null, url)',
  undefined: 'manager.fetch(undefined, url)',
  object: 'manager.fetch({ toString: () => "from toString" }, url)',
  boolean: 'manager.fetch(true, url)',
  array: 'manager.fetch(["x", "y"], url)',
  symbol: 'manager.fetch(Symbol("x"), url)',
  throwing: 'manager.fetch({ toString() { throw new RangeError(); } }, url)',
  bare: 'manager.fetch(Object.create(null), url)',
  surrogate: 'manager.fetch("a\\ud800b", url)',
  nul: 'manager.fetch("a\\0b", url)',
  proto: 'manager.fetch("__proto__", url)',
  blank: 'manager.fetch(" ", url)',
  astral: 'manager.fetch("\\u{1f600} \\u05d0", url)',
  long: 'manager.fetch("x".repeat(10000), url)',
  slashes: 'manager.fetch("../../x?y#z", url)',
});

odd('too few arguments, or too many', {
  none: 'manager.fetch()',
  one: 'manager.fetch("x")',
  symbolAlone: 'manager.fetch(Symbol())',
  more: 'manager.fetch(id, url, {}, 1, 2)',
});

odd('odd requests', {
  URL: 'manager.fetch(id, new URL(url))',
  relative: 'manager.fetch(id, url.slice(location.origin.length))',
  fragment: 'manager.fetch(id, url + "#fragment")',
  blanks: 'manager.fetch(id, "  " + url + "\\n")',
  surrogate: 'manager.fetch(id, url + "&x=\\ud800")',
  Request: 'manager.fetch(id, new Request(url))',
  list: 'manager.fetch(id, [url])',
  mixed: 'manager.fetch(id, [url, new URL(url + "&1"), new Request(url + "&2")])',
  empty: 'manager.fetch(id, [])',
  emptySet: 'manager.fetch(id, new Set())',
  set: 'manager.fetch(id, new Set([url, url + "&1"]))',
  map: 'manager.fetch(id, new Map([[url, url + "&1"]]))',
  generator: 'manager.fetch(id, function* () { yield url; yield url + "&1"; }())',
  iterator:
    'manager.fetch(id, { [Symbol.iterator]: () => ({ next: () => ({ done: log.push("next") > 2, value: url }), return: () => log.push("return") }) })',
  failing:
    'manager.fetch(id, { [Symbol.iterator]: () => ({ next: () => ({ value: Symbol() }), return: () => { log.push("return"); return {}; } }) })',
  nested: 'manager.fetch(id, [[url]])',
  nestedTwo: 'manager.fetch(id, [[url, "x"]])',
  holes: 'manager.fetch(id, [, url])',
  nullInList: 'manager.fetch(id, [null])',
  null: 'manager.fetch(id, null)',
  undefined: 'manager.fetch(id, undefined)',
  number: 'manager.fetch(id, 1)',
  object: 'manager.fetch(id, { toString: () => url })',
  stringObject: 'manager.fetch(id, new String("b"))',
  function: 'manager.fetch(id, Object.assign(() => {}, { toString: () => url }))',
  symbol: 'manager.fetch(id, Symbol())',
  symbolInList: 'manager.fetch(id, [Symbol()])',
  iteratorNumber: 'manager.fetch(id, { [Symbol.iterator]: 1, toString: () => url })',
  iteratorNull: 'manager.fetch(id, { [Symbol.iterator]: null, toString: () => url })',
  iteratorNothing: 'manager.fetch(id, { [Symbol.iterator]: () => 1 })',
  iteratorThrows: 'manager.fetch(id, { [Symbol.iterator]() { throw new RangeError(); } })',
  valueThrows: 'manager.fetch(id, [{ toString() { throw new RangeError(); } }])',
  Response: 'manager.fetch(id, new Response(""))',
  iterableRequest:
    'manager.fetch(id, Object.assign(new Request(url), { [Symbol.iterator]: () => [][Symbol.iterator]() }))',
  foreignRequest:
    '(() => { const frame = document.body.appendChild(document.createElement("iframe")); return manager.fetch(id, new frame.contentWindow.Request(url)); })()',
  duplicates: 'manager.fetch(id, [url, url])',
  sameRequest:
    '(() => { const request = new Request(url); return manager.fetch(id, [request, request]); })()',
});

odd('URLs that are refused', {
  unparsable: 'manager.fetch(id, "http://:x")',
  unparsableSecond: 'manager.fetch(id, [url, "http://:x"])',
  credentials: 'manager.fetch(id, "http://user:word@" + location.host + "/")',
  user: 'manager.fetch(id, "http://user@" + location.host + "/")',
  port: 'manager.fetch(id, "http://127.0.0.1:6667/")',
  port1: 'manager.fetch(id, "http://127.0.0.1:1/")',
  portHttps: 'manager.fetch(id, "https://127.0.0.1:25/")',
  portZero: 'manager.fetch(id, "http://127.0.0.1:0/").then(async job => { await job.abort(); })',
  data: 'manager.fetch(id, "data:,x")',
  blob: 'manager.fetch(id, URL.createObjectURL(new Blob(["x"])))',
  about: 'manager.fetch(id, "about:blank")',
  file: 'manager.fetch(id, "file:///x")',
  ftp: 'manager.fetch(id, "ftp://127.0.0.1/x")',
  ws: 'manager.fetch(id, "ws://127.0.0.1/x")',
  javascript: 'manager.fetch(id, "javascript:1")',
  unknown: 'manager.fetch(id, "unknown:x")',
  extension: 'manager.fetch(id, "chrome-extension://x/y")',
  dangling: 'manager.fetch(id, url + "&x=\\n<y")',
  danglingTab: 'manager.fetch(id, url + "&x=\\t<y")',
  lineBreak: 'manager.fetch(id, url + "&x=\\ny")',
  angle: 'manager.fetch(id, url + "&x=<y")',
  danglingFragment: 'manager.fetch(id, url + "#\\n<")',
  secondOfTwo: 'manager.fetch(id, [url, "data:,x"])',
});

odd('Requests with something special', {
  noCors: 'manager.fetch(id, new Request(url, { mode: "no-cors" }))',
  noCorsSecond: 'manager.fetch(id, [url, new Request(other, { mode: "no-cors" })])',
  sameOrigin: 'manager.fetch(id, new Request(url, { mode: "same-origin" }))',
  crossOrigin: 'manager.fetch(id, other)',
  onlyIfCached: 'manager.fetch(id, new Request(url, { mode: "same-origin", cache: "no-cache" }))',
  head: 'manager.fetch(id, new Request(url, { method: "HEAD" }))',
  put: 'manager.fetch(id, new Request(url, { method: "PUT", body: "abc" }))',
  delete: 'manager.fetch(id, new Request(url, { method: "DELETE" }))',
  options: 'manager.fetch(id, new Request(url, { method: "OPTIONS" }))',
  custom: 'manager.fetch(id, new Request(url, { method: "PROPFIND" }))',
  postNothing: 'manager.fetch(id, new Request(url, { method: "POST" }))',
  postEmpty: 'manager.fetch(id, new Request(url, { method: "POST", body: "" }))',
  postText: 'manager.fetch(id, new Request(url, { method: "POST", body: "abc" }))',
  postBlob:
    'manager.fetch(id, new Request(url, { method: "POST", body: new Blob(["abcd"], { type: "a/b" }) }))',
  postForm:
    '(() => { const form = new FormData(); form.append("a", "b"); return manager.fetch(id, new Request(url, { method: "POST", body: new URLSearchParams({ a: "b" }) })); })()',
  aborted: 'manager.fetch(id, new Request(url, { signal: AbortSignal.abort() }))',
  stream:
    'manager.fetch(id, new Request(url, { method: "POST", body: new Blob(["abc"]).stream(), duplex: "half" }))',
  used: '(async () => { const request = new Request(url, { method: "POST", body: "b" }); await request.text(); return manager.fetch(id, request); })()',
  locked:
    '(() => { const request = new Request(url, { method: "POST", body: "b" }); request.body.getReader(); return manager.fetch(id, request); })()',
  usedAfter:
    '(async () => { const request = new Request(url, { method: "POST", body: "b" }); const promise = manager.fetch(id, request); log.push(request.bodyUsed); const job = await promise; log.push(request.bodyUsed); return job; })()',
  usedAfterRefusal:
    '(async () => { const request = new Request(url, { method: "POST", body: "b" }); const promise = manager.fetch(id, [request, "http://:x"]); log.push(request.bodyUsed); return promise; })()',
  usedTwice:
    '(() => { const request = new Request(url, { method: "POST", body: "b" }); return manager.fetch(id, [request, request]); })()',
  keepalive: 'manager.fetch(id, new Request(url, { keepalive: true }))',
  headers: 'manager.fetch(id, new Request(url, { headers: { "x-own": "1", range: "bytes=0-4" } }))',
  integrity:
    'manager.fetch(id, new Request(url, { integrity: "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }))',
});
