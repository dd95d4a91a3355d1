// Holds SPEC.md against the specification and the tree: every section is mapped, every file it names
// exists, and every link in the code leads to a section that there is.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './lib/run.mjs';
import { definitions, sections } from './spec-sections.mjs';

/** @type {string[]} */
const complaints = [];
const text = readFileSync(join(root, 'SPEC.md'), 'utf8');

const rows = new Map([...text.matchAll(/^\| `#([a-z-]+)` \| (.*) \| (.*) \|$/gm)].map(([, id, modules, tests]) => [id ?? '', { modules, tests }]));
for (const section of sections) if (!rows.has(section)) complaints.push(`SPEC.md does not map #${section}`);
for (const [id, { modules = '', tests = '' }] of rows) {
  if (!sections.includes(id)) complaints.push(`SPEC.md maps #${id}, which is no section`);
  for (const [, file = ''] of `${modules} ${tests}`.matchAll(/`([\w./-]+\.(?:rs|js|mjs))`/g)) {
    if (!existsSync(join(root, file))) complaints.push(`SPEC.md names ${file}, which does not exist`);
  }
  if (!/`[\w./-]+\.(?:rs|js|mjs)`/.test(modules) && !modules.startsWith('—')) complaints.push(`#${id} has no module`);
  if (!/`[\w./-]+\.(?:rs|js|mjs)`/.test(tests) && !tests.startsWith('—')) complaints.push(`#${id} has no test`);
}

const known = new Set([...sections, ...definitions, 'header-equality-algorithm']);
for (const folder of ['src', 'js']) {
  for (const name of readdirSync(join(root, folder), { recursive: true })) {
    const file = join(root, folder, String(name));
    if (!/\.(rs|js|ts)$/.test(file)) continue;
    for (const [, id = ''] of readFileSync(file, 'utf8').matchAll(/wicg\.github\.io\/background-fetch\/#([a-z-]+)/g)) {
      if (!known.has(id)) complaints.push(`${folder}/${name} links to #${id}, which is no section`);
    }
  }
}

for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;
else console.log(`check-spec: ${sections.length} sections, all mapped`);
