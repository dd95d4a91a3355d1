//! The few exports that JavaScript sees (`js/host.js`).

use std::rc::Rc;

use js_sys::{Array, JsString, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::core::{FailureReason, FetchNo, Id, NewFetch, StartError as CoreStartError};
use crate::driver::{Driver, Host, Job};
use crate::driver::{Settlers, StartError, dom_exception};
use crate::store::{DEPOSED, FetchRow, RequestRow, StoreError};

/// The engine of one service worker registration.
#[wasm_bindgen]
pub struct Engine {
    driver: Rc<Driver>,
}

#[wasm_bindgen]
impl Engine {
    /// Opens the database of a scope, takes up what was under way, and resolves when commands may be
    /// given. Rejects with a `DOMException` when there is no database to be had. `windows` is the option
    /// of that name.
    pub async fn open(scope: String, host: Host, windows: Option<f64>) -> Result<Engine, JsValue> {
        console_error_panic_hook::set_once();
        let driver = Driver::open(
            &scope,
            host,
            windows.map_or(usize::MAX, |most| most as usize),
        )
        .await
        .map_err(|error| exception(&error))?;
        Ok(Engine { driver })
    }

    /// Starts a background fetch and resolves with its state once it is stored. Rejects with a
    /// `TypeError` when its id is taken, with a `QuotaExceededError` when storage is full; nothing of
    /// it is left then.
    pub fn fetch(&self, request: JsValue) -> Promise {
        let (settlers, promise) = Settlers::promise();
        let driver = self.driver.clone();
        wasm_bindgen_futures::spawn_local(async move {
            match NewJob::read(&request, driver.stores_blobs()).await {
                Ok(new) => new.start(&driver, settlers),
                Err(error) => settlers.reject(&error),
            }
        });
        promise
    }

    /// The state of the active background fetch with this id.
    pub fn get(&self, id: JsString) -> Option<JsValue> {
        let no = self.driver.core().get(&id.iter().collect())?;
        self.driver.state(no)
    }

    /// Aborts a background fetch and resolves with true once that is stored, with false when it was not
    /// active.
    pub fn abort(&self, no: f64) -> Promise {
        let no = FetchNo(no as u64);
        if !self.driver.abort(no) {
            return Promise::resolve(&JsValue::FALSE);
        }
        let (settlers, promise) = Settlers::promise();
        if let Some(job) = self.driver.jobs().get_mut(&no) {
            // Its end is being stored; the driver cannot have heard of it before this turn is over.
            job.await_abort(settlers);
        }
        promise
    }

    /// Pauses a background fetch or lets it go on, at once, and resolves when that is stored: with
    /// false when it has no effect, because the background fetch is not active, not all its requests
    /// are GET, or it is so already.
    pub fn pause(&self, no: f64, paused: bool) -> Promise {
        let no = FetchNo(no as u64);
        let effective = self.driver.pause(no, paused);
        let driver = self.driver.clone();
        wasm_bindgen_futures::future_to_promise(async move {
            if effective {
                let stored = driver.store_row(no).await;
                stored.map_err(|error| exception(&error))?;
            }
            Ok(effective.into())
        })
    }

    /// Ends everything at once, without an event, and this engine with it: the registration goes.
    pub fn clear(&self) {
        self.driver.lose(FailureReason::Aborted);
    }

    /// Tries now what waits for a server or the network; `anew` also what hears nothing.
    pub fn retry(&self, anew: bool) {
        self.driver.retry(anew);
    }

    /// Stores another title or other icons, those that `ui` has, and announces them.
    #[wasm_bindgen(js_name = updateUI)]
    pub fn update_ui(&self, no: f64, ui: JsValue) -> Promise {
        let (settlers, promise) = Settlers::promise();
        let member = |name: &str| js_sys::Reflect::get(&ui, &name.into()).unwrap_or_default();
        let (title, icons) = (member("title"), member("icons"));
        let driver = self.driver.clone();
        wasm_bindgen_futures::spawn_local(async move {
            match driver.update_ui(FetchNo(no as u64), title, icons).await {
                Ok(()) => settlers.resolve(&JsValue::UNDEFINED),
                Err(error) => settlers.reject(&exception(&error)),
            }
        });
        promise
    }

    /// Jobs as plain data, for developers. Holds no headers and no queries of URLs.
    pub fn inspect(&self) -> Array {
        let active: Vec<_> = self.driver.core().active().collect();
        active
            .into_iter()
            .filter_map(|no| self.driver.state(no))
            .collect()
    }
}

/// A background fetch as a page asks for it.
struct NewJob {
    row: FetchRow,
    requests: Vec<JsValue>,
    views: Vec<RequestRow>,
}

impl NewJob {
    async fn read(request: &JsValue, blobs: bool) -> Result<Self, JsValue> {
        let member = |name: &str| js_sys::Reflect::get(request, &name.into());
        let number = |name: &str| member(name).map(|value| value.as_f64().unwrap_or(0.0));
        let requests: Vec<JsValue> = Array::from(&member("requests")?).to_vec();
        let mut views = Vec::with_capacity(requests.len());
        for request in &requests {
            let view = RequestRow::parse(request).ok_or(JsValue::UNDEFINED)?;
            if !blobs {
                to_buffer(request, &view.body).await?;
            }
            views.push(view);
        }
        let row = FetchRow {
            id: member("id")?,
            title: member("title")?,
            icons: member("icons")?,
            download_total: number("downloadTotal")?,
            upload_total: number("uploadTotal")?,
            uploaded: 0.0,
            downloaded: 0.0,
            result: String::new(),
            failure_reason: String::new(),
            records_available: true,
            records: u32::try_from(requests.len()).unwrap_or(u32::MAX),
            due: 0,
            paused: false,
            written: js_sys::Date::now(),
        };
        Ok(Self {
            row,
            requests,
            views,
        })
    }

    fn start(self, driver: &Rc<Driver>, caller: Settlers) {
        let heads: Option<Vec<_>> = self.views.iter().map(RequestRow::head).collect();
        let id: JsString = self.row.id.clone().unchecked_into();
        let new = NewFetch {
            id: id.iter().collect::<Id>(),
            requests: heads.unwrap_or_default(),
            download_total: self.row.download_total as u64,
        };
        if new.requests.is_empty() {
            let message = "A background fetch needs at least one request with a valid URL.";
            return caller.reject(&js_sys::TypeError::new(message));
        }
        let job = Job::new(self.row, self.requests);
        match driver.start(new, job) {
            Ok(no) => {
                if let Some(job) = driver.jobs().get_mut(&no) {
                    job.await_start(caller);
                }
            }
            Err(StartError::Core(CoreStartError::IdTaken)) => {
                let message = "A background fetch with this id is active. Wait for its end, abort it \
                               or choose another id.";
                caller.reject(&js_sys::TypeError::new(message));
            }
            Err(StartError::Core(CoreStartError::Contract(error))) => {
                caller.reject(&js_sys::Error::new(&error.to_string()));
            }
            Err(StartError::Store(error)) => caller.reject(&exception(&error)),
        }
    }
}

/// Replaces a request's body by a buffer, for stores that refuse Blobs.
async fn to_buffer(request: &JsValue, body: &JsValue) -> Result<(), JsValue> {
    if let Some(blob) = body.dyn_ref::<web_sys::Blob>() {
        let buffer = JsFuture::from(blob.array_buffer()).await?;
        js_sys::Reflect::set(request, &"body".into(), &buffer)?;
    }
    Ok(())
}

fn exception(error: &StoreError) -> JsValue {
    let name = match error {
        StoreError::Quota(_) => "QuotaExceededError",
        StoreError::Newer => "VersionError",
        StoreError::Deposed => DEPOSED,
        StoreError::Gone | StoreError::Gap | StoreError::Connection(_) | StoreError::Other(_) => {
            "UnknownError"
        }
    };
    let cause = std::error::Error::source(error).map(|cause| format!(" ({cause})"));
    dom_exception(&format!("{error}{}", cause.unwrap_or_default()), name)
}
