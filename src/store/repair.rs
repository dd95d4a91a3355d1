//! What WebKit does to stored Blobs when it is killed, and how it is found and mended.
//!
//! WebKitGTK 2.50 keeps each Blob of a database in a file of its own. It commits the rows first; only
//! then does it delete the files of deleted Blobs, and link those of new ones to their names, out of
//! `/tmp`. Its names are numbers, one more than the highest in use. So a browser that is killed after
//! the commit leaves behind
//!
//! - *rows whose Blobs have no file*: their size is right, but nothing, or not all, can be read. That
//!   can only be the chunks of the last transaction, because the next one is begun when the files of
//!   this one are in place. Each transaction names its chunks in [`LAST`]; those are read at the next
//!   start, and what is damaged is taken off the rows and fetched again;
//! - *files whose rows are gone*: the next Blob that is given such a name gets the bytes of that file,
//!   because a link does not replace one. A name that was given must never be given again, so in each
//!   transaction two Blobs of no meaning ([`ABOVE`]) are stored above all that it deletes. There are
//!   two because replacing one deletes it first: the other one stays above meanwhile.
//!
//! For the same reason nothing may be put and deleted in one transaction: the file stays, and its name
//! is given again. `tests/browser/engines.spec.mjs` shows what can be shown of it.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::schema::{ABOVE, CHUNKS, LAST, META};
use super::transaction::{self, Connection, Manner, Op, reading, settled};
use super::{ResponseRow, StoreError, StoredFetch, ops, value};
use crate::core::{FetchNo, RecordIndex, RecordKey};

/// Whether Blobs can be stored: WebKit refuses them in private sessions, with an abort without reason.
pub(super) async fn stores_blobs(connection: &Connection) -> bool {
    let above: Vec<_> = above().collect();
    !above.is_empty()
        && transaction::run(connection, &above, Manner::default())
            .await
            .is_ok()
}

/// Adds to a transaction what a kill after it makes necessary.
pub(super) fn prepare(ops: &mut Vec<Op>) {
    let chunks: Array = ops.iter().filter_map(chunk_key).collect();
    if chunks.length() > 0 {
        ops.push(Op::Put(META, LAST.into(), chunks.into()));
    }
    if ops.iter().any(|op| matches!(op, Op::DeleteRange(..))) {
        let rest = std::mem::replace(ops, above().collect());
        ops.extend(rest);
    }
}

fn chunk_key(op: &Op) -> Option<&JsValue> {
    match op {
        Op::Put(CHUNKS, key, _) => Some(key),
        _ => None,
    }
}

fn above() -> impl Iterator<Item = Op> {
    let put = |name: &str| {
        Some(Op::Put(
            META,
            name.into(),
            web_sys::Blob::new().ok()?.into(),
        ))
    };
    ABOVE.into_iter().filter_map(put)
}

/// Takes what cannot be read off the rows of background fetches that have not ended, and gives the
/// operations that store that: no other row may be written before.
pub(super) async fn mend(
    connection: &Connection,
    fetches: &mut [StoredFetch],
) -> Result<Vec<Op>, JsValue> {
    let mut mending = Vec::new();
    for (key, attempt, offset) in damaged(connection).await.unwrap_or_default() {
        let runs =
            |fetch: &&mut StoredFetch| fetch.row.as_ref().is_some_and(|row| row.result.is_empty());
        let fetch = fetches.iter_mut().find(|fetch| fetch.no == key.fetch);
        for (place, record) in fetch
            .filter(runs)
            .into_iter()
            .flat_map(|fetch| fetch.records.iter_mut().enumerate())
        {
            let lies = |row: &&mut ResponseRow| {
                row.at == key.index.0 && row.attempt == attempt && row.stored > offset as f64
            };
            if let Some(row) = record.response.as_mut().filter(lies) {
                row.stored = offset as f64;
                row.result.clear();
                let index = RecordIndex::at(place);
                mending.extend([
                    ops::cut_chunks(key, attempt, offset),
                    ops::put_response(RecordKey { index, ..key }, row)?,
                ]);
            }
        }
    }
    Ok(mending)
}

/// The chunks of the last transaction that cannot be read back: the record, its attempt, the offset.
async fn damaged(connection: &Connection) -> Result<Vec<(RecordKey, u32, u64)>, StoreError> {
    let transaction = reading(connection, &[META, CHUNKS])?;
    let last = settled(&transaction.object_store(META)?.get(&LAST.into())?).await?;
    let store = transaction.object_store(CHUNKS)?;
    let mut chunks = Vec::new();
    let keys = Some(last).filter(Array::is_array);
    for key in keys.iter().flat_map(Array::from) {
        let chunk = settled(&store.get(&key)?).await?;
        if !chunk.is_undefined() {
            chunks.push((key, chunk));
        }
    }
    let mut damaged = Vec::new();
    for (key, chunk) in chunks {
        let length = value::length(&chunk);
        // Anything may be stored there, and what has no length is no bytes.
        if length > 0
            && let Ok(last) = value::bytes(&chunk, length - 1, length).await
            && last.len() == 1
        {
            continue;
        }
        let key: Array = key.unchecked_into();
        let part = |place| key.get(place).as_f64().unwrap_or_default();
        let record = RecordKey {
            fetch: FetchNo(part(0) as u64),
            index: RecordIndex(part(1) as u32),
        };
        damaged.push((record, part(2) as u32, part(3) as u64));
    }
    Ok(damaged)
}
