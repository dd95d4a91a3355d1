//! Deletes the rows of ended background fetches, as soon as nobody reads their bodies any more.
//!
//! A body that was handed out lives in those rows: in Firefox and WebKit it dies with them. Whoever
//! holds one holds a shared Web Lock, the lease; rows are deleted under the exclusive one, if it is free
//! (`js/lease.js`).

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Driver, Settlers};
use crate::core::FetchNo;

impl Driver {
    pub(super) fn sweep(self: &Rc<Self>, no: FetchNo) {
        let job = self.jobs.borrow_mut().remove(&no);
        self.sweep_rows(no, job.map_or(0, |job| job.row.records));
    }

    pub(super) fn sweep_rows(self: &Rc<Self>, no: FetchNo, records: u32) {
        let driver = self.clone();
        let sweep = Closure::<dyn FnMut() -> Promise>::new(move || {
            let (settlers, swept) = Settlers::promise();
            let driver = driver.clone();
            spawn_local(async move {
                // What cannot be deleted now may be deleted later, at the next start if need be.
                match driver.stopped.get() || driver.store.sweep(no, records).await.is_ok() {
                    true => settlers.resolve(&JsValue::UNDEFINED),
                    false => settlers.reject(&JsValue::UNDEFINED),
                }
            });
            swept
        });
        self.host.sweep(no, &sweep.into_js_value());
    }
}
