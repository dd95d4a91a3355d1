// A disk that is full: the browser's whole profile on a small one. No quota says so beforehand. In memory, which root
// may mount. WebKitGTK is left out: it says UnknownError, which ends as fetch-error, and can delete nothing then.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { startSite } from '../../tools/site.mjs';
import { Control } from './control.mjs';
import { begin, file, settled } from './downloads.mjs';
import { launch } from './drivers/index.mjs';
import { remove, temporary } from './drivers/processes.mjs';
import { Page } from './page.mjs';
import { countRows } from './rows.mjs';
import { session } from './session.mjs';
import { Worker } from './worker.mjs';

const MiB = 1 << 20;
const { engine, plain, native, grep } = session.options;
const title = 'a disk that is full fails the background fetch, and gives the space back';

if (!plain && !native && engine !== 'webkit' && (!grep || grep.test(title))) {
  test(title, { timeout: 300_000 }, async context => {
    const profile = temporary('full');
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${64 * MiB}`, 'tmpfs', profile]);
    if (status !== 0) {
      remove(profile);
      return context.skip(`only root may mount: ${stderr}`);
    }
    const site = await startSite();
    const control = await new Control().start();
    const scope = site.url('/t/full/');
    const to = `control=${encodeURIComponent(control.origin)}`;
    const worker = new Worker(scope, 120);
    /** @type {string[]} */
    const problems = [];
    control.onreport = report => {
      if (report.kind === 'problem') problems.push(`${report.where}: ${report.text}`);
      else worker.receive(report);
    };
    /** @type {import('./drivers/webdriver.mjs').Browser | undefined} */
    let browser;
    try {
      browser = await launch(engine, { profile, plain: { control, url: site.url(`/t/elsewhere/?native&plain&${to}`) } });
      const page = new Page(browser, `${scope}?plain&${to}`, 120);
      await page.open();
      await page.register(`sw.js?${to}`);
      await begin(page, 'full', [file(site, 'large', 120 * MiB).url]);
      assert.equal((await settled(page)).failureReason, 'quota-exceeded');
      await worker.event('backgroundfetchfail');
      /** @type {Record<string, number>} */
      let left;
      do left = await page.run(countRows);
      while (Object.values(left).some(count => count > 0));
      const fitting = file(site, 'fitting', 2 * MiB);
      await begin(page, 'full', [fitting.url]);
      assert.equal((await settled(page)).downloaded, fitting.size);
      assert.deepEqual(problems, []);
    } finally {
      await browser?.close();
      control.close();
      await site.close();
      spawnSync('umount', ['-l', profile]);
      remove(profile);
    }
  });
}
