// What any script of the origin may post to the worker and to pages: `node fuzz/messages.mjs
// [--inputs=200000] [--seed=n]`. Nothing may throw, and what passes has the form that it claims, in
// every part that the engine looks at. The forms are said here once more, on purpose.
import { isCommand, isHint } from '../js/decode.js';
import { option } from '../tools/lib/options.mjs';

const inputs = Number(option('inputs') ?? 200_000);
let seed = Number(option('seed') ?? Math.floor(Math.random() * 2 ** 32));
const first = seed;
console.log(`messages: --seed=${first}`);

/** A number from 0 to below `bound` (mulberry32). @param {number} bound */
function below(bound) {
  seed = (seed + 0x6D2B79F5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
  return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * bound);
}

/** @template T @param {readonly T[]} choices @returns {T} */
const pick = choices => /** @type {T} */ (choices[below(choices.length)]);

const request = () => ({
  url: 'https://own.example/a', method: 'GET', headers: [['a', 'b']], mode: 'cors', credentials: 'omit',
  cache: 'default', redirect: 'follow', referrer: '', referrerPolicy: '', integrity: '', body: null,
});
const state = () => ({
  no: 1, id: 'a', title: '', icons: [], uploadTotal: 0, uploaded: 0, downloadTotal: 9, downloaded: 3,
  result: '', failureReason: '', recordsAvailable: true, life: 'l', turn: 2,
});

/** @type {(() => unknown)[]} */
const honest = [
  () => ({ type: 'fetch', request: { id: 'a', title: 't', icons: [{ src: 'https://own.example/i' }], downloadTotal: 0, uploadTotal: 0, requests: [request()] } }),
  () => ({ type: 'get', id: 'a' }),
  () => ({ type: 'click', id: 'a' }),
  () => ({ type: 'abort', no: 1 }),
  () => ({ type: 'pause', no: 1, paused: true }),
  () => ({ type: 'retry' }),
  () => ({ type: 'inspect' }),
  () => ({ type: 'subscribe', nos: [1, 2] }),
  () => ({ type: 'start', life: 'l' }),
  () => ({ type: 'progress', state: state() }),
];

/** Anything that a structured clone may bring. @returns {unknown} */
function anything() {
  return pick([
    () => undefined, () => null, () => true, () => -1, () => -0, () => NaN, () => Infinity, () => 2 ** 53, () => 1.5, () => 3n,
    () => '', () => '__proto__', () => '\ud800', () => 'x'.repeat(10_000), () => [], () => [anything()], () => new Array(3),
    () => ({}), () => ({ length: 1 }), () => Object.create(null), () => new Date(NaN), () => new Map([['type', 'get']]),
    () => new Uint8Array(4), () => new Blob(['x']), () => new Error('x'), () => [['a', 'b', 'c']], () => [['a']], () => [[1, 2]],
    () => pick(honest)(),
  ])();
}

/** Changes something somewhere in a value. @param {unknown} value @returns {unknown} */
function damaged(value) {
  const plain = Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]';
  if (!plain || below(4) === 0) return anything();
  const members = /** @type {Record<string, unknown>} */ (value);
  const name = pick([...Object.keys(members), 'type']);
  switch (below(4)) {
    case 0: Reflect.deleteProperty(members, name); break;
    case 1: members[name] = anything(); break;
    default: members[name] = damaged(members[name]);
  }
  return value;
}

/** @param {boolean} so @param {string} what */
function must(so, what) {
  if (!so) throw new Error(what);
}

/** @param {any} command */
function checkCommand({ type, id, no, nos, request: asked }) {
  if (type === 'get' || type === 'click') must(typeof id === 'string', 'an id is text');
  if (type === 'abort' || type === 'pause') must(Number.isSafeInteger(no) && no >= 0, 'a number counts');
  if (type === 'subscribe') must(Array.from(nos).every(number => Number.isSafeInteger(number)), 'numbers count');
  if (type !== 'fetch') return;
  must(typeof asked.id === 'string' && typeof asked.title === 'string', 'id and title are text');
  must(Array.from(asked.icons).every(icon => typeof icon === 'object' && icon !== null && typeof icon.src === 'string'), 'icons have sources');
  must(asked.downloadTotal >= 0 && asked.downloadTotal < Infinity, 'a total is a length');
  must(asked.requests.length > 0, 'there is a request');
  for (const { url, method, headers, body } of Array.from(asked.requests)) {
    must(typeof url === 'string' && typeof method === 'string', 'a request has a URL and a method');
    const pairs = Array.from(headers).every(pair => Array.isArray(pair) && pair.length === 2 && pair.every(part => typeof part === 'string'));
    must(pairs, 'headers are pairs of text');
    must(body === undefined || body === null || body instanceof Blob, 'a body is a Blob');
  }
}

let passed = 0;
for (let input = 0; input < inputs; input++) {
  let value = pick(honest)();
  for (let damages = below(4); damages > 0; damages--) value = damaged(value);
  try {
    if (isCommand(value)) {
      passed++;
      checkCommand(value);
    }
    if (isHint(value)) {
      passed++;
      const life = /** @type {any} */ (value);
      must(typeof (life.type === 'start' ? life.life : life.state.life) === 'string', 'a life is text');
    }
  } catch (error) {
    console.error(`input ${input} from --seed=${first}:`, value);
    console.error(error);
    process.exit(1);
  }
}
console.log(`messages: ${inputs} inputs, ${passed} passed`);
if (passed === 0) process.exitCode = 1;
