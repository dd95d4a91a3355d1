// The season's background fetch, as one state that a page can show.

/** @typedef {import('./shelf.js').Episode} Episode */
/** @typedef {import('./shelf.js').Season} Season */

/**
 * `copying`: everything has arrived and the worker puts it onto the shelf.
 *
 * @typedef {'idle' | 'starting' | 'downloading' | 'copying' | 'stopped' | 'failed'} State
 */

/** How far back the speed is measured, in milliseconds. */
const SPEED_WINDOW = 6000;

/** Tells its listeners with a `change` event. */
export class Download extends EventTarget {
  /** @type {State} */
  state = 'idle';
  /** The specification's failure reason. */
  failureReason = '';
  /** What stood in the way before or after the background fetch itself. @type {unknown} */
  error;
  /** Bytes. */
  downloaded = 0;
  /** Bytes. */
  total = 0;

  #registration;
  #season;
  /** @type {BackgroundFetchRegistration | undefined} */
  #bgFetch;
  /** @type {{ at: number, downloaded: number }[]} */
  #samples = [];

  /**
   * @param {ServiceWorkerRegistration} registration
   * @param {Season} season
   */
  constructor(registration, season) {
    super();
    this.#registration = registration;
    this.#season = season;
  }

  /**
   * Takes up a download that is under way: started before a reload, in another tab, or yesterday.
   */
  async attach() {
    const bgFetch = await this.#registration.backgroundFetch.get(this.#season.id);
    if (bgFetch && bgFetch !== this.#bgFetch) this.#follow(bgFetch);
    return bgFetch !== undefined;
  }

  /**
   * @param {Episode[]} episodes
   * @param {string[]} [more] other addresses to ask for
   */
  async start(episodes, more = []) {
    const files = episodes.flatMap(({ audio, artwork }) => [audio, artwork]);
    this.#set('starting');
    try {
      const bgFetch = await this.#registration.backgroundFetch.fetch(
        this.#season.id,
        [...files.map(({ src }) => src), ...more],
        {
          title: 'My Podcast – Season 2',
          icons: [{ sizes: '192x192', src: '/icons/icon-192.png', type: 'image/png' }],
          // An address nobody knows the size of gets some room: an error page has bytes too.
          downloadTotal: files.reduce((sum, { bytes }) => sum + bytes, more.length * 100_000),
        },
      );
      this.#follow(bgFetch);
    } catch (error) {
      // The name is taken when another tab was quicker: then its download is ours too.
      if (await this.attach()) return;
      this.error = error;
      this.#set('failed');
    }
  }

  async stop() {
    if (await this.#bgFetch?.abort()) this.#set('stopped');
  }

  /** The worker has done its part: the shelf is as it will be. */
  copied() {
    if (this.state === 'copying') this.#set('idle');
  }

  /**
   * The worker could not do its part.
   *
   * @param {string} message
   */
  notCopied(message) {
    this.error = new Error(message);
    this.#set('failed');
  }

  /**
   * Seconds until everything is here, as far as the last seconds tell; undefined when they do not.
   */
  get secondsLeft() {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (!first || !last || last.at - first.at < 1000) return undefined;
    const speed = (last.downloaded - first.downloaded) / (last.at - first.at);
    return speed > 0 ? (this.total - this.downloaded) / speed / 1000 : undefined;
  }

  /** @param {BackgroundFetchRegistration} bgFetch */
  #follow(bgFetch) {
    this.#bgFetch = bgFetch;
    this.#samples = [];
    const update = () => {
      if (bgFetch !== this.#bgFetch) return;
      this.downloaded = bgFetch.downloaded;
      this.total = bgFetch.downloadTotal;
      this.#sample();
      this.failureReason = bgFetch.failureReason;
      if (bgFetch.result === '') this.#set('downloading');
      else if (bgFetch.result === 'success') this.#set('copying');
      else this.#set(bgFetch.failureReason === 'aborted' ? 'stopped' : 'failed');
    };
    bgFetch.addEventListener('progress', update);
    update();
  }

  #sample() {
    const at = performance.now();
    this.#samples.push({ at, downloaded: this.downloaded });
    while (at - this.#samples[0].at > SPEED_WINDOW) this.#samples.shift();
  }

  /** @param {State} state */
  #set(state) {
    if (state === 'starting') {
      this.downloaded = 0;
      this.total = 0;
      this.failureReason = '';
      this.error = undefined;
    }
    this.state = state;
    this.dispatchEvent(new Event('change'));
  }
}
