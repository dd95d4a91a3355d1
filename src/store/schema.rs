//! Stores, keys, versions, migrations.
//!
//! One database for each scope. All keys are out of line. Scripts read these stores too
//! (`js/reader.js`), and one writes `fetches` and the epoch (`js/clear.js`): whoever changes a key or a row
//! here changes it there.
//!
//! | store | key | row |
//! | --- | --- | --- |
//! | `meta` | `"epoch"` | grows with every engine that opens the database, and never falls behind the clock: the later engine wins. Not there where an engine took over without room to write |
//! | | `"next"` | the number that the next background fetch gets |
//! | | `"blobs"` | whether Blobs can be stored (WebKit's private sessions refuse them) |
//! | | `"last"` | the keys of the chunks that were stored last (`repair.rs`) |
//! | | `"above"`, `"top"` | Blobs of no meaning (`repair.rs`) |
//! | | number | [how it ended](super::rows::FetchRow::end): about the last hundred |
//! | `fetches` | number | [`FetchRow`](super::rows::FetchRow) |
//! | `requests` | `[number, index]` | the requests from this one on, up to 64, as the page described them |
//! | `responses` | `[number, index]` | [`ResponseRow`](super::rows::ResponseRow) |
//! | `chunks` | `[number, index, attempt, offset]` | Blob or ArrayBuffer; one that short bodies share is the first one's |

use js_sys::Array;
use rexie::{ObjectStore, Rexie};
use wasm_bindgen::JsValue;

use super::StoreError;
use super::transaction::{self, Connection};
use crate::core::{FetchNo, RecordKey};

/// Version 1 is the first; a migration for each step follows here.
pub(super) const VERSION: u32 = 1;

pub(super) const META: &str = "meta";
pub(super) const FETCHES: &str = "fetches";
pub(super) const REQUESTS: &str = "requests";
pub(super) const RESPONSES: &str = "responses";
pub(super) const CHUNKS: &str = "chunks";
pub(super) const STORES: [&str; 5] = [META, FETCHES, REQUESTS, RESPONSES, CHUNKS];

pub(super) const EPOCH: &str = "epoch";
pub(super) const NEXT: &str = "next";
pub(super) const BLOBS: &str = "blobs";
pub(super) const LAST: &str = "last";
pub(super) const ABOVE: [&str; 2] = ["above", "top"];

/// The name of a scope's database.
pub(super) fn database_name(scope: &str) -> String {
    format!("background-fetch-polyfill {scope}")
}

/// Opens the database of a scope, made if need be.
pub(super) async fn open(name: &str) -> Result<Connection, StoreError> {
    let mut opened = transaction::connect(name).await;
    if matches!(opened, Err(StoreError::Gone)) {
        make(name).await;
        opened = transaction::connect(name).await;
    }
    opened
}

/// Makes the database. Whether that went well, and why not, shows when it is opened.
async fn make(name: &str) {
    let builder = STORES
        .into_iter()
        .fold(Rexie::builder(name).version(VERSION), |builder, store| {
            builder.add_object_store(ObjectStore::new(store).auto_increment(false))
        });
    if let Ok(made) = builder.build().await {
        made.close();
    }
}

pub(super) fn fetch_key(no: FetchNo) -> JsValue {
    JsValue::from_f64(no.0 as f64)
}

pub(super) fn record_key(key: RecordKey) -> JsValue {
    numbers(&[key.fetch.0, u64::from(key.index.0)])
}

pub(super) fn chunk_key(key: RecordKey, attempt: u32, offset: u64) -> JsValue {
    numbers(&[
        key.fetch.0,
        u64::from(key.index.0),
        u64::from(attempt),
        offset,
    ])
}

/// The keys of all that belongs to records `from` to `to` (excluded) of a background fetch, in any of
/// the stores whose keys start with its number.
pub(super) fn records_range(no: FetchNo, from: u64, to: u64) -> (JsValue, JsValue) {
    (numbers(&[no.0, from]), numbers(&[no.0, to]))
}

/// The keys of the chunks of one attempt of a record, from an offset on.
pub(super) fn attempt_range(key: RecordKey, attempt: u32, from: u64) -> (JsValue, JsValue) {
    let next = [key.fetch.0, u64::from(key.index.0), u64::from(attempt) + 1];
    (chunk_key(key, attempt, from), numbers(&next))
}

/// The keys of all chunks of a record.
pub(super) fn chunks_range(key: RecordKey) -> (JsValue, JsValue) {
    let index = u64::from(key.index.0);
    records_range(key.fetch, index, index + 1)
}

fn numbers(parts: &[u64]) -> JsValue {
    parts
        .iter()
        .map(|&part| JsValue::from_f64(part as f64))
        .collect::<Array>()
        .into()
}
