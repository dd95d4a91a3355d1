//! The core's transactions, carried out.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::Driver;
use crate::core::{
    Chunk, Commit, Event, FailureReason, FetchNo, RecordIndex, RecordKey, RecordWrite, Write,
};
use crate::store::{self, Op, ResponseRow, StoreError, result_name};

/// Attempts are counted from here on.
const FIRST_ATTEMPT: u32 = 1;

impl Driver {
    pub(super) fn commit(self: &Rc<Self>, commit: Commit) {
        let mut ops = Vec::new();
        let mut pack = Pack::default();
        let prepared: Result<(), JsValue> = commit
            .writes
            .iter()
            .try_for_each(|write| self.prepare(write, &commit, &mut pack, &mut ops))
            .and_then(|()| self.put_pack(pack, &mut ops));
        // Issued now, awaited later: transactions are stored in the order of their outputs.
        let stored = prepared.map(|()| self.store.commit(ops, commit.strict));
        let driver = self.clone();
        spawn_local(async move {
            let outcome = match stored {
                Ok(stored) => stored.await,
                Err(thrown) => Err(StoreError::from(thrown)),
            };
            match outcome {
                Ok(()) => {
                    commit.writes.iter().for_each(|write| driver.release(write));
                    driver.input(Event::Committed(commit.no));
                }
                Err(StoreError::Deposed) => driver.depose(false),
                Err(StoreError::Newer) => driver.depose(true),
                Err(StoreError::Gone) => driver.lose(FailureReason::FetchError),
                Err(error) => {
                    let why = error.failure();
                    for write in &commit.writes {
                        if let &Write::End {
                            fetch, purge: true, ..
                        } = write
                        {
                            // The end is tried again, after this.
                            spawn_local(driver.store.make_room(fetch));
                        }
                    }
                    driver.input(Event::CommitFailed {
                        commit: commit.no,
                        why,
                    });
                }
            }
        });
    }

    fn prepare(
        &self,
        write: &Write,
        commit: &Commit,
        pack: &mut Pack,
        ops: &mut Vec<Op>,
    ) -> Result<(), JsValue> {
        match write {
            Write::Create(no) => {
                if let Some(job) = self.jobs.borrow().get(no) {
                    ops.extend(store::create(*no, &job.row, &job.requests)?);
                }
                Ok(())
            }
            Write::Record(write) => self.prepare_record(write, commit.stored(write.key), pack, ops),
            // As the core has it by now: a later word may be stored already.
            Write::Paused(no, _) => self.prepare_fetch(*no, ops, |_| {}),
            Write::End { fetch, end, purge } => {
                let Some(mut row) = self.update_job(*fetch, |row| row.due = 1) else {
                    return Ok(());
                };
                if *purge {
                    ops.extend(store::purge(*fetch));
                }
                // Not yet what pages may see.
                row.result = end.result().as_str().into();
                row.failure_reason = end.reason.map_or("", |why| why.as_str()).into();
                ops.extend(store::end(*fetch, &row)?);
                Ok(())
            }
            Write::Due(no, due) => self.prepare_fetch(*no, ops, |row| row.due = *due),
            Write::Delivered(no) => self.prepare_fetch(*no, ops, |row| {
                row.due = 0;
                row.records_available = false;
            }),
        }
    }

    fn prepare_fetch(
        &self,
        no: FetchNo,
        ops: &mut Vec<Op>,
        change: impl FnOnce(&mut store::FetchRow),
    ) -> Result<(), JsValue> {
        let Some(row) = self.update_job(no, change) else {
            return Ok(());
        };
        ops.push(store::put_fetch(no, &row)?);
        Ok(())
    }

    /// The row of a background fetch as it is now. What is changed stays changed: whoever writes the
    /// row later must not take it back.
    fn update_job(
        &self,
        no: FetchNo,
        change: impl FnOnce(&mut store::FetchRow),
    ) -> Option<store::FetchRow> {
        let state = self.core.borrow().state(no)?;
        let mut jobs = self.jobs.borrow_mut();
        let job = jobs.get_mut(&no)?;
        job.update(state);
        change(&mut job.row);
        job.row.written = js_sys::Date::now();
        Some(job.row.clone())
    }

