//! The shapes of rows. Serde writes them; they are read by hand (`parse.rs`), because any script of the
//! origin may have written what is found.
//!
//! They are written as maps: for the names of a struct's members, serde-wasm-bindgen keeps a table of
//! JavaScript strings, and its hashing is two kilobytes of what is shipped.

use serde::{Serialize, Serializer};
use wasm_bindgen::JsValue;

use crate::core::{RecordResult, RequestHead};

/// A background fetch. Lengths in bytes.
#[derive(Clone, Debug)]
pub struct FetchRow {
    /// The application's id, a DOMString that may hold lone surrogates: never made a `String`.
    pub id: JsValue,
    /// The title, a DOMString as well.
    pub title: JsValue,
    /// The icons, as the page gave them.
    pub icons: JsValue,
    /// At most; 0 = no limit.
    pub download_total: f64,
    /// Of all request bodies.
    pub upload_total: f64,
    /// Of request bodies sent.
    pub uploaded: f64,
    /// Of bodies stored; kept at the end, counted from the records before.
    pub downloaded: f64,
    /// `""`, `"success"` or `"failure"`.
    pub result: String,
    /// `""` or why it failed.
    pub failure_reason: String,
    /// Whether `match()` may be asked.
    pub records_available: bool,
    /// How many records it has.
    pub records: u32,
    /// Which dispatch of its event comes next, counted from 1; 0 while it runs, and once the event was
    /// handled.
    pub due: u32,
    /// Whether the user paused it.
    pub paused: bool,
    /// When this row was written, in milliseconds since 1970 by the clock of the device.
    pub written: f64,
}

/// What the engine reads of a request; the row holds more, for the request itself and for `match()`.
#[derive(Clone, Debug)]
pub struct RequestRow {
    /// The URL, without a fragment or with one.
    pub url: String,
    /// The method.
    pub method: String,
    /// Subresource integrity metadata, or `""`.
    pub integrity: String,
    /// A Blob, an ArrayBuffer or null.
    pub body: JsValue,
}

/// A record's response.
#[derive(Clone, Debug)]
pub struct ResponseRow {
    /// Which attempt stored it.
    pub attempt: u32,
    /// Bytes stored, contiguous from the start.
    pub stored: f64,
    /// `""`, `"success"` or why the record failed.
    pub result: String,
    /// When this row was written, in milliseconds since 1970 by the clock of the device.
    pub written: f64,
    /// The response without its body (`ResponseHead` in `js/reader.js`), or null where there was none.
    pub response: JsValue,
    /// The record in whose chunks the body lies, and where it begins there: short ones share a chunk.
    pub at: u32,
    /// Bytes of others before it.
    pub from: f64,
}

impl FetchRow {
    /// What pages that come late want to know of it when its rows are gone; nothing of the application's.
    pub(super) fn end(&self) -> Result<JsValue, JsValue> {
        object(&[
            ("uploaded", self.uploaded.into()),
            ("downloaded", self.downloaded.into()),
            ("result", self.result.as_str().into()),
            ("failureReason", self.failure_reason.as_str().into()),
        ])
    }

    pub(super) fn value(&self) -> Result<JsValue, JsValue> {
        object(&[
            ("id", self.id.clone()),
            ("title", self.title.clone()),
            ("icons", self.icons.clone()),
            ("downloadTotal", self.download_total.into()),
            ("uploadTotal", self.upload_total.into()),
            ("uploaded", self.uploaded.into()),
            ("downloaded", self.downloaded.into()),
            ("result", self.result.as_str().into()),
            ("failureReason", self.failure_reason.as_str().into()),
            ("recordsAvailable", self.records_available.into()),
            ("records", self.records.into()),
            ("due", self.due.into()),
            ("paused", self.paused.into()),
            ("written", self.written.into()),
        ])
    }
}

impl ResponseRow {
    pub(super) fn value(&self) -> Result<JsValue, JsValue> {
        object(&[
            ("attempt", self.attempt.into()),
            ("stored", self.stored.into()),
            ("result", self.result.as_str().into()),
            ("written", self.written.into()),
            ("response", self.response.clone()),
            ("at", self.at.into()),
            ("from", self.from.into()),
        ])
    }
}

/// The members of an object, each a value that is stored as it is: one function writes them all.
struct Members<'a>(&'a [(&'static str, JsValue)]);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (*name, Member(value))))
    }
}

struct Member<'a>(&'a JsValue);

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_wasm_bindgen::preserve::serialize(self.0, serializer)
    }
}

/// An object with these members.
pub fn object(members: &[(&'static str, JsValue)]) -> Result<JsValue, JsValue> {
    let objects = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    Ok(Members(members).serialize(&objects)?)
}

impl RequestRow {
    /// What the core must know of it; `None` for a URL that cannot be one.
    pub fn head(&self) -> Option<RequestHead> {
        Some(RequestHead {
            method: self.method.clone(),
            origin: web_sys::Url::new(&self.url).ok()?.origin(),
            integrity: !self.integrity.is_empty(),
            body_length: super::value::length(&self.body),
        })
    }
}

/// A result as it is stored.
pub fn result_name(result: Option<RecordResult>) -> &'static str {
    match result {
        None => "",
        Some(RecordResult::Success) => "success",
        Some(RecordResult::Failure(reason)) => reason.as_str(),
    }
}
