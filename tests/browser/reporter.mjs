// One line for each test, what went wrong below it, and a last line that tools/test.mjs counts.

/** @param {AsyncIterable<{ type: string, data: any }>} source */
export default async function* reporter(source) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of source) {
    if (type === 'test:stdout' || type === 'test:stderr') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const seconds = (data.details.duration_ms / 1000).toFixed(1);
    if (data.skip !== undefined) {
      counts.skipped++;
      yield `  - ${data.name} (skipped: ${data.skip})\n`;
    } else if (type === 'test:pass') {
      counts.passed++;
      yield `  ✔ ${data.name} (${seconds} s)\n`;
    } else {
      counts.failed++;
      const error = data.details.error?.cause ?? data.details.error;
      yield `  ✖ ${data.name} (${seconds} s)\n${indent(error?.stack ?? String(error))}\n`;
    }
  }
  yield `# passed ${counts.passed} failed ${counts.failed} skipped ${counts.skipped}\n`;
}

/** @param {string} text */
const indent = text => text.split('\n').map(line => `      ${line}`).join('\n');
