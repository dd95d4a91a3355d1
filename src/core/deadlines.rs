//! What must happen at a certain time: bytes that have waited long enough, connections that have
//! stalled, background fetches that have grown too old.

use super::Core;
use super::background_fetch::{BackgroundFetch, FailureReason};
use super::flush::flush_deadline;
use super::ids::{RecordKey, TransferNo};
use super::input::ProbeAnswer;
use super::output::{FetchEnd, Output};
use super::record::{Record, RecordState};
use super::segment::{Phase, Segment};
use super::time::{Timestamp, earliest};

/// A connection without a byte for this long is given up, in milliseconds.
const STALL: u64 = 30_000;
/// So often the patience with a server that has not answered doubles: some think long.
const DOUBLINGS: u32 = 3;
/// With `integrity` the browser checks the whole body before it gives the head. Doubles as well.
const WHOLE_BODY: u64 = 60 * 60 * 1_000;
/// Bytes in a millisecond at which a request's body must at least be sent.
const SLOWEST_UPLOAD: u64 = 4;
/// A background fetch without progress for this long is given up, in milliseconds: two weeks, as the
/// Background Intelligent Transfer Service of Windows waits...
const AGE: u64 = 14 * 24 * 60 * 60 * 1_000;
/// ...but whoever comes back later has a try all the same; and clocks are set forward.
const LEAST: u64 = 60 * 60 * 1_000;

impl Core {
    /// Does what is overdue.
    pub(super) fn deadlines_passed(&mut self) {
        let now = self.now;
        let past = |at: &Timestamp| now >= *at;
        let (mut flushes, mut stalls, mut probes) = (Vec::new(), Vec::new(), Vec::new());
        for (key, record) in self.open_records() {
            if flush_deadline(record).is_some_and(|at| now >= at) {
                flushes.push(key);
            }
            if probe_deadline(record).as_ref().is_some_and(past) {
                probes.push(key);
            }
            let stalled = |segment: &&Segment| stall(record, segment).as_ref().is_some_and(past);
            stalls.extend(
                record
                    .segments
                    .iter()
                    .filter(stalled)
                    .filter_map(|s| s.transfer),
            );
        }
        for key in flushes {
            self.flush(key);
        }
        self.give_up(stalls, probes);
        let old = |fetch: &&BackgroundFetch| fetch.expires().as_ref().is_some_and(past);
        let old: Vec<_> = self
            .fetches
            .values()
            .filter(old)
            .map(|fetch| fetch.no)
            .collect();
        for no in old {
            self.abort_all(no, None);
            let known = self.fetches.get(&no).and_then(|fetch| fetch.failure);
            let reason = known.unwrap_or(FailureReason::FetchError);
            self.conclude(
                no,
                FetchEnd {
                    reason: Some(reason),
                },
            );
        }
    }

    /// Gives up connections of which nothing is heard.
    pub(super) fn give_up(&mut self, transfers: Vec<TransferNo>, probes: Vec<RecordKey>) {
        for transfer in transfers {
            if self.transfers.contains_key(&transfer) {
                self.outputs.push_back(Output::Stop(transfer));
                self.process_failure(transfer);
            }
        }
        for key in probes {
            self.process_probe(key, ProbeAnswer::None);
        }
    }

    /// Requests and probes of which nothing has been heard for so long, in milliseconds, and which may
    /// be sent again.
    pub(super) fn quiet(&self, millis: u64) -> (Vec<TransferNo>, Vec<RecordKey>) {
        let past = |since: Timestamp| self.now.since(since) >= millis;
        let (mut transfers, mut probes) = (Vec::new(), Vec::new());
        for (key, record) in self.open_records() {
            if matches!(record.state, RecordState::Probing { since, .. } if past(since)) {
                probes.push(key);
            }
            let quiet = |segment: &&Segment| segment.expects() && past(segment.active);
            // With `integrity` no head comes before the whole body has.
            if record.request.repeatable() && !record.request.integrity {
                let quiet = record.segments.iter().filter(quiet);
                transfers.extend(quiet.filter_map(|segment| segment.transfer));
            }
        }
        (transfers, probes)
    }

    /// When the next deadline is.
    pub(super) fn next_deadline(&self) -> Option<Timestamp> {
        let records = self.open_records().map(|(_, record)| {
            let stalls = record.segments.iter().map(|segment| stall(record, segment));
            let stalls = stalls.fold(None, earliest);
            earliest(
                earliest(flush_deadline(record), stalls),
                probe_deadline(record),
            )
        });
        let old = self.fetches.values().map(BackgroundFetch::expires);
        records.chain(old).fold(None, earliest)
    }
}

/// When a request or a body counts as stalled.
fn stall(record: &Record, segment: &Segment) -> Option<Timestamp> {
    segment.expects().then_some(())?;
    let patience = match segment.phase {
        Phase::Requested if record.request.integrity && segment.plain() => {
            WHOLE_BODY << record.patience.fruitless.min(DOUBLINGS)
        }
        Phase::Requested => {
            let doublings = match record.request.repeatable() {
                true => record.patience.fruitless.min(DOUBLINGS),
                // There is no second try with more patience.
                false => DOUBLINGS,
            };
            (STALL << doublings).saturating_add(record.request.body_length / SLOWEST_UPLOAD)
        }
        _ => STALL,
    };
    Some(segment.active + patience)
}

fn probe_deadline(record: &Record) -> Option<Timestamp> {
    match record.state {
        RecordState::Probing { since, .. } => Some(since + STALL),
        _ => None,
    }
}

impl BackgroundFetch {
    /// When it is given up for lack of progress; never while it is paused.
    fn expires(&self) -> Option<Timestamp> {
        let left = AGE.saturating_sub(self.idle).max(LEAST);
        self.running().then(|| self.progressed + left)
    }

    /// Has a try before it is given up, however long the machine has slept.
    pub fn wake_up(&mut self, now: Timestamp) {
        self.idle = self.idle.saturating_add(now.since(self.progressed));
        self.progressed = now;
    }
}
