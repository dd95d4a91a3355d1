//! What waits to be stored. Writes gather while two transactions are under way and then go out
//! together: many small records share a transaction, a large one gets its own, and the network never
//! waits for the disk with an empty hand.

use crate::map::Map;
use crate::queue::Queue;

use super::ids::{CommitNo, RecordKey, TransferNo};
use super::output::{Commit, RecordWrite, Write};
use super::time::Timestamp;

/// Two keep the disk busy while the next is prepared; more only hold memory.
const COMMITS_IN_FLIGHT: usize = 2;
/// The results of small records wait for company, since a transaction costs more than they do: until
/// there are so many, or so many bytes, or this many milliseconds have passed, or nothing else is to
/// come.
const COMPANY: (usize, u64) = (32, 1 << 20);
const PATIENCE: u64 = 50;
/// Beyond about 32 puts a transaction gains nothing (measured in three engines).
const WRITES_PER_COMMIT: usize = 32;
/// Bytes per transaction, so that a failure costs little.
const BYTES_PER_COMMIT: u64 = 16 << 20;

#[derive(Clone, Debug, Default)]
pub(super) struct WriteQueue {
    waiting: Queue<Waiting>,
    in_flight: Map<CommitNo, Vec<Write>>,
    held: u64,
    last: u64,
    /// Since when the first of those that wait has.
    since: Option<Timestamp>,
}

#[derive(Clone, Debug)]
struct Waiting {
    write: Write,
    /// Whether this is the last that anybody wants of the transfer it takes from.
    spends: bool,
}

impl WriteQueue {
    pub fn push(&mut self, write: Write) {
        self.held += chunk_length(&write);
        self.waiting.push_back(Waiting {
            write,
            spends: false,
        });
    }

    /// Whether everything is stored.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.in_flight.is_empty()
    }

    /// Bytes of bodies that are not stored yet.
    pub fn held(&self) -> u64 {
        self.held
    }

    /// The last transaction that was begun.
    pub fn last(&self) -> CommitNo {
        CommitNo(self.last)
    }

    /// Nothing more is wanted of a transfer. `true` when no write waits for its bytes, so that the
    /// driver may forget it; else [`Self::next_commit`] names it with the last of them.
    pub fn spend(&mut self, transfer: TransferNo) -> bool {
        let takes = |waiting: &&mut Waiting| source(&waiting.write) == Some(transfer);
        match self.waiting.iter_mut().rev().find(takes) {
            Some(waiting) => waiting.spends = true,
            None => return true,
        }
        false
    }

    /// Forgets what waits to be written for a record whose attempt was given up. Returns the transfers
    /// of which nothing more is wanted.
    pub fn forget(&mut self, key: RecordKey) -> Vec<TransferNo> {
        let mut spent = Vec::new();
        self.waiting.retain(|waiting| {
            let Write::Record(record) = &waiting.write else {
                return true;
            };
            if record.key != key {
                return true;
            }
            self.held -= chunk_length(&waiting.write);
            spent.extend(source(&waiting.write).filter(|_| waiting.spends));
            false
        });
        spent
    }

    /// The next transaction, if one may start, and the transfers of which nothing is wanted after it.
    /// `more`: whether anything is to come for which it might wait.
    pub fn next_commit(&mut self, now: Timestamp, more: bool) -> Option<(Commit, Vec<TransferNo>)> {
        if self.waiting.is_empty() {
            self.since = None;
            return None;
        }
        self.since.get_or_insert(now);
        let starts = match self.in_flight.len() {
            0 => !more || self.due().is_some_and(|due| now >= due) || self.pressing(),
            under_way => under_way < COMMITS_IN_FLIGHT && self.pressing(),
        };
        if !starts {
            return None;
        }
        self.since = None;
        let (mut writes, mut spent, mut bytes) = (Vec::new(), Vec::new(), 0);
        while let Some(Waiting { write, .. }) = self.waiting.front() {
            let length = chunk_length(write);
            let full = writes.len() >= WRITES_PER_COMMIT || bytes + length > BYTES_PER_COMMIT;
            if !writes.is_empty() && (full || alone(write) || deletes(write, &writes)) {
                break;
            }
            bytes += length;
            let Some(Waiting { write, spends }) = self.waiting.pop_front() else {
                break;
            };
            spent.extend(source(&write).filter(|_| spends));
            let ends = alone(&write);
            writes.push(write);
            if ends {
                break;
            }
        }
        self.last += 1;
        let no = CommitNo(self.last);
        self.in_flight.insert(no, writes.clone());
        let strict = writes.iter().any(strict);
        Some((Commit { no, strict, writes }, spent))
    }

    /// When what waits for company has waited long enough; nothing where a transaction that is under way
    /// will end before.
    pub fn due(&self) -> Option<Timestamp> {
        let alone = self.in_flight.is_empty();
        self.since.filter(|_| alone).map(|since| since + PATIENCE)
    }

    /// Whether a transaction is worth its cost now.
    fn pressing(&self) -> bool {
        let writes = || self.waiting.iter().map(|waiting| &waiting.write);
        let result = |write: &Write| {
            matches!(
                write,
                Write::Record(RecordWrite {
                    result: Some(_),
                    ..
                })
            )
        };
        writes().count() >= COMPANY.0
            || writes().map(chunk_length).sum::<u64>() >= COMPANY.1
            || !writes().all(result)
    }

    /// The writes of a transaction that has ended.
    pub fn ended(&mut self, no: CommitNo) -> Vec<Write> {
        let writes = self.in_flight.remove(&no).unwrap_or_default();
        self.held -= writes.iter().map(chunk_length).sum::<u64>();
        writes
    }
}

fn chunk_length(write: &Write) -> u64 {
    match write {
        Write::Record(record) => record.chunk.map_or(0, |chunk| chunk.length),
        _ => 0,
    }
}

/// The transfer whose head or bytes a write takes.
fn source(write: &Write) -> Option<TransferNo> {
    match write {
        Write::Record(record) => record.chunk.map(|chunk| chunk.transfer).or(record.head),
        _ => None,
    }
}

/// Whether a write must not share its fate with others: a chunk that does not fit would refuse a new
/// background fetch, or turn the success of another one into a failure.
fn alone(write: &Write) -> bool {
    match write {
        Write::Create(_) | Write::End { .. } | Write::Due(..) | Write::Delivered(_) => true,
        Write::Record(_) | Write::Paused(..) => false,
    }
}

/// Whether a write begins by deleting what one of those before it puts: WebKit corrupts Blobs that one
/// transaction puts and deletes.
fn deletes(write: &Write, before: &[Write]) -> bool {
    let Write::Record(write) = write else {
        return false;
    };
    let same = |other: &Write| matches!(other, Write::Record(other) if other.key == write.key);
    write.first && before.iter().any(same)
}

/// A promise or an event hangs on these; a chunk that a power cut takes is fetched again.
fn strict(write: &Write) -> bool {
    match write {
        Write::Create(_) | Write::End { .. } | Write::Due(..) => true,
        // The mark before a request that must not be sent twice.
        Write::Record(record) => record.head.is_none() && record.first && record.result.is_none(),
        Write::Paused(..) | Write::Delivered(_) => false,
    }
}
