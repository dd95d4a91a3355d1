//! What the engine asks of the worker's script: pages, events, lifetime.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Response};

use crate::core::{EventKind, FetchNo, ProbeAnswer};

#[wasm_bindgen]
extern "C" {
    /// The worker's side of the engine, an object with these methods (`js/host.js`).
    pub type Host;

    #[wasm_bindgen(method, js_name = announce)]
    fn host_announce(this: &Host, state: &JsValue);

    #[wasm_bindgen(method, js_name = tell)]
    fn host_tell(this: &Host, state: &JsValue) -> Promise;

    #[wasm_bindgen(method, js_name = dispatch)]
    fn host_dispatch(this: &Host, kind: &str, state: &JsValue) -> Promise;

    #[wasm_bindgen(method, js_name = probe)]
    fn host_probe(this: &Host, request: &JsValue) -> Promise;

    #[wasm_bindgen(method, js_name = busy)]
    fn host_busy(this: &Host, busy: bool);

    #[wasm_bindgen(method, js_name = lost)]
    fn host_lost(this: &Host, again: bool);

    #[wasm_bindgen(method, js_name = sweep)]
    fn host_sweep(this: &Host, no: f64, sweep: &JsValue);

    /// Sends the request of a row (`js/transfer.js`).
    #[wasm_bindgen(method, catch)]
    pub fn send(
        this: &Host,
        row: &JsValue,
        signal: &AbortSignal,
        fresh: bool,
        range: Option<String>,
        if_range: Option<String>,
    ) -> Result<Promise, JsValue>;

    /// A response without its body, as rows hold it.
    #[wasm_bindgen(method, catch)]
    pub fn head(this: &Host, response: &Response) -> Result<JsValue, JsValue>;

    /// A whole body, as a buffer or a view; perhaps read in its parts.
    #[wasm_bindgen(method)]
    pub fn gather(this: &Host, response: &Response, by_parts: bool) -> Promise;

    #[wasm_bindgen(js_namespace = console, js_name = info)]
    fn console_info(text: &str);
}

impl Host {
    /// Progress, which pages may miss.
    pub(super) fn announce(&self, state: &JsValue) {
        self.host_announce(state);
    }

    /// Tells every page how a background fetch ended; resolves when they know.
    pub(super) async fn tell(&self, state: &JsValue) {
        // A page that cannot be told must not keep the worker from its event.
        let _ = JsFuture::from(self.host_tell(state)).await;
    }

    /// Dispatches the functional event; resolves when it is no longer active.
    pub(super) async fn dispatch(&self, kind: EventKind, state: &JsValue) {
        let kind = match kind {
            EventKind::Success => "success",
            EventKind::Fail => "fail",
            EventKind::Abort => "abort",
        };
        let _ = JsFuture::from(self.host_dispatch(kind, state)).await;
    }

    /// Asks whether the server of a request, a row, answers anything.
    pub(super) async fn probe(&self, request: &JsValue) -> ProbeAnswer {
        let answer = JsFuture::from(self.host_probe(request)).await;
        match answer.ok().and_then(|answer| answer.as_f64()) {
            Some(2.0) => ProbeAnswer::Server,
            Some(1.0) => ProbeAnswer::Redirect,
            _ => ProbeAnswer::None,
        }
    }

    /// Whether the worker should be kept alive.
    pub(super) fn busy(&self, busy: bool) {
        self.host_busy(busy);
    }

    /// This engine is of no more use. `again`: ask here once more, since the storage was cleared, or a later
    /// version owns the database, and opening it says so; else another engine has taken over.
    pub(super) fn lost(&self, again: bool) {
        self.host_lost(again);
    }

    /// Calls `sweep`, a function, when nobody reads bodies of a background fetch any more, and sees to it
    /// that nobody begins to before its promise is settled.
    pub(super) fn sweep(&self, no: FetchNo, sweep: &JsValue) {
        self.host_sweep(no.0 as f64, sweep);
    }

    /// Tells the developer.
    pub(super) fn warn(&self, text: &str) {
        console_info(text);
    }
}
