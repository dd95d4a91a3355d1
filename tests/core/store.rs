//! The database, in memory: rows, transactions that are stored whole or not at all, and in order.

use std::collections::BTreeMap;

use background_fetch_polyfill::core::{
    Commit, EndSnapshot, FetchNo, FetchSnapshot, Id, NewFetch, RecordIndex, RecordKey,
    RecordResult, RecordSnapshot, RecordWrite, RequestHead, ResponseHead, ResponseSnapshot,
    StoreFailure, Write,
};

use crate::bytes::Bytes;

#[derive(Clone, Debug)]
pub struct FetchRow {
    pub id: Id,
    pub requests: Vec<RequestHead>,
    pub download_total: u64,
    pub paused: bool,
    pub end: Option<EndSnapshot>,
    /// When something was last stored, by the clock on the wall.
    pub touched: u64,
}

#[derive(Clone, Debug)]
pub struct RecordRow {
    pub attempt: u32,
    pub head: Option<ResponseHead>,
    pub stored: u64,
    pub result: Option<RecordResult>,
    pub body: Bytes,
}

/// A transaction with all that it needs, as issued.
#[derive(Clone, Debug)]
pub struct Transaction {
    pub commit: Commit,
    /// For each write: the head and the bytes it takes.
    pub taken: Vec<(Option<ResponseHead>, Bytes)>,
    /// Bytes stored of the background fetch that a write ends.
    pub downloaded: u64,
    /// What a write creates.
    pub created: Option<NewFetch>,
    /// How it is going to fail, whatever it holds.
    pub fails: Option<StoreFailure>,
}

#[derive(Clone, Debug, Default)]
pub struct Store {
    pub next: u64,
    pub fetches: BTreeMap<FetchNo, FetchRow>,
    pub records: BTreeMap<RecordKey, RecordRow>,
    /// Bytes that fit.
    pub quota: Option<u64>,
    /// What the last transaction has appended: records, and from which byte on.
    pub last: Vec<(RecordKey, u64)>,
}

impl Store {
    /// Runs a transaction.
    pub fn run(&mut self, transaction: &Transaction, now: u64) -> Result<(), StoreFailure> {
        if let Some(why) = transaction.fails {
            return Err(why);
        }
        let writes = || transaction.commit.writes.iter().zip(&transaction.taken);
        let mut expected = BTreeMap::new();
        for (write, _) in writes() {
            self.may_write(write, &mut expected)?;
        }
        if let Some(quota) = self.quota {
            let more: u64 = writes().map(|(_, (_, bytes))| bytes.len()).sum();
            let freed: u64 = writes().map(|(write, _)| self.frees(write)).sum();
            let used: u64 = self.records.values().map(|row| row.body.len()).sum();
            if more > 0 && used - freed.min(used) + more > quota {
                return Err(StoreFailure::Quota);
            }
        }
        let chunk = |write: &Write| match write {
            Write::Record(write) => write.chunk.map(|chunk| (write.key, chunk.offset)),
            _ => None,
        };
        self.last = writes().filter_map(|(write, _)| chunk(write)).collect();
        for (write, (head, bytes)) in writes() {
            self.write(write, head.clone(), bytes.clone(), transaction, now);
        }
        Ok(())
    }

    fn may_write(
        &self,
        write: &Write,
        expected: &mut BTreeMap<RecordKey, (u32, u64)>,
    ) -> Result<(), StoreFailure> {
        match write {
            Write::Record(write) => {
                let row = self
                    .records
                    .get(&write.key)
                    .map(|row| (row.attempt, row.stored));
                let row = expected.get(&write.key).copied().or(row);
                let before = write.stored - write.chunk.map_or(0, |chunk| chunk.length);
                expected.insert(write.key, (write.attempt, write.stored));
                match write.first || row == Some((write.attempt, before)) {
                    true => Ok(()),
                    false => Err(StoreFailure::Gap),
                }
            }
            _ => Ok(()),
        }
    }

