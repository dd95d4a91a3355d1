// Records, their requests and their responses.
// Each break: what it is, a piece of text, what stands there instead, the spec that turns red, a title in it.
/** @type {import('../../../tools/breaks.mjs').Breaks} */
export default {
  'matching.js': [
    [
      'match gives last',
      `if (first) break;
    }
    return records;`,
      `}
    if (first) return records.slice(-1);
    return records;`,
      'records', 'queries find',
    ],
    ['method not compared', 'if (!ignoreMethod && (', 'if (0 && (', 'records', 'queries'],
    ['search not ignored', 'ignoreSearch ? /[?#].*/s : /#.*/s', '/#.*/s', 'records', 'queries'],
    ['fragment compared', 'ignoreSearch ? /[?#].*/s : /#.*/s', 'ignoreSearch ? /[?#].*/s : /$^/s', 'records', 'queries find'],
    ['vary ignored', 'if (ignoreVary) return true;', 'return true;', 'records', 'queries'],
    ['ignoreVary ignored', 'if (ignoreVary) return true;', '', 'records', 'queries'],
    ['vary star matches', "field !== '*' && asked", 'asked', 'records', 'queries find'],
  ],
  'record.js': [
    ['record can be cloned', 'class Implementation extends EventTarget', 'class Implementation extends Object', 'idl', 'cloned'],
    ['request anew each time', 'this.#request ??=', 'this.#request =', 'requests', 'comes back'],
    ['responseReady anew each time', 'this.#responseReady ??=', 'this.#responseReady =', 'requests', 'comes back'],
    ['responseReady throws', "return Promise.reject(new TypeError('Illegal invocation'));", 'throw new TypeError();', 'idl', 'receivers'],
  ],
  'body.js': [
    ['bad-status hidden', " || result === 'bad-status'", '', 'fetch'],
    [
      'aborted is a TypeError',
      `result === 'aborted'
`,
      `false
`,
      'records',
    ],
    ['content-range kept', "list.delete('content-range');", '', 'responses', 'headers are'],
    ['length beside coding', "!list.has('content-encoding')", 'true', 'responses', 'headers are'],
    [
      'hidden are shown',
      `if (!isExposed(data)) throw refusal(data);
    if (data.response)`,
      'if (data.response)',
      'records', 'abort|failed fetch',
    ],
    ['cancelled in vain', 'cancel() { attempt = 0; },', '', 'records', 'looked for no longer'],
    ['stream does not end', 'return controller.close();', 'return;', 'records', 'while a fetch runs'],
  ],
  'response.js': [
    ['url not carried by clone', 'return dress ? putOn(copy,', 'return 0 ? putOn(copy,', 'responses'],
    ['type not kept', "['url', 'type', 'redirected', 'status']", "['url', 'redirected', 'status']", 'responses'],
  ],
  'cache.js': [
    ['forged mark taken', 'if (!text || await sign(text).catch(() => {}) !== signature) return response;', 'if (!text) return response;', 'caches', 'no server'],
    ['no cache without a database', 'await sign(text).catch(() => {})', 'await sign(text)', 'caches', 'no database'],
    ['refused bodies used up', "(method ?? 'GET') === 'GET'", 'true', 'caches', 'refuses what'],
    ['bodies that vary used up', " || headers.get('vary')?.includes('*')", '', 'caches', 'refuses what'],
    ['no response is looked into', 'if (!headers) return response;\n  const { status, statusText } = response;', 'const { status, statusText } = response;\n  if (!headers) return response;', 'caches', 'no response'],
    ['mark shown', 'headers.delete(MARK);', '', 'caches', 'survives'],
  ],
  'reader.js': [
    ['ids of what is over', 'row?.id && !row.result', 'row?.id', 'frames', 'at the same time'],
  ],
};
