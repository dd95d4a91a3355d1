// Calls of fetch() in many ways.
//
// Left out is what ends Chromium's page natively: an empty id, `title: null`, an icon with an
// unparsable URL.
import { scenario } from './scenario.mjs';

/**
 * Calls fetch() in many ways, one after the other, and tells what each came to, up to its end.
 *
 * @param {import('./stage.mjs').Stage} stage
 * @param {Record<string, string>} calls by title: expressions with `manager`, `id`, `url`, `other` and `log` at hand
 */
function attempts(stage, calls) {
  return stage.inPage(
    async ({ self, probe, registration, manager }, calls, url, other) => {
      /** @type {Record<string, unknown>} */
      const seen = {};
      for (const [title, code] of Object.entries(calls)) {
        /** @type {unknown[]} */
        const log = [];
        /** @type {any} */
        let job;
        const outcome = await probe.outcome(() => {
          const promise = self.Function(
            'manager',
            'id',
            'url',
            'other',
            'log',
            'registration',
            'probe',
            `return ${code}`,
          )(manager, title, url, other, log, registration, probe);
          promise?.then?.(
            (/** @type {any} */ value) => {
              job = value;
            },
            () => {},
          );
          return promise;
        }, 20_000);
        const begun = job && probe.registration(job);
        seen[title] = {
          outcome,
          ...(log.length ? { log } : {}),
          ...(job
            ? { begun, ended: await probe.settled(job), withdrawn: await probe.withdrawn(job) }
            : {}),
        };
      }
      return { ...seen, ids: await manager.getIds() };
    },
    calls,
    stage.file('a', 10),
    stage.file('b', 20, { cors: '*' }, stage.other),
  );
}

/** @param {string} title @param {Record<string, string>} calls */
export const odd = (title, calls) => scenario(title, {}, stage => attempts(stage, calls));
