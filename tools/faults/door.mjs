// A door in front of a server: shut, it resets every connection that asks for something; open, it passes all on.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Door {
  /** When somebody knocked in vain, in milliseconds. @type {number[]} */
  knocks = [];
  /** How often somebody was let in. */
  visits = 0;
  #open = false;
  #port;
  /** @type {Set<() => void>} */
  #watchers = new Set();
  #server = createServer(socket => this.#answer(socket));

  /** @param {number} port where the server listens */
  constructor(port) {
    this.#port = port;
  }

  /** Resolves with the origin under which the server is behind this door. */
  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}`;
  }

  open() {
    this.#open = true;
  }

  /** Resolves when somebody has knocked so often. @param {number} count */
  knocked(count) {
    return new Promise(resolve => {
      const look = () => {
        if (this.knocks.length < count) return;
        this.#watchers.delete(look);
        resolve(undefined);
      };
      this.#watchers.add(look);
      look();
    });
  }

  close() {
    this.#server.close();
  }

  /** @param {import('node:net').Socket} socket */
  #answer(socket) {
    socket.on('error', () => {});
    // Browsers also connect in advance: who asks for nothing has not knocked.
    socket.once('data', head => {
      if (!this.#open) {
        this.knocks.push(performance.now());
        // The beginning of an answer: without one Firefox itself asks again, ten times at once.
        socket.write('HTTP/1.1 ', () => socket.resetAndDestroy());
        for (const look of [...this.#watchers]) look();
        return;
      }
      this.visits++;
      const behind = connect(this.#port, '127.0.0.1');
      behind.on('error', () => socket.destroy());
      socket.on('close', () => behind.destroy());
      behind.write(head);
      socket.pipe(behind).pipe(socket);
    });
  }
}
