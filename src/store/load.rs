//! Reads back what an earlier life of the engine has stored. Any script of the origin can write these
//! rows: a bad one costs its own background fetch and no other.

use rexie::{KeyRange, Rexie, TransactionMode};
use wasm_bindgen::{JsCast, JsValue};

use super::rows::{FetchRow, RequestRow, ResponseRow};
use super::schema::{self, BLOBS, CHUNKS, EPOCH, FETCHES, META, NEXT, REQUESTS, RESPONSES};
use super::{StoreError, value};
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
    // Neither may come back when the storage is cleared while somebody still remembers it.
    let fresh = js_sys::Date::now();
    let epoch = number(store.get(EPOCH.into()).await?).unwrap_or(fresh);
    let next = number(store.get(NEXT.into()).await?).unwrap_or(fresh);
    let blobs = store
        .get(BLOBS.into())
        .await?
        .and_then(|value| value.as_bool());
    Ok(Meta { epoch, next, blobs })
}

pub(super) async fn all(database: &Rexie, next: f64) -> Result<Stored, StoreError> {
    let stores = [FETCHES, REQUESTS, RESPONSES];
    let transaction = database.transaction(&stores, TransactionMode::ReadOnly)?;
    let rows = transaction.store(FETCHES)?;
    let requests = transaction.store(REQUESTS)?;
    let responses = transaction.store(RESPONSES)?;
    let keys = rows.get_all_keys(None, None).await?;
    let rows = rows.get_all(None, None).await?;
    let mut fetches = Vec::new();
    for (key, row) in keys.iter().zip(rows) {
        let Some(no) = key.as_f64().map(|no| FetchNo(no as u64)) else {
            continue;
        };
        // Everything at once: a cursor would take a round trip for each of perhaps ten thousand rows.
        let (first, last) = schema::records_range(no, 0, u64::from(u32::MAX));
        let range = || KeyRange::bound(&first, &last, None, Some(true));
        let range = || range().map_err(rexie::Error::from);
        let mut records: Vec<_> = requests
            .get_all(Some(range()?), None)
            .await?
            .into_iter()
            .map(StoredRecord::new)
            .collect();
        let places = responses.get_all_keys(Some(range()?), None).await?;
        let found = responses.get_all(Some(range()?), None).await?;
        for (key, response) in places.into_iter().zip(found) {
            let place = key.unchecked_into::<js_sys::Array>().get(1).as_f64();
            if let Some(record) = place.and_then(|place| records.get_mut(place as usize)) {
                record.response = ResponseRow::parse(&response);
            }
        }
        let row = FetchRow::parse(&row);
        fetches.push(StoredFetch { no, row, records });
    }
    Ok(Stored {
        next: FetchNo(next as u64),
        fetches,
    })
}

impl StoredRecord {
    fn new(request: JsValue) -> Self {
        Self {
            view: RequestRow::parse(&request),
            request,
            response: None,
        }
    }
}

impl StoredFetch {
    /// The key of one of its records.
    pub fn key(&self, place: usize) -> RecordKey {
        RecordKey {
            fetch: self.no,
            index: RecordIndex(place as u32),
        }
    }
}

/// Bytes `from` to `to` of an attempt's chunks.
pub(super) async fn bytes(
    database: &Rexie,
    key: RecordKey,
    attempt: u32,
    from: u64,
    to: u64,
) -> Result<Vec<u8>, StoreError> {
    let transaction = database.transaction(&[CHUNKS], TransactionMode::ReadOnly)?;
    let store = transaction.store(CHUNKS)?;
    let (first, last) = schema::attempt_range(key, attempt, 0);
    let range = KeyRange::bound(&first, &last, None, Some(true)).map_err(rexie::Error::from)?;
    let keys = store.get_all_keys(Some(range), None).await?;
    let offsets: Vec<u64> = keys
        .into_iter()
        .map(|key| {
            key.unchecked_into::<js_sys::Array>()
                .get(3)
                .as_f64()
                .unwrap_or(0.0) as u64
        })
        .collect();
    let begin = offsets
        .partition_point(|&offset| offset <= from)
        .saturating_sub(1);
    let wanted = offsets
        .iter()
        .skip(begin)
        .take_while(|&&offset| offset < to);
    let mut chunks = Vec::new();
    for &offset in wanted {
        let value = store.get(schema::chunk_key(key, attempt, offset)).await?;
        chunks.push((offset, value.unwrap_or(JsValue::UNDEFINED)));
    }
    // Blobs are read after the transaction: waiting for anything else would end it.
    let mut bytes = Vec::new();
    for (offset, value) in chunks {
        let cut_from = from.max(offset) - offset;
        let cut_to = to
            .min(offset + value::length(&value))
            .saturating_sub(offset);
        if offset + cut_from != from + bytes.len() as u64 || cut_to <= cut_from {
            return Err(StoreError::Gap);
        }
        bytes.extend(value::bytes(&value, cut_from, cut_to).await?);
    }
    if bytes.len() as u64 == to - from {
        Ok(bytes)
    } else {
        Err(StoreError::Gap)
    }
}
