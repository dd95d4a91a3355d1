//! [Perform a background fetch](https://wicg.github.io/background-fetch/#perform-a-background-fetch-algorithm):
//! from the first request to the functional event.

use super::Core;
use super::background_fetch::{FailureReason, Phase};
use super::complete_record::ends_all;
use super::ids::{FetchNo, RecordIndex, RecordKey};
use super::input::StoreFailure;
use super::output::{FetchEnd, Output, Warning, Write};
use super::record::{RecordResult, RecordState};

/// How often a functional event is dispatched without word of its end before it counts as handled: a
/// handler that kills its worker each time must not do so for ever.
const DELIVERIES: u32 = 3;
/// How often the end is written before it is told without being stored.
const END_TRIES: u8 = 3;

impl Core {
    /// All records of a background fetch that are not settled wait for their turn, in order.
    pub(super) fn queue_all(&mut self, no: FetchNo) {
        let now = self.now;
        let Some(fetch) = self.fetches.get_mut(&no) else {
            return;
        };
        fetch.progressed = now;
        for (place, record) in fetch.records.iter().enumerate() {
            if !record.settled() {
                fetch
                    .waiting
                    .push_back(record.origin, RecordIndex::at(place));
            }
        }
    }

    /// A record has its result, and the result is stored as far as storage allows.
    pub(super) fn record_settled(&mut self, key: RecordKey, result: RecordResult) {
        let now = self.now;
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else {
            return;
        };
        if let Some(record) = fetch.record(key.index) {
            record.state = RecordState::Settled(result);
        }
        fetch.progressed(now);
        fetch.settle(result);
        self.conclude_if_settled(key.fetch);
    }

    /// Ends a background fetch when all its records have ended.
    pub(super) fn conclude_if_settled(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get(&no) else {
            return;
        };
        if fetch.phase == Phase::Active && fetch.settled == fetch.records.len() {
            let end = FetchEnd {
                reason: fetch.failure,
            };
            self.conclude(no, end);
        }
    }

    /// The one point that decides how a background fetch ends; `abort()` and completion race to here.
    pub(super) fn conclude(&mut self, no: FetchNo, end: FetchEnd) {
        let Some(fetch) = self.fetches.get_mut(&no) else {
            return;
        };
        fetch.phase = Phase::Ending(end);
        self.active.remove(&fetch.id, no);
        self.writes.push(Write::End {
            fetch: no,
            end,
            purge: false,
        });
    }

    /// Ends one that is active, as `abort()` does.
    pub(super) fn end_early(&mut self, no: FetchNo) {
        let reason = Some(FailureReason::Aborted);
        self.abort_all(no, None);
        self.conclude(no, FetchEnd { reason });
    }

    /// Sets the [abort all flag](https://wicg.github.io/background-fetch/#background-fetch-abort-all-flag):
    /// no request of this background fetch goes on, except what is left to store of one record.
    pub(super) fn abort_all(&mut self, no: FetchNo, except: Option<RecordIndex>) {
        let Some(fetch) = self.fetches.get_mut(&no) else {
            return;
        };
        fetch.waiting.clear();
        let unsettled: Vec<_> = (0..fetch.records.len())
            .filter(|&place| !fetch.records[place].settled())
            .map(RecordIndex::at)
            .filter(|&index| Some(index) != except)
            .collect();
        for index in unsettled {
            let key = RecordKey { fetch: no, index };
            self.discard(key, None);
            self.take_off(key);
            let aborted = RecordResult::Failure(FailureReason::Aborted);
            self.change(key, |record| {
                if matches!(record.state, RecordState::Finishing(failed) if !failed.exposed()) {
                    // The write on its way deletes them; the end must not count what it will not find.
                    (record.data.queued, record.data.stored) = (0, 0);
                }
                record.state = RecordState::Settled(aborted);
            });
            if let Some(fetch) = self.fetches.get_mut(&no) {
                fetch.settled += 1;
            }
        }
    }

    /// The end is stored, or cannot be: either way the pages and the worker must learn of it.
    pub(super) fn end_stored(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get_mut(&no) else {
            return;
        };
        if let Phase::Ending(end) = fetch.phase {
            self.tell(no, end);
        }
    }

    /// Storing the end failed. Without its bodies there should be room for it, and anything else may
    /// pass; if it does not, the end is told all the same and a restart finds the background fetch as it
    /// was.
    pub(super) fn end_not_stored(&mut self, no: FetchNo, purged: bool, why: StoreFailure) {
        let Some(fetch) = self.fetches.get_mut(&no) else {
            return;
        };
        let Phase::Ending(mut end) = fetch.phase else {
            return;
        };
        fetch.end_tries += 1;
        let full = why == StoreFailure::Quota;
        if full && !purged {
            end.reason = end.reason.or(Some(FailureReason::QuotaExceeded));
            fetch.phase = Phase::Ending(end);
            for record in &mut fetch.records {
                (record.data.queued, record.data.stored) = (0, 0);
            }
            (fetch.taken, fetch.stored) = (0, 0);
        } else if fetch.end_tries >= END_TRIES {
            return self.end_stored(no);
        }
        self.writes.push(Write::End {
            fetch: no,
            end,
            purge: purged || full,
        });
    }

    /// Takes up an end that the worker did not live to deliver.
    pub(super) fn redeliver(&mut self, no: FetchNo, end: FetchEnd, due: u32) {
        let Some(fetch) = self.fetches.get_mut(&no) else {
            return;
        };
        fetch.due = due.max(1);
        if due <= DELIVERIES {
            return self.tell(no, end);
        }
        self.outputs
            .push_back(Output::Warn(Warning::Undelivered(no)));
        self.withdraw(no, end);
    }

    fn tell(&mut self, no: FetchNo, end: FetchEnd) {
        if let Some(fetch) = self.fetches.get_mut(&no) {
            fetch.phase = Phase::Telling(end);
            fetch.changed = false;
            self.outputs.push_back(Output::Tell(no));
        }
    }

    /// Pages know; now the worker may. That this dispatch has begun is written at the same time: before
    /// it, a kill between both would count a dispatch that no handler saw, and lose the event in the end.
    pub(super) fn told(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get_mut(&no) else {
            return;
        };
        if let Phase::Telling(end) = fetch.phase {
            fetch.phase = Phase::Delivering(end);
            fetch.due += 1;
            let due = fetch.due;
            self.writes.push(Write::Due(no, due));
            self.commit();
            self.outputs.push_back(Output::Dispatch(no, end.event()));
        }
    }

    /// The event is no longer active: unset the records available flag.
    pub(super) fn delivered(&mut self, no: FetchNo) {
        let phase = self.fetches.get(&no).map(|fetch| fetch.phase);
        if let Some(Phase::Delivering(end)) = phase {
            self.withdraw(no, end);
        }
    }

    fn withdraw(&mut self, no: FetchNo, end: FetchEnd) {
        if let Some(fetch) = self.fetches.get_mut(&no) {
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
}

impl super::BackgroundFetch {
    /// Counts the result of one of its records.
    pub(super) fn settle(&mut self, result: RecordResult) {
        self.settled += 1;
        if let RecordResult::Failure(reason) = result {
            // Deviation: the specification's step only ever keeps the empty string (`SPEC.md`, S2).
            match ends_all(reason) {
                true => self.failure = Some(reason),
                false => _ = self.failure.get_or_insert(reason),
            }
        }
    }
}
