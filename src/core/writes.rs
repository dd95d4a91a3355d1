//! What waits to be stored. Writes gather while two transactions are under way and then go out
//! together: many small records share a transaction, a large one gets its own, and the network never
//! waits for the disk with an empty hand.

use std::collections::{BTreeMap, VecDeque};

use super::ids::{CommitNo, RecordKey};
use super::output::{Commit, Write};

/// Two keep the disk busy while the next is prepared; more only hold memory.
const COMMITS_IN_FLIGHT: usize = 2;
/// Beyond about 32 puts a transaction gains nothing (measured in three engines).
const WRITES_PER_COMMIT: usize = 32;
/// Bytes per transaction, so that a failure costs little.
const BYTES_PER_COMMIT: u64 = 16 << 20;

#[derive(Clone, Debug, Default)]
pub(super) struct WriteQueue {
    waiting: VecDeque<Write>,
    in_flight: BTreeMap<CommitNo, Vec<Write>>,
    last: u64,
}

impl WriteQueue {
    pub fn push(&mut self, write: Write) {
        self.waiting.push_back(write);
    }

    /// Bytes of bodies that are not stored yet.
    pub fn held(&self) -> u64 {
        let in_flight = self.in_flight.values().flatten();
        self.waiting.iter().chain(in_flight).map(chunk_length).sum()
    }

    /// Forgets what waits to be written for a record whose attempt was given up.
    pub fn forget(&mut self, key: RecordKey) {
        self.waiting.retain(|write| !matches!(write, Write::Record(record) if record.key == key));
    }

    /// The next transaction, if one may start.
    pub fn next_commit(&mut self) -> Option<Commit> {
        if self.in_flight.len() >= COMMITS_IN_FLIGHT || self.waiting.is_empty() {
            return None;
        }
        let (mut writes, mut bytes) = (Vec::new(), 0);
        while let Some(write) = self.waiting.front() {
            let length = chunk_length(write);
            let full = writes.len() >= WRITES_PER_COMMIT || bytes + length > BYTES_PER_COMMIT;
            if full && !writes.is_empty() {
                break;
            }
            bytes += length;
            writes.extend(self.waiting.pop_front());
        }
        self.last += 1;
        let no = CommitNo(self.last);
        self.in_flight.insert(no, writes.clone());
        Some(Commit { no, strict: writes.iter().any(strict), writes })
    }

    /// The writes of a transaction that has ended.
    pub fn ended(&mut self, no: CommitNo) -> Vec<Write> {
        self.in_flight.remove(&no).unwrap_or_default()
    }

}

fn chunk_length(write: &Write) -> u64 {
    match write {
        Write::Record(record) => record.chunk.map_or(0, |chunk| chunk.length),
        _ => 0,
    }
}

/// A promise or an event hangs on these; a chunk that a power cut takes is fetched again.
fn strict(write: &Write) -> bool {
    match write {
        Write::Create(_) | Write::End { .. } | Write::Due(..) => true,
        Write::Record(_) | Write::Paused(..) | Write::Delivered(_) => false,
    }
}
