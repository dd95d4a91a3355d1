// Starts each engine, with its driver or without one.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engine as find } from '../../../tools/lib/programs.mjs';
import { plain } from './plain.mjs';
import { freePort, remove, start, temporary, virtualDisplay } from './processes.mjs';
import { connect } from './webdriver.mjs';

/** @typedef {import('./webdriver.mjs').Browser} Browser */

/** Everything that would leave the machine is off. */
const chromiumFlags = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const firefoxPreferences = {
  'app.normandy.enabled': false,
  'browser.sessionstore.resume_from_crash': false,
  // A page that is visited often is loaded again behind the scenes, for its picture in new tabs.
  'browser.pagethumbnails.capturing_disabled': true,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  // A profile whose browser was killed often is no reason for its safe mode.
  'toolkit.startup.max_resumed_crashes': -1,
};

/** @param {string} directory @returns {Promise<NodeJS.ProcessEnv>} */
async function webkitEnvironment(directory) {
  return {
    DISPLAY: await virtualDisplay(),
    GDK_BACKEND: 'x11',
    LIBGL_ALWAYS_SOFTWARE: '1',
    WEBKIT_DISABLE_DMABUF_RENDERER: '1',
    XDG_DATA_HOME: join(directory, 'data'),
    XDG_CACHE_HOME: join(directory, 'cache'),
    XDG_CONFIG_HOME: join(directory, 'config'),
  };
}

/** How each engine is driven. */
const driven = {
  /** @param {string} directory @param {number} port @param {string} browser @param {string} driver */
  async chromium(directory, port, browser, driver) {
    return {
      driver: start(driver, [`--port=${port}`]),
      capabilities: {
        browserName: 'chrome',
        'goog:chromeOptions': {
          binary: browser,
          args: [...chromiumFlags, `--user-data-dir=${directory}`],
          // Native Background Fetch asks for the permission of automatic downloads from its second use on.
          prefs: { 'profile.default_content_setting_values.automatic_downloads': 1 },
        },
      },
    };
  },
  /** @param {string} directory @param {number} port @param {string} browser @param {string} driver */
  async firefox(directory, port, browser, driver) {
    return {
      sandboxed: true,
      driver: start(driver, ['--allow-system-access', '--port', port, '--profile-root', directory, '--websocket-port', await freePort()]),
      capabilities: {
        browserName: 'firefox',
        'moz:firefoxOptions': { binary: browser, args: ['-headless'], prefs: firefoxPreferences },
      },
    };
  },
  /** Sessions under the driver are private ones: no Blob can be stored. @param {string} directory @param {number} port @param {string} browser @param {string} driver */
  async webkit(directory, port, browser, driver) {
    return {
      driver: start('dbus-run-session', ['--', driver, `--port=${port}`], await webkitEnvironment(directory)),
      capabilities: { 'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] } },
    };
  },
};

/** How each engine is started by itself: with storage that lasts, and no debugger that keeps workers alive. */
const alone = {
  /** @param {string} directory @param {string} browser @param {string} url */
  chromium: async (directory, browser, url) => start(browser, [...chromiumFlags, `--user-data-dir=${directory}`, url]),
  /** @param {string} directory @param {string} browser @param {string} url */
  async firefox(directory, browser, url) {
    const lines = Object.entries(firefoxPreferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${value});`);
    writeFileSync(join(directory, 'user.js'), `${lines.join('\n')}\n`);
    return start(browser, ['-headless', '-no-remote', '-profile', directory, url]);
  },
  /** @param {string} directory @param {string} browser @param {string} url */
  webkit: async (directory, browser, url) =>
    start('dbus-run-session', ['--', browser, url], await webkitEnvironment(directory)),
};

/**
 * @param {string} id
 * @param {object} [options]
 * @param {{ control: import('../control.mjs').Control, url: string }} [options.plain] without a driver: who is
 *   asked for work, and the first page, which must do so
 * @param {string} [options.profile] a directory that outlives the browser
 * @returns {Promise<Browser>}
 */
export async function launch(id, options = {}) {
  const { browser, driver, missing } = find(id);
  if (!browser || !driver || missing.length > 0) throw new Error(`not installed: ${missing.join(', ')}`);
  const name = /** @type {keyof typeof driven} */ (id);
  const directory = options.profile ?? temporary(id);
  const cleanUp = () => options.profile ?? remove(directory);
  /** @type {Browser} */
  let opened;
  if (options.plain) {
    const { control, url } = options.plain;
    opened = await plain(control, await alone[name](directory, browser, url));
  } else {
    const port = await freePort();
    const settings = await driven[name](directory, port, browser, driver);
    opened = await connect({ port, ...settings }).catch(async error => {
      await settings.driver.end();
      cleanUp();
      throw error;
    });
  }
  const { close } = opened;
  return {
    ...opened,
    async close() {
      await close();
      cleanUp();
    },
  };
}
