//! What the driver may ask of storage: IndexedDB, one database for each scope.
//!
//! The database is the truth and memory a cache. Every write is a transaction that is stored whole or
//! not at all, fenced by an epoch: when a later engine has opened the database, an earlier one that is
//! still alive writes nothing more.

mod error;
mod load;
mod parse;
mod repair;
mod rows;
mod schema;
mod transaction;
pub mod value;

use std::cell::RefCell;

use js_sys::{Array, JsString};
use wasm_bindgen::{JsCast, JsValue};

use crate::core::{FetchNo, RecordKey};

pub use error::{DEPOSED, DomError, StoreError};
pub use load::{Stored, StoredFetch, StoredRecord};
pub use parse::{parse_reason, parse_result, response_head, stored_head};
pub use rows::{FetchRow, RequestRow, ResponseRow, object, result_name};
pub use transaction::Op;

use schema::{BLOBS, CHUNKS, EPOCH, FETCHES, IDS, META, NEXT, REQUESTS, RESPONSES};
use transaction::{ABSENT, Connection, Manner};

/// How many requests share a row, since a row costs more than a request does.
const SHARED: u64 = 64;
/// How many records' rows are deleted in one transaction: deleting is slow, and nobody waits for it.
const SWEEP: u64 = 64;
/// Of about how many background fetches the end is remembered when their rows are gone: pages that were frozen,
/// or in the cache of pages, meanwhile will ask.
const ENDS: f64 = 100.0;
/// No record has this index.
const BEYOND: u64 = u32::MAX as u64;

/// The store of one scope.
pub struct Store {
    name: String,
    connection: RefCell<Connection>,
    epoch: f64,
    blobs: bool,
}

impl Store {
    /// Opens the store of a scope and takes it over from any engine that has it open.
    pub async fn open(scope: &str) -> Result<(Self, Stored), StoreError> {
        let name = schema::database_name(scope);
        let connection = schema::open(&name).await?;
        let meta = load::meta(&connection).await?;
        let blobs = match meta.blobs {
            Some(known) => known,
            None => repair::stores_blobs(&connection).await,
        };
        // None may come back when the storage is cleared while an engine that had it still works.
        let epoch = meta.epoch.max(js_sys::Date::now()) + 1.0;
        let mut takeover = vec![
            Op::Put(META, EPOCH.into(), epoch.into()),
            Op::Put(META, BLOBS.into(), blobs.into()),
        ];
        if meta.epoch > 0.0 {
            // Of two that open it at the same time, one is deposed by the other.
            takeover.insert(0, expect_epoch(meta.epoch));
        }
        transaction::run(&connection, &takeover, Manner::default()).await?;
        let mut stored = load::all(&connection, meta.next).await?;
        let mut mending = repair::mend(&connection, &mut stored.fetches).await?;
        if !mending.is_empty() {
            repair::prepare(&mut mending);
            mending.insert(0, expect_epoch(epoch));
            transaction::run(&connection, &mending, Manner::default()).await?;
        }
        Ok((
            Self {
                name,
                connection: RefCell::new(connection),
                epoch,
                blobs,
            },
            stored,
        ))
    }

    /// Whether chunks and request bodies are stored as Blobs.
    pub fn blobs(&self) -> bool {
        self.blobs
    }

    /// Runs `ops` in one transaction. They are issued at once, so that transactions are stored in the
    /// order in which this is called. A lost connection is opened again once and the same requests are
    /// repeated: an aborted transaction has left nothing of them, and what was stored without a word is
    /// stored once more.
    pub fn commit(
        self: &std::rc::Rc<Self>,
        mut ops: Vec<Op>,
        strict: bool,
    ) -> impl Future<Output = Result<(), StoreError>> + use<> {
        if self.blobs {
            repair::prepare(&mut ops);
        }
        ops.insert(0, expect_epoch(self.epoch));
        let mut manner = Manner {
            strict,
            ..Manner::default()
        };
        let first = transaction::run(&self.connection.borrow(), &ops, manner);
        let store = self.clone();
        async move {
            match first.await {
                Err(StoreError::Connection(_)) => {
                    let connection = transaction::connect(&store.name).await?;
                    manner.again = true;
                    let again = transaction::run(&connection, &ops, manner);
                    store.connection.replace(connection);
                    again.await
                }
                outcome => outcome,
            }
        }
    }

    /// Deletes all rows of an ended background fetch, a few at a time, its own row last, so that an
    /// interrupted deletion is found again.
    pub async fn sweep(
        self: &std::rc::Rc<Self>,
        no: FetchNo,
        records: u32,
    ) -> Result<(), StoreError> {
        let records = u64::from(records);
        let mut from = 0;
        loop {
            // Rows beyond the last record are somebody else's mistake.
            let last = from >= records;
            let to = if last { BEYOND } else { from + SWEEP };
            let mut ops = delete_records(no, from, to, &[CHUNKS, RESPONSES, REQUESTS]);
            if last {
                ops.push(Op::Delete(FETCHES, schema::fetch_key(no)));
            }
            if self.commit(ops.clone(), false).await.is_err() {
                self.only_delete(ops).await?;
            }
            if last {
                return Ok(());
            }
            from = to;
        }
    }

