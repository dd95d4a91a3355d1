// Holds SPEC.md against the specification and the tree: every section is mapped, every file it names
// exists (errata and deviations included), every link in the code leads to a section that there is, and
// the differences from Chromium's own implementation are those that the oracle expects.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expected, tables } from '../tests/browser/oracle/expected.mjs';
import { complaint } from './lib/named-tests.mjs';
import { root } from './lib/run.mjs';
import { definitions, sections } from './spec-sections.mjs';

/** @type {string[]} */
const complaints = [];
const text = readFileSync(join(root, 'SPEC.md'), 'utf8');

/** A file in a table. */
const files = /`([\w./-]+\.(?:rs|js|mjs))`/g;

const table = text.slice(0, text.indexOf('\n## Statements\n'));
const rows = new Map([...table.matchAll(/^\| `#([a-z-]+)` \| (.*) \| (.*) \|$/gm)].map(([, id, modules, tests]) => [id ?? '', { modules, tests }]));
for (const section of sections) if (!rows.has(section)) complaints.push(`SPEC.md does not map #${section}`);
for (const [id, { modules = '', tests = '' }] of rows) {
  if (!sections.includes(id)) complaints.push(`SPEC.md maps #${id}, which is no section`);
  for (const [, file = ''] of `${modules} ${tests}`.matchAll(files)) {
    if (!existsSync(join(root, file))) complaints.push(`SPEC.md names ${file}, which does not exist`);
  }
  if (!/`[\w./-]+\.(?:rs|js|mjs)`/.test(modules) && !modules.startsWith('—')) complaints.push(`#${id} has no module`);
  if (!/`[\w./-]+\.(?:rs|js|mjs)`/.test(tests) && !tests.startsWith('—')) complaints.push(`#${id} has no test`);
}

// Statements, below the sections that have many.
const [, statements = ''] = /\n## Statements\n(.*?)\n## /s.exec(text) ?? [];
let count = 0;
for (const [, id = '', statement = '', tests = ''] of statements.matchAll(/^\| `#([a-z-]+)` \| (.*) \| (.*) \|$/gm)) {
  count++;
  if (!sections.includes(id)) complaints.push(`"${statement}" is of #${id}, which is no section`);
  for (const test of tests.split('; ')) {
    const why = complaint(test);
    if (why) complaints.push(`#${id}, "${statement}": ${why}`);
  }
}

// Below the statements: errata, deviations and all that is said besides.
const [, rest = ''] = /\n## Errata: (.*)/s.exec(text) ?? [];
for (const [, file = ''] of rest.matchAll(files)) {
  if (!existsSync(join(root, file))) complaints.push(`SPEC.md names ${file}, which does not exist`);
}
const [errata = ''] = rest.split('\n## ');
const errors = [...errata.matchAll(/^\| (S\d+) \|.*\| (.*) \|$/gm)];
if (errors.length === 0) complaints.push('SPEC.md has no errata');
for (const [, number, where = ''] of errors) if (!where.match(files)) complaints.push(`${number} does not say where`);

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

const [, written = ''] = /^## Differences from Chromium's own implementation$(.*?)(?=^## |$(?![^]))/ms.exec(text) ?? [];
/** @param {string} lines */
const tableLines = lines => lines.split('\n').filter(line => /^(?:###|\|)/.test(line));
const meant = tableLines(tables());
for (const line of meant) if (!tableLines(written).includes(line)) complaints.push(`SPEC.md lacks what the oracle expects: ${line}`);
for (const line of tableLines(written)) if (!meant.includes(line)) complaints.push(`the oracle does not expect: ${line}`);
for (const { why, section } of expected) {
  const [, id] = /^`#(.*)`$/.exec(section) ?? [];
  if (id !== undefined && !known.has(id)) complaints.push(`the oracle names #${id}, which is no section: ${why}`);
}

for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;
else console.log(`check-spec: ${sections.length} sections, all mapped; ${count} statements with their tests`);
