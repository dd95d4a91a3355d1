//! The operations that transactions are made of.

use js_sys::Array;
use wasm_bindgen::JsValue;

use super::rows::{FetchRow, ResponseRow};
use super::schema::{self, CHUNKS, EPOCH, FETCHES, META, NEXT, REQUESTS, RESPONSES};
use super::transaction::Op;
use crate::core::{FetchNo, RecordKey};

/// How many requests share a row, since a row costs more than a request does.
const SHARED: u64 = 64;
/// Of about how many background fetches the end is remembered when their rows are gone: pages that were frozen,
/// or in the cache of pages, meanwhile will ask.
const ENDS: f64 = 100.0;
/// No record has this index.
pub(super) const BEYOND: u64 = u32::MAX as u64;

/// The fence before every transaction: no later engine has opened the database.
pub(super) fn expect_epoch(epoch: f64) -> Op {
    Op::Expect(META, EPOCH.into(), vec![("", [epoch, epoch])])
}

/// The operations that make a background fetch: all its rows, and the next number.
pub fn create(no: FetchNo, row: &FetchRow, requests: &[JsValue]) -> Result<Vec<Op>, JsValue> {
    let key = schema::fetch_key(no);
    let next = JsValue::from_f64((no.0 + 1) as f64);
    let mut ops = vec![
        Op::Put(META, NEXT.into(), next),
        Op::Put(FETCHES, key, row.value()?),
    ];
    for (place, group) in requests.chunks(SHARED as usize).enumerate() {
        let (first, _) = schema::records_range(no, place as u64 * SHARED, 0);
        let group: Array = group.iter().collect();
        ops.push(Op::Put(REQUESTS, first, group.into()));
    }
    Ok(ops)
}

/// The operations that end a background fetch: its row tells how it ended, and a note of that outlives it.
pub fn end(no: FetchNo, row: &FetchRow) -> Result<Vec<Op>, JsValue> {
    let key = schema::fetch_key(no);
    Ok(vec![
        Op::Put(META, key, row.end()?),
        Op::Delete(META, (no.0 as f64 - ENDS).into()),
        put_fetch(no, row)?,
    ])
}

/// The operation that stores the row of a background fetch.
pub fn put_fetch(no: FetchNo, row: &FetchRow) -> Result<Op, JsValue> {
    Ok(Op::Put(FETCHES, schema::fetch_key(no), row.value()?))
}

/// The operations that delete all responses of a background fetch: bodies, and the rows that speak of them.
pub fn purge(no: FetchNo) -> Vec<Op> {
    delete_records(no, 0, BEYOND, &[CHUNKS, RESPONSES])
}

/// The operations that delete the rows of records `from` to before `to` in some stores.
pub(super) fn delete_records(no: FetchNo, from: u64, to: u64, stores: &[&'static str]) -> Vec<Op> {
    let (first, last) = schema::records_range(no, from, to);
    let delete = |store: &&'static str| Op::DeleteRange(store, first.clone(), last.clone());
    stores.iter().map(delete).collect()
}

/// The operation that stores a record's row.
pub fn put_response(key: RecordKey, row: &ResponseRow) -> Result<Op, JsValue> {
    Ok(Op::Put(RESPONSES, schema::record_key(key), row.value()?))
}

/// The operation that stores a chunk.
pub fn put_chunk(key: RecordKey, attempt: u32, offset: u64, bytes: JsValue) -> Op {
    Op::Put(CHUNKS, schema::chunk_key(key, attempt, offset), bytes)
}

/// The operation that deletes all chunks of a record.
pub fn delete_chunks(key: RecordKey) -> Op {
    let (first, last) = schema::chunks_range(key);
    Op::DeleteRange(CHUNKS, first, last)
}

/// The operation that deletes the chunks of an attempt from an offset on.
pub(super) fn cut_chunks(key: RecordKey, attempt: u32, from: u64) -> Op {
    let (first, last) = schema::attempt_range(key, attempt, from);
    Op::DeleteRange(CHUNKS, first, last)
}

/// The fence before a chunk that continues others: they must be those of this attempt, without a gap.
/// `stored` is how much they are, and how much is stored after the whole transaction: the connection may not
/// have lived to see that.
pub fn expect_stored(key: RecordKey, attempt: u32, stored: [u64; 2]) -> Op {
    let stored = stored.map(|stored| stored as f64);
    let members = vec![("attempt", [f64::from(attempt); 2]), ("stored", stored)];
    Op::Expect(RESPONSES, schema::record_key(key), members)
}
