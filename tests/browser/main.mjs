// All specs in one engine: `node tests/browser/main.mjs --engine=chromium|firefox|webkit`, with
//   --plain        without a driver: the specs that say so, on storage that lasts
//   --native       Chromium's own Background Fetch instead of ours
//   --module       workers that are modules
//   --long         downloads of minutes where a scenario has them
//   --grep=text    only titles that match
//   --spec=fetch   only this file, or these: `--spec=fetch,resume`
import { readdirSync } from 'node:fs';
import { session } from './session.mjs';

for (const file of readdirSync(new URL('.', import.meta.url)).filter(name => name.endsWith('.spec.mjs')).sort()) {
  if (session.options.only && !session.options.only.split(',').includes(file.replace('.spec.mjs', ''))) continue;
  await import(`./${file}`);
}
