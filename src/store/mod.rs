//! What the driver may ask of storage: IndexedDB, one database for each scope.
//!
//! The database is the truth and memory a cache. Every write is a transaction that is stored whole or
//! not at all, fenced by an epoch: when a later engine has opened the database, an earlier one that is
//! still alive writes nothing more.

mod error;
mod load;
mod ops;
mod parse;
mod repair;
mod rows;
mod schema;
mod transaction;
pub mod value;

use std::cell::RefCell;

use crate::core::{FetchNo, RecordKey};

pub use error::{DEPOSED, DomError, StoreError};
pub use load::{Stored, StoredFetch, StoredRecord};
pub use ops::{
    create, delete_chunks, end, expect_stored, purge, put_chunk, put_fetch, put_response,
};
pub use parse::{parse_reason, parse_result, response_head, stored_head};
pub use rows::{FetchRow, RequestRow, ResponseRow, object, result_name};
pub use transaction::Op;

use ops::{BEYOND, delete_records, expect_epoch};
use schema::{BLOBS, CHUNKS, EPOCH, FETCHES, META, REQUESTS, RESPONSES};
use transaction::{ABSENT, Connection, Manner};

/// How many records' rows are deleted in one transaction: deleting is slow, and nobody waits for it.
const SWEEP: u64 = 64;

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
        let mut epoch = meta.epoch.max(js_sys::Date::now()) + 1.0;
        let mut takeover = vec![
            Op::Put(META, EPOCH.into(), epoch.into()),
            Op::Put(META, BLOBS.into(), blobs.into()),
        ];
        if meta.epoch > 0.0 {
            // Of two that open it at the same time, one is deposed by the other.
            takeover.insert(0, expect_epoch(meta.epoch));
        }
        loop {
            match transaction::run(&connection, &takeover, Manner::default()).await {
                Err(StoreError::Quota(_)) if epoch < ABSENT => {
                    // See `only_delete`. What is stored can be ended, and gives room. Two such engines do not
                    // see each other; the next one that has room deposes both.
                    epoch = ABSENT;
                    takeover.retain(|op| matches!(op, Op::Expect(..)));
                    takeover.push(Op::Delete(META, EPOCH.into()));
                }
                taken => break taken?,
            }
        }
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
    /// order in which this is called. A lost connection is opened again once and the same operations are
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
    pub fn make_room(&self, no: FetchNo) -> impl Future<Output = ()> + use<> {
        let deleted = self.only_delete(purge(no));
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
