// The engine as src/bindings.rs exports it. wasm-bindgen knows of a JavaScript value only that it
// is one.

declare module '#engine' {
  // Not by import declarations: in an ambient module those of relative names are errors, which
  // skipLibCheck hides, and all that they name is any.
  type NewFetch = import('../protocol.js').NewFetch;
  type RequestRow = import('../protocol.js').RequestRow;
  type State = import('../protocol.js').State;
  type UIOptions = import('../protocol.js').UIOptions;
  type ResponseHead = import('../reader.js').ResponseHead;

  /** What the engine asks of the service worker. */
  interface Host {
    /** Progress, at most every 100 ms for each background fetch. */
    announce(state: State): void;
    /** The end of one. Resolves when everybody knows and the event may be dispatched. */
    tell(state: State): Promise<void>;
    /** Dispatches the functional event. Resolves when it is no longer active; never rejects. */
    dispatch(kind: 'success' | 'fail' | 'abort', state: State): Promise<void>;
    /** Who answers where a request goes: 2 a server, 1 only a redirect on the way, 0 nobody. */
    probe(request: { url: string }): Promise<number>;
    /** Sends the request of a row; `fresh` passes the HTTP cache by. */
    send(row: RequestRow, signal: AbortSignal, fresh: boolean, range?: string, ifRange?: string): Promise<Response>;
    /** A response without its body, as rows hold it. */
    head(response: Response): ResponseHead & { arrived: number };
    /** A whole body; undefined where it is empty and was read by parts. */
    gather(response: Response, byParts: boolean): Promise<ArrayBuffer | Uint8Array | undefined>;
    /** Whether any background fetch is under way. */
    busy(busy: boolean): void;
    /** Calls `sweep` once nobody holds a lease of a background fetch. */
    sweep(no: number, sweep: () => Promise<void>): void;
    /** This engine is of no more use: with `again`, another may begin anew. */
    lost(again: boolean): void;
  }

  export class Engine {
    static open(scope: string, host: Host, windows?: number): Promise<Engine>;
    /**
     * Rejects with a TypeError when the id is taken, with a QuotaExceededError or another
     * DOMException when storage refuses.
     */
    fetch(request: NewFetch): Promise<State>;
    /** Active background fetches only. */
    get(id: string): State | undefined;
    abort(no: number): Promise<boolean>;
    /** Takes effect at once; resolves when that is stored, with whether it had an effect. */
    pause(no: number, paused: boolean): Promise<boolean>;
    /** Ends everything without an event, and this engine with it. */
    clear(): void;
    /** Tries now what waits for a server or the network; `anew` also what hears nothing. */
    retry(anew: boolean): undefined;
    updateUI(no: number, ui: UIOptions): Promise<void>;
    /** Plain data without credentials. */
    inspect(): object;
  }

  export function initSync(options: { module: WebAssembly.Module }): unknown;
}