    fn frees(&self, write: &Write) -> u64 {
        match write {
            Write::Record(write) if write.first => {
                self.records.get(&write.key).map_or(0, |row| row.body.len())
            }
            _ => 0,
        }
    }

    fn write(
        &mut self,
        write: &Write,
        head: Option<ResponseHead>,
        bytes: Bytes,
        transaction: &Transaction,
        now: u64,
    ) {
        match write {
            Write::Create(no) => {
                let new = transaction
                    .created
                    .clone()
                    .expect("the driver holds the rows");
                self.next = self.next.max(no.0 + 1);
                let row = FetchRow {
                    id: new.id,
                    requests: new.requests,
                    download_total: new.download_total,
                    paused: false,
                    end: None,
                    touched: now,
                };
                self.fetches.insert(*no, row);
            }
            Write::Record(write) => self.write_record(write, head, bytes, now),
            Write::Paused(no, paused) => self.fetch(*no, |row| {
                row.paused = *paused;
                row.touched = now;
            }),
            Write::End { fetch, end, purge } => {
                if *purge {
                    self.records.retain(|key, _| key.fetch != *fetch);
                }
                let downloaded = transaction.downloaded;
                self.fetch(*fetch, |row| {
                    row.end = Some(EndSnapshot {
                        reason: end.reason,
                        due: Some(1),
                        downloaded,
                    });
                });
            }
            Write::Due(no, due) => self.fetch(*no, |row| {
                if let Some(end) = &mut row.end {
                    end.due = Some(*due);
                }
            }),
            Write::Delivered(no) => self.fetch(*no, |row| {
                if let Some(end) = &mut row.end {
                    end.due = None;
                }
            }),
        }
    }

    fn write_record(
        &mut self,
        write: &RecordWrite,
        head: Option<ResponseHead>,
        bytes: Bytes,
        now: u64,
    ) {
        let row = self.records.entry(write.key).or_insert(RecordRow {
            attempt: 0,
            head: None,
            stored: 0,
            result: None,
            body: Bytes::default(),
        });
        if write.first {
            row.body = Bytes::default();
            row.head = None;
        }
        row.attempt = write.attempt;
        row.head = head.or(row.head.take());
        row.stored = write.stored;
        row.result = write.result;
        row.body.append(bytes);
        self.fetch(write.key.fetch, |row| row.touched = now);
    }

    fn fetch(&mut self, no: FetchNo, change: impl FnOnce(&mut FetchRow)) {
        if let Some(row) = self.fetches.get_mut(&no) {
            change(row);
        }
    }

    /// The bytes that the last transaction has appended cannot be read: WebKit, killed right after it.
    /// The store takes them off the rows before anybody else sees them.
    pub fn lose_last(&mut self) {
        for (key, offset) in std::mem::take(&mut self.last) {
            let Some(row) = self.records.get_mut(&key).filter(|row| row.stored > offset) else {
                continue;
            };
            row.stored = offset;
            row.result = None;
            row.body = row.body.slice(0, offset);
        }
    }

    /// Deletes all rows of a background fetch.
    pub fn sweep(&mut self, no: FetchNo) {
        self.fetches.remove(&no);
        self.records.retain(|key, _| key.fetch != no);
    }

    /// What a new life of the worker reads.
    pub fn snapshots(&self, now: u64) -> Vec<FetchSnapshot> {
        let snapshot = |(&no, row): (&FetchNo, &FetchRow)| FetchSnapshot {
            no,
            id: row.id.clone(),
            download_total: row.download_total,
            paused: row.paused,
            idle: now - row.touched,
            end: row.end,
            records: (0..)
                .zip(&row.requests)
                .map(|(place, request)| {
                    let key = RecordKey {
                        fetch: no,
                        index: RecordIndex(place),
                    };
                    let response = self.records.get(&key).map(|row| ResponseSnapshot {
                        attempt: row.attempt,
                        head: row.head.clone(),
                        stored: row.stored,
                        result: row.result,
                    });
                    RecordSnapshot {
                        request: request.clone(),
                        response,
                    }
                })
                .collect(),
        };
        self.fetches.iter().map(snapshot).collect()
    }
}
