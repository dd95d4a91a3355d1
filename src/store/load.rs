//! Reads back what an earlier life of the engine has stored. Any script of the origin can write these
//! rows: a bad one costs its own background fetch and no other.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::parse::whole;
use super::rows::{FetchRow, RequestRow, ResponseRow};
use super::schema::{self, BLOBS, CHUNKS, EPOCH, FETCHES, META, NEXT, REQUESTS, RESPONSES};
use super::transaction::{Connection, bound, reading, settled};
use super::{StoreError, value};
use crate::core::{FetchNo, RecordKey};

/// What the database says about itself.
pub(super) struct Meta {
    /// 0 when there is none that could be.
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

pub(super) async fn meta(connection: &Connection) -> Result<Meta, StoreError> {
    let store = reading(connection, &[META])?.object_store(META)?;
    let [epoch, next, blobs] = [EPOCH, NEXT, BLOBS].map(|key| store.get(&key.into()));
    Ok(Meta {
        epoch: whole(&settled(&epoch?).await?).unwrap_or(0.0),
        // None may come back when the storage is cleared while somebody still remembers it.
        next: whole(&settled(&next?).await?).unwrap_or_else(js_sys::Date::now),
        blobs: settled(&blobs?).await?.as_bool(),
    })
}

pub(super) async fn all(connection: &Connection, next: f64) -> Result<Stored, StoreError> {
    let transaction = reading(connection, &[FETCHES, REQUESTS, RESPONSES])?;
    let rows = transaction.object_store(FETCHES)?;
    let requests = transaction.object_store(REQUESTS)?;
    let responses = transaction.object_store(RESPONSES)?;
    let (keys, rows) = (rows.get_all_keys()?, rows.get_all()?);
    let (keys, rows) = (list(&keys).await?, list(&rows).await?);
    let mut fetches = Vec::new();
    for (key, row) in keys.iter().zip(rows.iter()) {
        // Under another key it is nobody's, and two would have the same number.
        let Some(no) = whole(&key).map(|no| FetchNo(no as u64)) else {
            continue;
        };
        // Everything at once: a cursor would take a round trip for each of perhaps ten thousand rows.
        let (first, last) = schema::records_range(no, 0, u64::from(u32::MAX));
        let range = bound(&first, &last)?;
        let requests = requests.get_all_with_key(&range)?;
        let places = responses.get_all_keys_with_key(&range)?;
        let found = responses.get_all_with_key(&range)?;
        let requests = list(&requests).await?.flat(1);
        let mut records: Vec<_> = requests.iter().map(StoredRecord::new).collect();
        let (places, found) = (list(&places).await?, list(&found).await?);
        for (key, response) in places.iter().zip(found.iter()) {
            let place = key.unchecked_into::<Array>().get(1).as_f64();
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

/// The result of a request for many.
async fn list(request: &web_sys::IdbRequest) -> Result<Array, StoreError> {
    Ok(settled(request).await?.unchecked_into())
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

/// Bytes `from` to `to` of an attempt's chunks.
pub(super) async fn bytes(
    connection: &Connection,
    key: RecordKey,
    attempt: u32,
    from: u64,
    to: u64,
) -> Result<Vec<u8>, StoreError> {
    let store = reading(connection, &[CHUNKS])?.object_store(CHUNKS)?;
    let (first, last) = schema::attempt_range(key, attempt, 0);
    let keys = list(&store.get_all_keys_with_key(&bound(&first, &last)?.into())?).await?;
    let offsets: Vec<u64> = keys
        .iter()
        .map(|key| key.unchecked_into::<Array>().get(3).as_f64().unwrap_or(0.0) as u64)
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
        let request = store.get(&schema::chunk_key(key, attempt, offset))?;
        chunks.push((offset, settled(&request).await?));
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
