//! What a transaction's end means: announce only what is stored, fail what cannot be.

use super::Core;
use super::background_fetch::{FailureReason, Phase};
use super::ids::{CommitNo, FetchNo, RecordKey};
use super::input::StoreFailure;
use super::output::{Output, RecordWrite, Write};
use super::record::RecordState;

/// A record fails when more writes than that are lost in a row. After each of them it waits, in milliseconds;
/// twice as long each time.
const LOSSES: u32 = 5;
const PAUSE: u64 = 500;

impl Core {
    pub(super) fn committed(&mut self, commit: CommitNo) {
        for write in self.writes.ended(commit) {
            match write {
                Write::Create(no) => self.created(no),
                Write::Record(write) => self.record_stored(write),
                Write::End { fetch, .. } => self.end_stored(fetch),
                Write::Delivered(no) => self.withdrawn(no),
                Write::Due(..) | Write::Paused(..) => {}
            }
        }
    }

    pub(super) fn commit_failed(&mut self, commit: CommitNo, why: StoreFailure) {
        for write in self.writes.ended(commit) {
            match write {
                Write::Create(no) => self.refuse(no, why),
                Write::Record(write) => self.record_not_stored(commit, write, why),
                Write::End { fetch, purge, .. } => self.end_not_stored(fetch, purge, why),
                Write::Delivered(no) => self.withdrawn(no),
                // The event is on its way already: one too many after a restart beats one too few.
                Write::Due(..) | Write::Paused(..) => {}
            }
        }
    }

    fn created(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get_mut(&no) else {
            return;
        };
        fetch.phase = Phase::Active;
        for record in &fetch.records {
            self.origins[record.origin].demanded(self.now);
        }
        self.outputs.push_back(Output::Started(no));
        self.queue_all(no);
    }

    fn refuse(&mut self, no: FetchNo, why: StoreFailure) {
        if let Some(fetch) = self.fetches.remove(&no) {
            self.active.remove(&fetch.id, no);
            self.outputs.push_back(Output::Refused(no, why));
        }
    }

    fn record_stored(&mut self, write: RecordWrite) {
        let key = write.key;
        let Some(record) = self.record(key) else {
            return;
        };
        if record.data.attempt != write.attempt {
            return;
        }
        let settled = record.settled();
        record.patience.lost_writes = 0;
        self.change(key, |record| {
            if write.result.is_some_and(|result| !result.exposed()) {
                record.data.queued = write.stored;
                record.data.stored = write.stored;
            } else if !settled {
                record.data.stored = write.stored;
            }
        });
        if settled {
            return;
        }
        self.update_instances(key.fetch);
        match write.result {
            Some(result) => self.record_settled(key, result),
            None => self.marked(key),
        }
    }

    fn record_not_stored(&mut self, commit: CommitNo, write: RecordWrite, why: StoreFailure) {
        let Some(record) = self.record(write.key) else {
            return;
        };
        if record.settled() || record.data.attempt != write.attempt {
            return;
        }
        match (&record.state, why) {
            // Not even the failure could be stored; it counts all the same.
            (RecordState::Finishing(result), _) if !result.exposed() => {
                let result = *result;
                self.record_settled(write.key, result);
            }
            (_, StoreFailure::Quota) => {
                self.fail_record(write.key, FailureReason::QuotaExceeded);
            }
            (_, StoreFailure::Gap | StoreFailure::Broken) => {
                self.write_lost(write.key, commit, why);
            }
        }
    }

    /// A transaction failed, perhaps for no fault of this record's. The bytes are gone, so that they
    /// must come once more: a little later, since a database may be away for a while; but not for ever.
    fn write_lost(&mut self, key: RecordKey, commit: CommitNo, why: StoreFailure) {
        let (now, last) = (self.now, self.writes.last());
        let Some(record) = self.record(key) else {
            return;
        };
        let patience = &mut record.patience;
        if commit <= patience.lost_until {
            // It was to continue the write that was lost.
            return;
        }
        patience.lost_until = last;
        patience.lost_writes += 1;
        let lost = patience.lost_writes;
        if lost > LOSSES || !record.request.repeatable() {
            return self.fail_record(key, FailureReason::FetchError);
        }
        let (origin, stored) = (record.origin, record.data.stored);
        self.origins[origin].failed(now, now, Some(PAUSE << lost), &mut self.jitter);
        // A gap may be that of another record in the same transaction, or of a write before this one that was
        // repeated later. Three in a row are its own.
        if stored == 0 || why == StoreFailure::Gap && lost > 2 {
            return self.restart(key);
        }
        self.discard(key, None);
        self.change(key, |record| record.data.queued = record.data.stored);
        self.wait_again(key);
    }
}
