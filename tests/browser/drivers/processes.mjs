// Browser processes: started in a group of their own, so that the whole tree can be ended and measured.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** @type {Set<number>} groups that are still to be ended */
const groups = new Set();
/** @type {Set<string>} directories that are still to be removed */
const directories = new Set();
process.on('exit', () => {
  for (const group of groups) signal(group, 'SIGKILL');
  for (const directory of directories) remove(directory);
});
for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(name, () => process.exit(130));

/** @param {number} group @param {NodeJS.Signals} name */
function signal(group, name) {
  try {
    process.kill(-group, name);
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {string} command
 * @param {(string | number)[]} parameters
 * @param {NodeJS.ProcessEnv} [env]
 */
export function start(command, parameters, env = {}) {
  const child = spawn(command, parameters.map(String), {
    detached: true,
    env: { ...process.env, ...env },
    stdio: process.env.DEBUG_BROWSER ? 'inherit' : ['ignore', 'ignore', 'pipe'],
  });
  const pid = child.pid ?? 0;
  groups.add(pid);
  child.on('error', () => {});
  let printed = '';
  child.stderr?.on('data', part => (printed = (printed + part).slice(-2000)));
  // Whoever waits for the browser waits for something else.
  /** @type {import('node:net').Socket | null} */ (child.stderr)?.unref();
  return {
    pid,
    /** Which processes there are, and what they printed last. */
    describe: () => `processes: ${group(pid).join(', ') || 'none'}\n  printed: ${printed.trim() || 'nothing'}`,
    /** Ends the group at once, as a crash would; resolves when it is gone, and its profile free. */
    async kill() {
      signal(pid, 'SIGKILL');
      groups.delete(pid);
      for (let i = 0; i < 100 && signal(pid, /** @type {any} */ (0)); i++) await sleep(50);
    },
    /** Asks the group to end, and then no longer asks. */
    async end() {
      signal(pid, 'SIGTERM');
      for (let i = 0; i < 20 && signal(pid, /** @type {any} */ (0)); i++) await sleep(100);
      await this.kill();
    },
  };
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** A directory for as long as this process runs, at most. @param {string} name */
export function temporary(name) {
  const directory = mkdtempSync(join(tmpdir(), `background-fetch-${name}-`));
  directories.add(directory);
  return directory;
}

/** @param {string} directory */
export function remove(directory) {
  directories.delete(directory);
  // The last process may still be writing.
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** @type {Promise<string> | undefined} */
let display;

/** One virtual display for everything that has no headless mode. */
export function virtualDisplay() {
  return display ??= (async () => {
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    if (server.pid) groups.add(server.pid);
    const pipe = /** @type {import('node:stream').Readable} */ (server.stdio[3]);
    let text = '';
    for await (const part of pipe) {
      text += part;
      if (text.includes('\n')) break;
    }
    server.unref();
    return `:${text.trim()}`;
  })();
}

/** The processes of a group, with their states and processor times. @param {number} pid */
function group(pid) {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap(name => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const command = stat.slice(stat.indexOf('('), stat.lastIndexOf(')') + 1);
      const [state, , leader, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // In ticks of 10 ms, user and system.
      const seconds = (Number(rest[8]) + Number(rest[9])) / 100;
      return Number(leader) === pid ? [`${name} ${command} ${state} ${seconds} s`] : [];
    } catch {
      return []; // Ended meanwhile.
    }
  });
}

/**
 * What a process and everything below it take of memory, shared pages divided among those who share.
 *
 * @param {number} pid
 * @returns {number} MiB
 */
export function memory(pid) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Ended meanwhile.
    }
  }
  let kibibytes = 0;
  const rest = [pid];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    try {
      kibibytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${next}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // Ended meanwhile.
    }
    rest.push(...(children.get(next) ?? []));
  }
  return kibibytes / 1024;
}
