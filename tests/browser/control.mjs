// Where pages and workers report to, and where pages without a driver ask for work: an origin of its
// own, so that its connections do not count among those of the site under test.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Recent } from '../../tools/lib/recent.mjs';

/** @typedef {{ scope: string, kind: 'problem' | 'event' | 'report', [name: string]: any }} Report */
/** @typedef {{ no: number, source: string } | { open: string }} Job */

export class Control {
  origin = '';
  /** @type {(report: Report) => void} */
  onreport = () => {};
  /** @type {(page: string) => void} */
  onpage = () => {};
  /** What pages asked for and were given. */
  recent = new Recent();

  /** @type {Job[]} */
  #jobs = [];
  /** @type {import('node:http').ServerResponse | undefined} the page that waits for a job */
  #idle;
  /** The page that is given work. */
  #client = '';
  /** @type {string | undefined} where it was sent and has not arrived */
  #ahead;
  #no = 0;
  /** @type {Map<number, (value: any) => void>} */
  #replies = new Map();
  #server = createServer((request, response) => void this.#answer(request, response));

  async start() {
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    this.origin = `http://127.0.0.1:${port}`;
    return this;
  }

  close() {
    for (const reply of this.#replies.values()) reply(JSON.stringify({ error: { name: 'AbortError', message: 'the page is gone' } }));
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /**
   * Has the page evaluate this and resolves with the value.
   *
   * @param {string} source an expression, possibly of a promise
   */
  evaluate(source) {
    return new Promise(resolve => {
      const no = this.#no++;
      this.#replies.set(no, resolve);
      this.#give({ no, source });
    });
  }

  /** Has the page go elsewhere. @param {string} url */
  open(url) {
    this.#jobs = [];
    this.#ahead = new URL(url).href;
    this.#give({ open: url });
  }

  /** @param {Job} job */
  #give(job) {
    this.#jobs.push(job);
    this.#deliver();
  }

  #deliver() {
    if (!this.#idle || this.#jobs.length === 0) return;
    const job = this.#jobs.shift();
    this.recent.note(`${this.#client} is ${job && 'open' in job ? `sent to ${job.open}` : `given job ${job?.no}`}`);
    this.#idle.end(JSON.stringify(job));
    this.#idle = undefined;
  }

  /**
   * Whether a page is the one that comes after the one that was given work. Any other, such as a second tab
   * or a frame, waits for work in vain.
   *
   * @param {string} page its URL
   */
  #follows(page) {
    return this.#ahead === undefined ? !this.#idle : this.#ahead === page;
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  async #answer(request, response) {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('cache-control', 'no-store');
    const url = new URL(request.url ?? '/', this.origin);
    if (url.pathname === '/poll') {
      const client = url.searchParams.get('client') ?? '';
      const page = url.searchParams.get('page') ?? '';
      this.recent.note(`${client} asks for work: ${page}`);
      if (client !== this.#client) {
        if (!this.#follows(page)) return;
        this.#client = client;
        this.#ahead = undefined;
        this.onpage(page);
      }
      this.#idle = response;
      response.on('close', () => {
        if (this.#idle !== response) return;
        this.recent.note(`${client} asks no more`);
        this.#idle = undefined;
      });
      this.#deliver();
      return;
    }
    let body = '';
    try {
      for await (const part of request) body += part;
      const content = JSON.parse(body);
      if (url.pathname === '/reply') {
        this.recent.note(`the reply to job ${content.no}`);
        this.#replies.get(content.no)?.(content.value);
        this.#replies.delete(content.no);
      } else {
        this.onreport(content);
      }
    } catch {
      // A page that is closed in the middle of a report.
    }
    response.end();
  }
}