    /// Adds the bodies that share a chunk.
    fn put_pack(&self, pack: Pack, ops: &mut Vec<Op>) -> Result<(), JsValue> {
        if let Some(key) = pack.key {
            ops.push(self.chunk(key, FIRST_ATTEMPT, 0, &pack.parts)?);
        }
        Ok(())
    }

    fn chunk(
        &self,
        key: RecordKey,
        attempt: u32,
        offset: u64,
        parts: &[JsValue],
    ) -> Result<Op, JsValue> {
        let bytes = store::value::join(parts, self.store.blobs())?;
        self.browser.weigh(&bytes);
        Ok(store::put_chunk(key, attempt, offset, bytes))
    }

    /// `last` is how much of the record the transaction stores in all.
    fn prepare_record(
        &self,
        write: &RecordWrite,
        last: u64,
        pack: &mut Pack,
        ops: &mut Vec<Op>,
    ) -> Result<(), JsValue> {
        let mut hands = self.hands.borrow_mut();
        let mut jobs = self.jobs.borrow_mut();
        let key = write.key;
        let Some(job) = jobs.get_mut(&key.fetch) else {
            return Ok(());
        };
        if let Some(transfer) = write.head {
            let meta = hands.get(&transfer).and_then(|hand| hand.meta.clone());
            job.responses
                .insert(key.index, meta.unwrap_or(JsValue::NULL));
        }
        if write.first {
            // Before the first attempt there is nothing.
            if write.attempt > FIRST_ATTEMPT {
                ops.push(store::delete_chunks(key));
            }
        } else {
            let continued = write.stored - write.chunk.map_or(0, |chunk| chunk.length);
            ops.push(store::expect_stored(key, write.attempt, [continued, last]));
        }
        let (at, from) = match write.chunk {
            Some(chunk) => {
                let hand = hands.get_mut(&chunk.transfer).ok_or(JsValue::UNDEFINED)?;
                // Fails rather than store a chunk that is shorter than its row says.
                let parts = hand.take(chunk.length).ok_or(JsValue::UNDEFINED)?;
                self.place_chunk(write, chunk, parts, pack, ops)?
            }
            None => (key.index, 0),
        };
        let headless = write.first && write.head.is_none();
        let response = if headless {
            None
        } else {
            job.responses.get(&key.index).cloned()
        };
        let row = ResponseRow {
            attempt: write.attempt,
            stored: write.stored as f64,
            result: result_name(write.result).into(),
            written: js_sys::Date::now(),
            response: response.unwrap_or(JsValue::NULL),
            at: at.0,
            from: from as f64,
        };
        ops.push(store::put_response(key, &row)?);
        Ok(())
    }

    /// Adds a chunk by itself, or to those that share one. In whose chunks it lies, and from where on.
    fn place_chunk(
        &self,
        write: &RecordWrite,
        chunk: Chunk,
        parts: Vec<JsValue>,
        pack: &mut Pack,
        ops: &mut Vec<Op>,
    ) -> Result<(RecordIndex, u64), JsValue> {
        let key = write.key;
        let shares = write.first && write.result.is_some() && write.attempt == FIRST_ATTEMPT;
        if shares && self.store.blobs() && pack.takes(key, chunk.length) {
            let place = (pack.key.get_or_insert(key).index, pack.length);
            pack.length += chunk.length;
            pack.parts.extend(parts);
            return Ok(place);
        }
        ops.push(self.chunk(key, write.attempt, chunk.offset, &parts)?);
        Ok((key.index, 0))
    }

    /// A transaction may fail, and then its records go on: only now they are done.
    fn release(&self, write: &Write) {
        if let Write::Record(RecordWrite {
            key,
            result: Some(_),
            ..
        }) = write
            && let Some(job) = self.jobs.borrow_mut().get_mut(&key.fetch)
        {
            job.release(key.index);
        }
    }
}

/// Short bodies that are complete and stored in one transaction: they share a chunk, that of the first.
#[derive(Default)]
struct Pack {
    key: Option<RecordKey>,
    length: u64,
    parts: Vec<JsValue>,
}

impl Pack {
    fn takes(&self, key: RecordKey, length: u64) -> bool {
        length < store::value::SMALL && self.key.is_none_or(|first| first.fetch == key.fetch)
    }
}
