//! Deletes the rows of ended background fetches, as soon as nobody reads their bodies any more.
//!
//! A body that was handed out lives in those rows: in Firefox and WebKit it dies with them. Whoever
//! holds one holds a shared Web Lock, the lease; rows are deleted under the exclusive one, if it is free.

use std::rc::Rc;

use gloo::timers::future::sleep;
use js_sys::{Function, Promise};
use std::time::Duration;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

use super::Driver;
use super::clock::scope;
use crate::core::FetchNo;

/// How long after the end the first try comes, in milliseconds: never in the handler's own turn.
const FIRST: u64 = 1_000;
/// Between tries, doubling.
const LONGEST: u64 = 60_000;

#[wasm_bindgen]
extern "C" {
    type LockManager;

    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, options: &JsValue, held: &Function) -> Promise;
}

impl Driver {
    pub(super) fn sweep(self: &Rc<Self>, no: FetchNo) {
        let job = self.jobs.borrow_mut().remove(&no);
        self.sweep_rows(no, job.map_or(0, |job| job.row.records));
    }

    pub(super) fn sweep_rows(self: &Rc<Self>, no: FetchNo, records: u32) {
        let driver = self.clone();
        spawn_local(async move {
            let mut wait = FIRST;
            // A worker that stops meanwhile finds the rows when it starts again.
            while !driver.stopped.get() {
                sleep(Duration::from_millis(wait)).await;
                if driver.try_sweep(no, records).await {
                    return;
                }
                wait = (wait * 2).min(LONGEST);
            }
        });
    }

    /// Deletes the rows if no lease is held; `false` when one is.
    async fn try_sweep(self: &Rc<Self>, no: FetchNo, records: u32) -> bool {
        let locks = js_sys::Reflect::get(&scope().navigator(), &"locks".into()).unwrap_or_default();
        let locks: LockManager = locks.unchecked_into();
        let store = self.store.clone();
        let swept = Closure::once(move |lock: JsValue| {
            future_to_promise(async move {
                if lock.is_null() {
                    return Ok(JsValue::FALSE);
                }
                // What cannot be deleted now is found again at the next start.
                let _ = store.sweep(no, records).await;
                Ok(JsValue::TRUE)
            })
        });
        let options = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE);
        let name = format!("background-fetch-polyfill lease {} {}", self.scope, no.0);
        let asked = locks.request(&name, &options, swept.as_ref().unchecked_ref());
        JsFuture::from(asked)
            .await
            .is_ok_and(|swept| swept.is_truthy())
    }
}
