// The differences between Chromium's own implementation and ours, each with its reason. SPEC.md has
// the same tables for readers; tools/check-spec.mjs holds them against each other.
import { downloads } from './expected/downloads.mjs';
import { beyondReach } from './expected/platform.mjs';
import { records } from './expected/records.mjs';
import { registrations } from './expected/registrations.mjs';

const groups = {
  'What a script cannot do': beyondReach,
  'Background fetches, their lists and arguments': registrations,
  'Requests and downloads': downloads,
  'Records and responses': records,
};

export const expected = Object.values(groups).flat();

/** What SPEC.md must say below its heading. */
export const tables = () =>
  Object.entries(groups)
    .flatMap(([title, reasons]) => [
      `### ${title}`,
      '',
      '| difference | defined in | follows it |',
      '| --- | --- | --- |',
      ...reasons.map(({ why, section, follows }) => `| ${why} | ${section} | ${follows} |`),
      '',
    ])
    .join('\n')
    .trim();
