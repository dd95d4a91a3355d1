//! What a transaction's end means: announce only what is stored, fail what cannot be.

use super::Core;
use super::background_fetch::{FailureReason, Phase};
use super::ids::{CommitNo, FetchNo};
use super::input::StoreFailure;
use super::output::{Output, RecordWrite, Write};
use super::record::{RecordResult, RecordState};

impl Core {
    pub(super) fn committed(&mut self, commit: CommitNo) {
        for write in self.writes.ended(commit) {
            match write {
                Write::Create(no) => self.created(no),
                Write::Record(write) => self.record_stored(write),
                Write::End { fetch, .. } | Write::Due(fetch, _) => self.end_stored(fetch),
                Write::Delivered(no) => self.withdrawn(no),
                Write::Paused(..) => {}
            }
        }
        self.read_on();
    }

    pub(super) fn commit_failed(&mut self, commit: CommitNo, why: StoreFailure) {
        for write in self.writes.ended(commit) {
            match write {
                Write::Create(no) => self.refuse(no, why),
                Write::Record(write) => self.record_not_stored(write, why),
                Write::End { fetch, purge, .. } => self.end_not_stored(fetch, purge, why),
                // Delivered all the same: an event too many after a restart beats one too few.
                Write::Due(no, _) => self.end_stored(no),
                Write::Delivered(no) => self.withdrawn(no),
                Write::Paused(..) => {}
            }
        }
        self.read_on();
    }

    fn created(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get_mut(&no) else { return };
        fetch.phase = Phase::Active;
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
        let Some(fetch) = self.fetches.get_mut(&write.key.fetch) else { return };
        let Some(record) = fetch.records.get_mut(write.key.index.0 as usize) else { return };
        if record.settled() || record.data.attempt != write.attempt {
            return;
        }
        if write.stored > record.data.stored {
            fetch.stored += write.stored - record.data.stored;
            record.data.stored = write.stored;
        }
        self.update_instances(write.key.fetch);
        if let Some(result) = write.result {
            self.record_settled(write.key, result);
        }
    }

    fn record_not_stored(&mut self, write: RecordWrite, why: StoreFailure) {
        let Some(record) = self.record(write.key) else { return };
        if record.settled() || record.data.attempt != write.attempt {
            return;
        }
        let reason = match why {
            StoreFailure::Quota => FailureReason::QuotaExceeded,
            StoreFailure::Broken => FailureReason::FetchError,
        };
        match record.state {
            // Not even the failure could be stored; it counts all the same.
            RecordState::Finishing(RecordResult::Failure(reason)) if write.chunk.is_none() => {
                self.record_settled(write.key, RecordResult::Failure(reason));
            }
            _ => self.fail_record(write.key, reason),
        }
    }
}
