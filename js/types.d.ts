// The interfaces of https://wicg.github.io/background-fetch/ for TypeScript, whose own libraries do
// not have them.
//
// All of them are interfaces that merge, so that they stand beside "DOM" and "WebWorker" and beside
// declarations of your own.

type BackgroundFetchResult = '' | 'success' | 'failure';
type BackgroundFetchFailureReason =
  '' | 'aborted' | 'bad-status' | 'fetch-error' | 'quota-exceeded' | 'download-total-exceeded';

/** https://www.w3.org/TR/image-resource/#dom-imageresource */
interface ImageResource {
  src: string;
  sizes?: string;
  type?: string;
  label?: string;
}

interface BackgroundFetchUIOptions {
  icons?: Iterable<ImageResource>;
  title?: string;
}

interface BackgroundFetchOptions extends BackgroundFetchUIOptions {
  /**
   * In bytes. The background fetch fails when more than this arrives. 0, the default, is no limit.
   */
  downloadTotal?: number;
}

/** Starts background fetches, and finds those that are under way. */
interface BackgroundFetchManager {
  fetch(
    id: string,
    requests: RequestInfo | URL | Iterable<RequestInfo | URL>,
    options?: BackgroundFetchOptions | null,
  ): Promise<BackgroundFetchRegistration>;
  get(id: string): Promise<BackgroundFetchRegistration | undefined>;
  getIds(): Promise<string[]>;
}

declare var BackgroundFetchManager: {
  prototype: BackgroundFetchManager;
  new(): never;
};

interface BackgroundFetchRegistrationEventMap {
  progress: Event;
  /** Only after `pause()` and `resume()`. */
  pause: Event;
  resume: Event;
}

