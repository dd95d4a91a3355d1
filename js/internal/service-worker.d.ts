// What we use of a service worker's global object. TypeScript's "WebWorker" library has it all, but
// cannot stand beside "DOM".

interface ServiceWorkerGlobalScopeEventMap {
  install: ExtendableEvent;
  activate: ExtendableEvent;
  message: ExtendableMessageEvent;
  messageerror: ExtendableMessageEvent;
}

interface ServiceWorkerGlobalScope extends EventTarget {
  readonly registration: ServiceWorkerRegistration;
  readonly location: WorkerLocation;
  /** Missing in older engines. */
  readonly serviceWorker?: ServiceWorker;
  addEventListener<K extends keyof ServiceWorkerGlobalScopeEventMap>(
    type: K,
    listener: (this: ServiceWorkerGlobalScope, event: ServiceWorkerGlobalScopeEventMap[K]) => unknown,
    options?: AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListener, options?: AddEventListenerOptions): void;
}

interface WorkerLocation {
  readonly origin: string;
}

interface ExtendableMessageEvent extends ExtendableEvent {
  readonly data: unknown;
  readonly origin: string;
  readonly ports: readonly MessagePort[];
}

declare var ExtendableEvent: {
  prototype: ExtendableEvent;
  new(type: string, init?: ExtendableEventInit): ExtendableEvent;
};

interface FetchEvent extends ExtendableEvent {
  respondWith(response: Response | PromiseLike<Response>): void;
}

declare var FetchEvent: { prototype: FetchEvent };
