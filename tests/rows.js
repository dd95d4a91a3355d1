// Background fetches from a seed, for `rows.rs`: rows as the engine writes them, and then here and there
// something else instead. What is a row is said here once more, from `src/store/rows.rs`.
((seed, wild) => {
  // Marsaglia's xorshift; zero is its only state without a successor.
  let state = seed * 2_654_435_769 >>> 0 || 1;
  const random = below => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const pick = list => list[random(list.length)];
  const reasons = ['aborted', 'bad-status', 'fetch-error', 'quota-exceeded', 'download-total-exceeded'];

  // All that a database keeps, except what is a row by chance.
  const anything = () => pick([
    () => undefined, () => null, () => true, () => false,
    () => pick([0, -0, 1, -1, 0.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e308, 5e-324, Date.now()]),
    () => pick(['', '0', 'success', 'failure', 'Success', 'basic', 'GET', 'POST', '\0', '\u{d800}', 'é', 'x'.repeat(70_000), '__proto__', ...reasons]),
    () => BigInt(random(9)), () => new Date(pick([0, NaN])), () => /x/g, () => new Map([['result', 'success']]), () => new Set([1]),
    () => new String('success'), () => new Number(1), () => new Boolean(true),
    () => [], () => [[]], () => [['etag', '"a"']], () => [['etag']], () => [['é\n', 'b']], () => [['etag', {}]], () => new Array(3), () => ['ab', 'cd'],
    () => ({}), () => ({ length: 1, 0: 'a' }), () => [anything()], () => ({ url: anything(), status: anything() }),
    () => new ArrayBuffer(3), () => new Uint8Array(5), () => new Uint8Array(8).subarray(2, 4), () => new Float64Array(2), () => new DataView(new ArrayBuffer(2)),
    () => new Blob(['bytes']),
  ])();

  /** The row with some members changed, or something else instead. */
  const spoilt = row => {
    if (random(3) > 0) return row;
    if (random(8) === 0) return anything();
    for (let times = 1 + random(2); times > 0; times--) {
      const name = pick(Object.keys(row));
      if (random(5) === 0) delete row[name];
      else row[name] = anything();
    }
    return row;
  };

  const text = value => typeof value === 'string';
  const length = value => Number.isSafeInteger(value) && value >= 0;
  const small = value => length(value) && value < 2 ** 32;
  const object = value => typeof value === 'object' && value !== null;
  const isFetch = row => object(row) && text(row.id) && text(row.title) && Array.isArray(row.icons)
    && [row.downloadTotal, row.uploadTotal, row.uploaded, row.downloaded].every(length)
    && small(row.records) && small(row.due) && Number.isFinite(row.written)
    && typeof row.recordsAvailable === 'boolean' && typeof row.paused === 'boolean'
    && (row.result === 'failure' ? reasons.includes(row.failureReason) : ['', 'success'].includes(row.result) && row.failureReason === '');
  const isRequest = row => object(row) && text(row.url) && text(row.method) && text(row.integrity);
  const isResponse = row => object(row) && small(row.attempt) && length(row.stored) && Number.isFinite(row.written)
    && small(row.at) && length(row.from) && ['', 'success', ...reasons].includes(row.result);
  const isHead = row => {
    if (!object(row) || !Array.isArray(row.headers) || !Number.isFinite(row.arrived)) return false;
    try {
      new Headers(row.headers);
    } catch {
      return false;
    }
    return length(row.status) && row.status < 2 ** 16 && text(row.type);
  };

  const fetches = [];
  const requests = [];
  const responses = [];
  const chunks = [];
  const meta = [];
  const count = wild ? 12 : 40;
  for (let no = 1; no <= count; no++) {
    const records = random(4);
    const failed = random(4) === 0;
    const ended = failed || random(4) === 0;
    const row = spoilt({
      id: `${no}`, title: 'Season 2', icons: [], downloadTotal: pick([0, 0, 5, 2 ** 40]), uploadTotal: 0, uploaded: 0, downloaded: random(9),
      result: failed ? 'failure' : ended ? 'success' : '', failureReason: failed ? pick(reasons) : '', recordsAvailable: true,
      records, due: ended ? random(5) : 0, paused: random(4) === 0, written: Date.now(),
    });
    const key = wild && random(6) === 0
      ? pick([-no, no - 0.5, no - 1, -Infinity, Infinity, 2 ** 53, 1e300, `${no}`, new Date(no), [no], new Uint8Array([no]).buffer]) : no;
    fetches.push({ key, value: row, valid: isFetch(row) });
    /** @type {any[]} */
    const asked = [];
    for (let index = 0; index < records; index++) {
      const url = pick(['data:,hello', 'data:,', 'http://127.0.0.1:9/', 'https://[', '', 'about:blank']);
      asked.push(spoilt({
        url, method: pick(['GET', 'GET', 'POST', 'GE T']), headers: [], mode: 'cors', credentials: 'same-origin', cache: 'default', redirect: 'follow',
        referrer: 'about:client', referrerPolicy: '', integrity: '', body: null,
      }));
      if (random(2) === 0) continue;
      const response = spoilt({
        url, type: pick(['basic', 'cors']), redirected: false, status: pick([200, 200, 206, 404, 0]), statusText: '', arrived: random(2) * Date.now(),
        headers: pick([[], [['content-length', '5'], ['etag', '"a"'], ['accept-ranges', 'bytes']]]),
      });
      const value = spoilt({
        attempt: 1 + random(3), stored: random(2) * 5, result: pick(['', '', 'success', ...reasons]), written: Date.now(), response,
        at: random(index + 1), from: random(2) * 5,
      });
      // Further than the others: records are told by their places.
      const place = wild && random(9) === 0 ? pick([index + 0.5, -1, 2 ** 33, index + 1]) : index;
      responses.push({ key: [no, place], value, valid: isResponse(value), head: object(value) && isHead(value.response) });
      if (random(2) === 0) chunks.push({ key: [no, place, 1, 0], value: wild ? anything() : new ArrayBuffer(5) });
    }
    // Several to a row, or one that is none.
    const split = wild ? random(records + 1) : 0;
    for (const [first, part] of [[0, asked.slice(0, split)], [split, asked.slice(split)]]) {
      if (part.length === 0) continue;
      const value = wild && random(9) === 0 ? pick([part[0], anything(), new Array(records), [part]]) : part;
      requests.push({ key: [no, wild && random(9) === 0 ? first + 0.5 : first], value, valid: part.map(isRequest) });
    }
  }
  if (wild) {
    for (const key of ['epoch', 'next', 'blobs', 'last']) if (random(3) === 0) meta.push({ key, value: anything() });
    if (random(3) === 0) meta.push({ key: 'last', value: [[anything()], anything(), [1, 0, 1, 0]] });
  }
  const request = {
    url: 'data:,hello', method: 'GET', headers: [], mode: 'cors', credentials: 'same-origin', cache: 'default', redirect: 'follow',
    referrer: 'about:client', referrerPolicy: '', integrity: '', body: null,
  };
  const fresh = { id: 'the new one', title: '', icons: [], downloadTotal: 0, uploadTotal: 0, requests: [request] };
  return { fetches, requests, responses, chunks, meta, new: fresh };
})