/** One background fetch. */
interface BackgroundFetchRegistration extends EventTarget {
  readonly id: string;
  readonly uploadTotal: number;
  readonly uploaded: number;
  readonly downloadTotal: number;
  readonly downloaded: number;
  readonly result: BackgroundFetchResult;
  readonly failureReason: BackgroundFetchFailureReason;
  readonly recordsAvailable: boolean;
  /** Only with the option `pause`. */
  readonly paused?: boolean;
  /**
   * Only with the option `pause`. Drops its connections and keeps what has arrived, until `resume()`;
   * resolves when that is stored. An InvalidStateError when it has ended, or when not all its requests
   * are GET. Registrations of the same background fetch in other pages hear of it by `pause` and
   * `resume` events.
   */
  pause?(): Promise<undefined>;
  /** Only with the option `pause`. */
  resume?(): Promise<undefined>;
  onprogress: ((this: BackgroundFetchRegistration, event: Event) => any) | null;
  abort(): Promise<boolean>;
  match(request: RequestInfo | URL, options?: CacheQueryOptions | null): Promise<BackgroundFetchRecord | undefined>;
  matchAll(request?: RequestInfo | URL, options?: CacheQueryOptions | null): Promise<BackgroundFetchRecord[]>;
  addEventListener<K extends keyof BackgroundFetchRegistrationEventMap>(
    type: K,
    listener: (this: BackgroundFetchRegistration, event: BackgroundFetchRegistrationEventMap[K]) => any,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof BackgroundFetchRegistrationEventMap>(
    type: K,
    listener: (this: BackgroundFetchRegistration, event: BackgroundFetchRegistrationEventMap[K]) => any,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare var BackgroundFetchRegistration: {
  prototype: BackgroundFetchRegistration;
  new(): never;
};

/** One request of a background fetch, and its response. */
interface BackgroundFetchRecord {
  readonly request: Request;
  readonly responseReady: Promise<Response>;
}

declare var BackgroundFetchRecord: {
  prototype: BackgroundFetchRecord;
  new(): never;
};

interface ServiceWorkerRegistration {
  readonly backgroundFetch: BackgroundFetchManager;
}

interface ExtendableEventInit extends EventInit {
}

interface ExtendableEvent extends Event {
  waitUntil(f: Promise<any>): void;
}

interface BackgroundFetchEventInit extends ExtendableEventInit {
  registration: BackgroundFetchRegistration;
}

/** `backgroundfetchabort` and `backgroundfetchclick`, in the service worker. */
interface BackgroundFetchEvent extends ExtendableEvent {
  readonly registration: BackgroundFetchRegistration;
}

declare var BackgroundFetchEvent: {
  prototype: BackgroundFetchEvent;
  new(type: string, init: BackgroundFetchEventInit): BackgroundFetchEvent;
};

/** `backgroundfetchsuccess` and `backgroundfetchfail`, in the service worker. */
interface BackgroundFetchUpdateUIEvent extends BackgroundFetchEvent {
  /** Once per event, while it is active. */
  updateUI(options?: BackgroundFetchUIOptions | null): Promise<undefined>;
}

declare var BackgroundFetchUpdateUIEvent: {
  prototype: BackgroundFetchUpdateUIEvent;
  new(type: string, init: BackgroundFetchEventInit): BackgroundFetchUpdateUIEvent;
};

interface ServiceWorkerGlobalScopeEventMap {
  backgroundfetchsuccess: BackgroundFetchUpdateUIEvent;
  backgroundfetchfail: BackgroundFetchUpdateUIEvent;
  backgroundfetchabort: BackgroundFetchEvent;
  backgroundfetchclick: BackgroundFetchEvent;
}

interface ServiceWorkerGlobalScope {
  backgroundFetchPolyfill: BackgroundFetchPolyfill | undefined;
  onbackgroundfetchsuccess: ((this: ServiceWorkerGlobalScope, event: BackgroundFetchUpdateUIEvent) => any) | null;
  onbackgroundfetchfail: ((this: ServiceWorkerGlobalScope, event: BackgroundFetchUpdateUIEvent) => any) | null;
  onbackgroundfetchabort: ((this: ServiceWorkerGlobalScope, event: BackgroundFetchEvent) => any) | null;
  onbackgroundfetchclick: ((this: ServiceWorkerGlobalScope, event: BackgroundFetchEvent) => any) | null;
}

interface Permissions {
  query(descriptor: { name: 'background-fetch' }): Promise<PermissionStatus>;
}

/** What `self.backgroundFetchPolyfill` may hold before the script, and `install()` takes. */
interface BackgroundFetchPolyfillOptions {
  /** Replace the browser's own implementation. */
  force?: boolean;
  /** Show the download tray. It comes with a later version; until then this does nothing. */
  ui?: boolean;
  /**
   * Give registrations `pause()`, `resume()` and `paused`, which the specification does not have.
   */
  pause?: boolean;
  /**
   * What the permission "background-fetch" is. "granted" unless said otherwise; with "denied" every
   * fetch() is refused. "prompt" is what queries say then, and refuses nothing.
   */
  permission?: PermissionState;
  /**
   * In service workers: how many requests for parts of one large file may be under way at once, 1 to
   * 4. 4 unless said otherwise; a third and a fourth are sent only where they are measured to help, so
   * that 2 turns that off.
   */
  windows?: number;
}

/**
 * `self.backgroundFetchPolyfill`: the options, and once the script has run what it adds. That is missing
 * where the browser has Background Fetch of its own.
 */
interface BackgroundFetchPolyfill extends BackgroundFetchPolyfillOptions {
  readonly version?: string;
  /**
   * In pages: what happens when the user activates the display of a background fetch. For tests,
   * and for displays of your own.
   */
  click?(id: string, registration?: ServiceWorkerRegistration): Promise<undefined>;
  /** What the engine knows, as plain data without credentials. For bug reports. */
  inspect?(registration?: ServiceWorkerRegistration): Promise<object[]>;
  /**
   * "Retry now": whatever waits for a server, the network or an answer is tried again within two seconds,
   * except where a server has named a later time. At most one request a second goes to a server that
   * refuses.
   */
  retry?(registration?: ServiceWorkerRegistration): Promise<undefined>;
}

declare var backgroundFetchPolyfill: BackgroundFetchPolyfill | undefined;
