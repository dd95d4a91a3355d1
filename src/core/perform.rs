//! [Perform a background fetch](https://wicg.github.io/background-fetch/#perform-a-background-fetch-algorithm):
//! from the first request to the functional event.

use super::Core;
use super::background_fetch::{FailureReason, Phase};
use super::ids::{FetchNo, RecordKey};
use super::input::StoreFailure;
use super::output::{FetchEnd, Output, Write};
use super::record::{RecordResult, RecordState};

/// How often a functional event is dispatched without word of its end before it counts as handled: a
/// handler that kills its worker each time must not do so for ever.
const DELIVERIES: u32 = 3;

impl Core {
    /// A record has its result, and the result is stored as far as storage allows.
    pub(super) fn record_settled(&mut self, key: RecordKey, result: RecordResult) {
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else { return };
        let Some(record) = fetch.record(key.index).filter(|record| !record.settled()) else {
            return;
        };
        record.state = RecordState::Settled(result);
        record.windows = None;
        fetch.settled += 1;
        if let RecordResult::Failure(reason) = result {
            // Deviation: the specification's step only ever keeps the empty string (`SPEC.md`, S2).
            fetch.failure.get_or_insert(reason);
            // Deviation: a full storage ends the others too; their next byte would meet it as well.
            if matches!(
                reason,
                FailureReason::DownloadTotalExceeded | FailureReason::QuotaExceeded
            ) {
                fetch.failure = Some(reason);
                self.abort_all(key.fetch);
            }
        }
        self.conclude_if_settled(key.fetch);
    }

    pub(super) fn conclude_if_settled(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get(&no) else { return };
        if fetch.phase == Phase::Active && fetch.settled == fetch.records.len() {
            let end = FetchEnd { reason: fetch.failure };
            self.conclude(no, end);
        }
    }

    /// The one point that decides how a background fetch ends; `abort()` and completion race to here.
    pub(super) fn conclude(&mut self, no: FetchNo, end: FetchEnd) {
        let Some(fetch) = self.fetches.get_mut(&no) else { return };
        fetch.phase = Phase::Ending(end);
        self.active.remove(&fetch.id, no);
        self.writes.push(Write::End { fetch: no, end, purge: false });
    }

    /// Sets the [abort all flag](https://wicg.github.io/background-fetch/#background-fetch-abort-all-flag):
    /// no request of this background fetch goes on.
    pub(super) fn abort_all(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get(&no) else { return };
        let unsettled: Vec<_> = (0..fetch.records.len())
            .map(super::input::index)
            .filter(|index| !fetch.records[index.0 as usize].settled())
            .collect();
        for index in unsettled {
            let key = RecordKey { fetch: no, index };
            self.drop_segments(key);
            self.writes.forget(key);
            let Some(fetch) = self.fetches.get_mut(&no) else { return };
            let Some(record) = fetch.record(index) else { continue };
            record.state = RecordState::Settled(RecordResult::Failure(FailureReason::Aborted));
            fetch.settled += 1;
        }
        if let Some(fetch) = self.fetches.get_mut(&no) {
            fetch.waiting.clear();
            fetch.open.clear();
        }
    }

    /// The end is stored, or cannot be: either way the pages and the worker must learn of it.
    pub(super) fn end_stored(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get_mut(&no) else { return };
        if let Phase::Ending(end) = fetch.phase {
            fetch.phase = Phase::Telling(end);
            fetch.changed = false;
            self.outputs.push_back(Output::Tell(no));
        }
    }

    /// Storing the end failed. Without its bodies there is room for it; if not even then, the end is
    /// told all the same and a restart finds the background fetch as it was.
    pub(super) fn end_not_stored(&mut self, no: FetchNo, purged: bool, why: StoreFailure) {
        let Some(fetch) = self.fetches.get(&no) else { return };
        match (fetch.phase, why) {
            (Phase::Ending(end), StoreFailure::Quota) if !purged => {
                let reason = end.reason.or(Some(FailureReason::QuotaExceeded));
                let end = FetchEnd { reason };
                if let Some(fetch) = self.fetches.get_mut(&no) {
                    fetch.phase = Phase::Ending(end);
                }
                self.writes.push(Write::End { fetch: no, end, purge: true });
            }
            _ => self.end_stored(no),
        }
    }

    /// Pages know; now the worker may.
    pub(super) fn told(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get_mut(&no) else { return };
        if let Phase::Telling(end) = fetch.phase {
            fetch.phase = Phase::Delivering(end);
            self.outputs.push_back(Output::Dispatch(no, end.event()));
        }
    }

    /// The event is no longer active: unset the records available flag.
    pub(super) fn delivered(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get_mut(&no) else { return };
        if let Phase::Delivering(end) | Phase::Telling(end) = fetch.phase {
            fetch.phase = Phase::Withdrawing(end);
            self.writes.push(Write::Delivered(no));
        }
    }

    pub(super) fn withdrawn(&mut self, no: FetchNo) {
        if self.fetches.contains_key(&no) {
            self.outputs.push_back(Output::Announce(no));
            self.outputs.push_back(Output::Sweep(no));
            self.gone.push(no);
        }
    }

    /// Takes up an end that the worker did not live to deliver.
    pub(super) fn redeliver(&mut self, no: FetchNo, end: FetchEnd, deliveries: u32) {
        let Some(fetch) = self.fetches.get_mut(&no) else { return };
        if deliveries >= DELIVERIES {
            fetch.phase = Phase::Delivering(end);
            self.delivered(no);
        } else {
            fetch.phase = Phase::Ending(end);
            self.writes.push(Write::Due(no, deliveries + 1));
        }
    }
}
