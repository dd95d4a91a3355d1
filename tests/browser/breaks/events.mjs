// Registrations as they change, and the events of page and worker.
// Each break: what it is, a piece of text, what stands there instead, the spec that turns red, a title in it.
/** @type {import('../../../tools/breaks.mjs').Breaks} */
export default {
  'registration.js': [
    ['progress after the end', 'if (state.result) return; // No progress after the end.', '', 'progress'],
    ['progress without change', 'if (moved) this', 'this', 'progress', 'no progress'],
    ['no progress event', "if (moved) this.dispatchEvent(new Event('progress'));", '', 'progress', 'keeps its place'],
    ['flag kept', 'if (result && !recordsAvailable) state.recordsAvailable = false;', '', 'progress', 'progress comes'],
    ['a stranger withdraws records', 'if (result && !recordsAvailable)', 'if (!recordsAvailable)', 'hostile', 'stranger announces'],
    ['matchAll after the end', 'if (!this.#state.recordsAvailable) throw unavailable();', '', 'running'],
    ['match needs no argument', 'needArguments(arguments.length, 1);', '', 'arguments'],
  ],
  'events.js': [
    ['updateUI twice', 'if (this.#updated) throw', 'if (0) throw', 'active', 'updateUI'],
    [
      'updateUI when over',
      "if (!activity) throw new DOMException('updateUI() may",
      "if (0) throw new DOMException('updateUI() may",
      'active', 'updateUI',
    ],
    [
      'waitUntil when over',
      "if (!activity) throw new DOMException('The event",
      "if (0) throw new DOMException('The event",
      'active', 'waitUntil needs',
    ],
    ['waitUntil does not wait', 'activity.pending++;', '', 'active', 'waitUntil extends'],
    ['registration not required', 'stateOf(this.#registration);', '', 'events', 'made with'],
    [
      'init not required',
      `needArguments(arguments.length, 2);
    super(type, init);
    const`,
      `super(type, init);
    const`,
      'events', 'made with',
    ],
    ['rejection swallowed', 'console.error(reason);', '', 'events', 'goes wrong'],
  ],
  'handlers.js': [
    [
      'handler loses its place',
      '    handler.callback = value;',
      '    target.removeEventListener(type, handler.listener); handler.callback = value; target.addEventListener(type, handler.listener);',
      'progress', 'keeps its place',
    ],
    ['non objects kept', 'if (!isObject(value)) {', 'if (value === null) {', 'idl'],
    [
      'handler without this',
      'Reflect.apply(callback, event.currentTarget, [event])',
      'Reflect.apply(callback, undefined, [event])',
      'progress', 'keeps its',
    ],
    [
      'false does not cancel',
      'if (Reflect.apply(callback, event.currentTarget, [event]) === false) event.preventDefault();',
      'Reflect.apply(callback, event.currentTarget, [event]);',
      'exposure', 'made and dispatched',
    ],
  ],
  'host.js': [
    ['deposed for ever', 'if (deposed) setTimeout(() => { deposed = false; }, truce *= 2);', '', 'updates', 'before all else', 'firefox'],
    ['events before activation', "while (active?.state === 'activating')", 'while (0)', 'updates', 'before its worker', 'firefox'],
    ['wrong interface for fail', "kind === 'success' || kind === 'fail'", "kind === 'success'", 'events', 'has its interface'],
    ['abort has updateUI', "kind === 'success' || kind === 'fail'", "kind !== 'click'", 'events', 'has its interface'],
    ['event before the page knows', 'await Promise.all([told, scope().shown(state.no), activated()]);', '', 'events', 'worker aborts'],
    [
      'click of unknown id passes',
      'if (!state) throw new DOMException(`There',
      'if (!state) return undefined; if (0) throw new DOMException(`There',
      'events', 'click',
    ],
  ],
  'scope.js': [
    ['an object for each call', 'if (known?.id === snapshot.id', 'if (0 && known?.id === snapshot.id', 'running'],
    ['edits out of order', 'this.#edits = answer.catch(() => after);', '', 'running', 'in their order'],
    ['the end before the answer', 'if (aborting) aborting', 'if (0) aborting', 'running', 'waits for abort'],
  ],
  'envelope.js': [
    ['messages are seen', 'event.stopImmediatePropagation();\n    event.waitUntil(open', 'event.waitUntil(open', 'quiet', 'of the worker', 'firefox, webkit'],
    ['readable messages', 'if (!isHidden)', 'if (1)', 'quiet', 'of the worker', 'chromium'],
    ['unreadable ones are seen', 'event.stopImmediatePropagation();\n    event.waitUntil(new', 'event.waitUntil(new', 'quiet', 'of the worker', 'chromium'],
    ["others' unreadable ones are taken", 'event.ports.length !== PORTS', '!event.ports.length', 'quiet', 'cannot read', 'chromium'],
  ],
  'worker.js': [
    ['errors as the engine makes them', 'throw toException(toFailure(error));', 'throw error;', 'storage', 'the same error', 'chromium'], // The others have no class for them.
    [
      'no handlers',
      "for (const type of ['success', 'fail', 'abort', 'click']) exposeHandler",
      "for (const type of ['success', 'fail', 'abort']) exposeHandler",
      'idl', 'four event handlers', 'firefox', // In Chromium the browser's own are there.
    ],
    [
      'removed registration leaves its fetches',
      'if (!worker.registration.active) event.waitUntil',
      'if (0) event.waitUntil',
      'removal', 'by a stranger', 'firefox, webkit', // In Chromium the removed worker has seen to it.
    ],
    [
      'a removal is not seen',
      "if (serviceWorker.state === 'redundant' && !worker.registration.active) end(true);",
      '',
      'removal', 'without a word', 'chromium',
    ],
    ['a version that waits has an engine', 'isActive() ? { command: ask, end } : undefined', '{ command: ask, end }', 'updates', 'active one answers'],
    ["the worker's edits out of order", 'await after;', '', 'running', 'of the worker'],
    ['late commands refused', 'setTimeout(resolve, THINKING);', 'setTimeout(refuse, THINKING);', 'hostile', 'thinks for long'],
    ['receiver unchecked', 'if ((receiver ?? worker) !== worker) throw', 'if (0) throw', 'idl'],
  ],
};
