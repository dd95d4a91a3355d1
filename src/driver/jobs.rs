//! What the core does not need to know of a background fetch: the application's words, the requests,
//! and who waits for what.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::Driver;
use super::promise::{Settlers, dom_exception};
use crate::core::{FailureReason, FetchNo, FetchState, RecordIndex, StoreFailure};
use crate::map::Map;
use crate::store::{self, FetchRow, StoreError};

/// The rows of a background fetch, and its callers.
pub struct Job {
    /// Its row as it was stored last.
    pub row: FetchRow,
    /// The rows of its requests, in order; null once a record has ended.
    pub requests: Vec<JsValue>,
    /// The responses of records under way, as their rows hold them.
    pub responses: Map<RecordIndex, JsValue>,
    starting: Option<Settlers>,
    aborting: Vec<Settlers>,
}

impl Job {
    /// A background fetch that is being started for a caller, or one from the store.
    pub fn new(row: FetchRow, requests: Vec<JsValue>) -> Self {
        Self {
            row,
            requests,
            responses: Map::default(),
            starting: None,
            aborting: Vec::new(),
        }
    }

    /// Lets the caller of `fetch()` wait until the rows are stored.
    pub fn await_start(&mut self, caller: Settlers) {
        self.starting = Some(caller);
    }

    /// Lets a caller wait for the end that its `abort()` brought about.
    pub fn await_abort(&mut self, caller: Settlers) {
        self.aborting.push(caller);
    }

    /// Lets go of what a record needed until its result was stored.
    pub(super) fn release(&mut self, index: RecordIndex) {
        self.responses.remove(&index);
        if let Some(request) = self.requests.get_mut(index.place()) {
            *request = JsValue::NULL;
        }
    }

    /// The end is stored: whoever aborted may know.
    pub(super) fn ended(&mut self) {
        self.requests.clear();
        self.responses.clear();
        for caller in self.aborting.drain(..) {
            caller.resolve(&JsValue::TRUE);
        }
    }

    /// Nobody will answer who waits for this engine.
    pub(super) fn dismiss(&mut self, why: &str, name: &str) {
        for caller in self
            .starting
            .take()
            .into_iter()
            .chain(self.aborting.drain(..))
        {
            caller.reject(&dom_exception(why, name));
        }
    }

    /// It is lost with the storage or with its registration: what there is to tell.
    pub(super) fn lost(&mut self, no: FetchNo, why: FailureReason) -> Option<JsValue> {
        self.requests.clear();
        for caller in self.aborting.drain(..) {
            caller.resolve(&JsValue::FALSE);
        }
        let why_not = match why {
            FailureReason::Aborted => "The service worker registration was removed.",
            _ => "The storage of this origin was cleared.",
        };
        self.dismiss(why_not, "UnknownError");
        self.row.records_available = false;
        if self.row.result.is_empty() {
            self.row.result = "failure".into();
            self.row.failure_reason = why.as_str().into();
        }
        self.state(no).ok()
    }

    /// The URL of a record without its query, which may hold secrets.
    pub(super) fn url(&self, index: RecordIndex) -> String {
        let request = self.requests.get(index.place());
        let url = request.and_then(|request| Reflect::get(request, &"url".into()).ok());
        let url = url.and_then(|url| url.as_string()).unwrap_or_default();
        url.split(['?', '#']).next().unwrap_or_default().to_owned()
    }

    /// Brings the row up to date with what the core says.
    pub(super) fn update(&mut self, state: FetchState) {
        self.row.uploaded = state.uploaded as f64;
        self.row.downloaded = state.downloaded as f64;
        self.row.result = state.result.as_str().into();
        self.row.failure_reason = state.failure_reason.map_or("", |why| why.as_str()).into();
        self.row.records_available = state.records_available;
        self.row.paused = state.paused;
    }

    /// What pages and the worker see of it.
    fn state(&self, no: FetchNo) -> Result<JsValue, JsValue> {
        let row = &self.row;
        store::object(&[
            ("no", (no.0 as f64).into()),
            ("id", row.id.clone()),
            ("title", row.title.clone()),
            ("icons", row.icons.clone()),
            ("uploadTotal", row.upload_total.into()),
            ("uploaded", row.uploaded.into()),
            ("downloadTotal", row.download_total.into()),
            ("downloaded", row.downloaded.into()),
            ("result", row.result.as_str().into()),
            ("failureReason", row.failure_reason.as_str().into()),
            ("recordsAvailable", row.records_available.into()),
            ("paused", row.paused.into()),
        ])
    }
}

impl Driver {
    /// The state of a background fetch that the core knows.
    pub fn state(&self, no: FetchNo) -> Option<JsValue> {
        let state = self.core.borrow().state(no)?;
        let mut jobs = self.jobs.borrow_mut();
        let job = jobs.get_mut(&no)?;
        job.update(state);
        job.state(no).ok()
    }

    /// Changes title and icons, where given, and resolves when that is stored.
    pub fn update_ui(
        self: &Rc<Self>,
        no: FetchNo,
        title: JsValue,
        icons: JsValue,
    ) -> impl Future<Output = Result<(), StoreError>> {
        if let Some(job) = self.jobs.borrow_mut().get_mut(&no) {
            if !title.is_undefined() {
                job.row.title = title;
            }
            if !icons.is_undefined() {
                job.row.icons = icons;
            }
        }
        self.store_row(no)
    }

    /// Stores the row of a background fetch as it is now, and announces it when it is stored.
    pub async fn store_row(self: &Rc<Self>, no: FetchNo) -> Result<(), StoreError> {
        let op = {
            let jobs = self.jobs.borrow();
            let Some(job) = jobs.get(&no) else {
                return Ok(());
            };
            store::put_fetch(no, &job.row)?
        };
        self.store.commit(vec![op], false).await?;
        self.announce(no);
        Ok(())
    }

    pub(super) fn started(&self, no: FetchNo) {
        let state = self.state(no).unwrap_or_default();
        let caller = self
            .jobs
            .borrow_mut()
            .get_mut(&no)
            .and_then(|job| job.starting.take());
        if let Some(caller) = caller {
            caller.resolve(&state);
        }
    }

    pub(super) fn refused(&self, no: FetchNo, why: StoreFailure) {
        let caller = self
            .jobs
            .borrow_mut()
            .remove(&no)
            .and_then(|job| job.starting);
        if let Some(caller) = caller {
            let (message, name) = match why {
                StoreFailure::Quota => (
                    "There is not enough storage. Nothing was kept.",
                    "QuotaExceededError",
                ),
                StoreFailure::Gap | StoreFailure::Broken => (
                    "The database cannot be written. Nothing was kept.",
                    "UnknownError",
                ),
            };
            caller.reject(&dom_exception(message, name));
        }
    }
}
