//! Reads back what an earlier life of the engine has stored. Any script of the origin can write these
//! rows: a bad one costs its own background fetch and no other.

use rexie::{KeyRange, Rexie, TransactionMode};
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use super::rows::{FetchRow, RequestRow, ResponseRow};
use super::schema::{self, BLOBS, EPOCH, FETCHES, META, NEXT, REQUESTS, RESPONSES};
use super::StoreError;
use crate::core::{FetchNo, RecordIndex, RecordKey};

/// What the database says about itself.
pub(super) struct Meta {
    pub epoch: f64,
    pub next: f64,
    pub blobs: Option<bool>,
}

/// All that is stored, bodies left where they are.
pub struct Stored {
    /// The number that the next background fetch gets.
    pub next: FetchNo,
    /// The background fetches, in the order in which they were started.
    pub fetches: Vec<StoredFetch>,
}

/// A background fetch as it is stored.
pub struct StoredFetch {
    /// Its number.
    pub no: FetchNo,
    /// Its row; `None` when nobody could have written it so.
    pub row: Option<FetchRow>,
    /// Its records, in order.
    pub records: Vec<StoredRecord>,
}

/// A record as it is stored.
pub struct StoredRecord {
    /// The request's row.
    pub request: JsValue,
    /// What the engine reads of it; `None` when it is not a request.
    pub view: Option<RequestRow>,
    /// The response's row; `None` when there is none, or none that can be read.
    pub response: Option<ResponseRow>,
}

pub(super) async fn meta(database: &Rexie) -> Result<Meta, StoreError> {
    let transaction = database.transaction(&[META], TransactionMode::ReadOnly)?;
    let store = transaction.store(META)?;
    let number = |value: Option<JsValue>| value.and_then(|value| value.as_f64());
    let epoch = number(store.get(EPOCH.into()).await?).unwrap_or(0.0);
    let next = number(store.get(NEXT.into()).await?).unwrap_or(1.0);
    let blobs = store.get(BLOBS.into()).await?.and_then(|value| value.as_bool());
    Ok(Meta { epoch, next, blobs })
}

pub(super) async fn all(database: &Rexie, next: f64) -> Result<Stored, StoreError> {
    let stores = [FETCHES, REQUESTS, RESPONSES];
    let transaction = database.transaction(&stores, TransactionMode::ReadOnly)?;
    let rows = transaction.store(FETCHES)?.scan(None, None, None, None).await?;
    let requests = transaction.store(REQUESTS)?;
    let responses = transaction.store(RESPONSES)?;
    let mut fetches = Vec::new();
    for (key, row) in rows {
        let Some(no) = key.as_f64().map(|no| FetchNo(no as u64)) else { continue };
        let row: Option<FetchRow> = parse(row);
        let range = || {
            let (first, last) = schema::records_range(no, 0, u64::from(u32::MAX));
            KeyRange::bound(&first, &last, None, Some(true))
        };
        let requests = requests.get_all(Some(range().map_err(rexie::Error::from)?), None).await?;
        let mut records: Vec<_> = requests
            .into_iter()
            .map(|request| StoredRecord { view: parse(request.clone()), request, response: None })
            .collect();
        for (key, response) in responses.scan(Some(range().map_err(rexie::Error::from)?), None, None, None).await? {
            let place = key.unchecked_into::<js_sys::Array>().get(1).as_f64();
            if let Some(record) = place.and_then(|place| records.get_mut(place as usize)) {
                record.response = parse(response);
            }
        }
        fetches.push(StoredFetch { no, row, records });
    }
    Ok(Stored { next: FetchNo(next as u64), fetches })
}

impl StoredFetch {
    /// The key of one of its records.
    pub fn key(&self, place: usize) -> RecordKey {
        RecordKey { fetch: self.no, index: RecordIndex(place as u32) }
    }
}

fn parse<T: DeserializeOwned>(row: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(row).ok()
}