    /// What the end of a background fetch deletes, and no more, when it could not be stored. Issued at
    /// once; whether it helped is seen by what is stored next.
    pub fn make_room(
        &self,
        no: FetchNo,
        id: &JsValue,
        purge: bool,
    ) -> impl Future<Output = ()> + use<> {
        let mut ops = vec![Op::Delete(IDS, id.clone())];
        if purge {
            ops.extend(self::purge(no));
        }
        let deleted = self.only_delete(ops);
        async move { _ = deleted.await }
    }

    /// Beyond its quota an origin may put nothing in Chromium (measured in 156), be it one byte, and only
    /// transactions that do nothing but delete pass: so this one does without what [`repair`] puts. And
    /// an origin comes there easily: of two transactions that are under way together each may take what
    /// is left for both. Only WebKit needs those puts, and refuses none but for its own length.
    fn only_delete(
        &self,
        mut ops: Vec<Op>,
    ) -> impl Future<Output = Result<(), StoreError>> + use<> {
        ops.insert(0, expect_epoch(self.epoch));
        transaction::run(&self.connection.borrow(), &ops, Manner::default())
    }

    /// Bytes `from` to `to` of what is stored of an attempt; an error when they are not all there.
    pub async fn read(
        &self,
        key: RecordKey,
        attempt: u32,
        from: u64,
        to: u64,
    ) -> Result<Vec<u8>, StoreError> {
        let connection = transaction::connect(&self.name).await?;
        let bytes = load::bytes(&connection, key, attempt, from, to).await;
        connection.close();
        bytes
    }

    /// Lets go of the database.
    pub fn close(&self) {
        self.connection.borrow().close();
    }
}

/// The fence before every transaction: no later engine has opened the database.
fn expect_epoch(epoch: f64) -> Op {
    Op::Expect(META, EPOCH.into(), vec![("", [epoch, epoch])])
}

/// The requests that make a background fetch: all its rows, its id unless another one has it, and the next
/// number.
pub fn create(no: FetchNo, row: &FetchRow, requests: &[JsValue]) -> Result<Vec<Op>, JsValue> {
    let key = schema::fetch_key(no);
    let next = JsValue::from_f64((no.0 + 1) as f64);
    let mut ops = vec![
        Op::Expect(IDS, row.id.clone(), vec![("", [ABSENT, no.0 as f64])]),
        Op::Put(IDS, row.id.clone(), key.clone()),
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

/// The requests that end a background fetch: its id is free, its row tells how it ended, and a note of
/// that outlives it.
pub fn end(no: FetchNo, row: &FetchRow) -> Result<Vec<Op>, JsValue> {
    let id: &JsString = row.id.unchecked_ref();
    let key = schema::fetch_key(no);
    Ok(vec![
        Op::Delete(IDS, id.into()),
        Op::Put(META, key, row.end()?),
        Op::Delete(META, (no.0 as f64 - ENDS).into()),
        put_fetch(no, row)?,
    ])
}

/// The request that stores the row of a background fetch.
pub fn put_fetch(no: FetchNo, row: &FetchRow) -> Result<Op, JsValue> {
    Ok(Op::Put(FETCHES, schema::fetch_key(no), row.value()?))
}

/// The requests that delete all responses of a background fetch: bodies, and the rows that speak of them.
pub fn purge(no: FetchNo) -> Vec<Op> {
    delete_records(no, 0, BEYOND, &[CHUNKS, RESPONSES])
}

/// The requests that delete the rows of records `from` to before `to` in some stores.
fn delete_records(no: FetchNo, from: u64, to: u64, stores: &[&'static str]) -> Vec<Op> {
    let (first, last) = schema::records_range(no, from, to);
    let delete = |store: &&'static str| Op::DeleteRange(store, first.clone(), last.clone());
    stores.iter().map(delete).collect()
}

/// The request that stores a record's row.
pub fn put_response(key: RecordKey, row: &ResponseRow) -> Result<Op, JsValue> {
    Ok(Op::Put(RESPONSES, schema::record_key(key), row.value()?))
}

/// The request that stores a chunk.
pub fn put_chunk(key: RecordKey, attempt: u32, offset: u64, bytes: JsValue) -> Op {
    Op::Put(CHUNKS, schema::chunk_key(key, attempt, offset), bytes)
}

/// The request that deletes all chunks of a record.
pub fn delete_chunks(key: RecordKey) -> Op {
    let (first, last) = schema::chunks_range(key);
    Op::DeleteRange(CHUNKS, first, last)
}

/// The request that deletes the chunks of an attempt from an offset on.
fn cut_chunks(key: RecordKey, attempt: u32, from: u64) -> Op {
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
