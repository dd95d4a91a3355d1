// Background fetches whose event is what matters.
import { begin, ended } from './lives.mjs';
import { scenario } from './scenario.mjs';

/**
 * A background fetch of one file, what the worker reports of it as `seen`, and its end.
 *
 * @param {string} title
 * @param {string} script
 * @param {Record<string, string | number>} [behaviour]
 */
export const handled = (title, script, behaviour = {}) =>
  scenario(title, { script }, async stage => {
    await begin(stage, 'handled', [stage.file('file', 1000, behaviour)]);
    const seen = await stage.worker.report('seen');
    return { seen, page: await ended(stage) };
  });
