//! What a record asks for when it is its turn: a question aside, the whole, the rest or the next windows.

use super::Core;
use super::background_fetch::FailureReason;
use super::http::trustworthy;
use super::ids::{RecordKey, TransferNo};
use super::output::{Output, Overlap, Range, RecordWrite, Take, Transfer, Write};
use super::patience::Probe;
use super::record::{Record, RecordState};
use super::schedule::REQUESTS;
use super::segment::{Phase, Segment};
use super::windows::Windows;

/// So many continuations ask for a part of what is stored, if it is still that: the first ones.
const CONDITIONAL_TRIES: u32 = 3;

impl Core {
    /// Takes a record from waiting to in flight: plain from the start, or on from what is stored.
    pub(super) fn open(&mut self, key: RecordKey) {
        self.take_off(key);
        let (now, limits, offline) = (self.now, self.windows, !self.online);
        let own_origin = self.own_origin.clone();
        let Some(record) = self.record(key) else {
            return;
        };
        if trustworthy(&own_origin) && !trustworthy(&record.request.origin) {
            // Browsers block it, most of them; no second try could change that.
            return self.fail_record(key, FailureReason::FetchError);
        }
        // What must not be sent twice is not risked on a network that is said to be gone.
        let risky = offline && !record.request.repeatable();
        if record.patience.probe == Probe::Due || risky {
            let slot = self.take_slot(key);
            self.put_on(key, RecordState::Probing { slot, since: now });
            return self.outputs.push_back(Output::Probe(key));
        }
        if !record.request.repeatable() {
            return self.open_once(key);
        }
        let from = record.data.queued;
        if record.data.length_sure && record.final_result().is_some() {
            // Killed, or dropped, between the last byte and the result.
            self.put_on(key, RecordState::InFlight);
            return self.flush(key);
        }
        match record.proof(from) {
            Some(_) if from > 0 && record.windowed(from).is_some() => {
                record.windows = record
                    .windowed(from)
                    .map(|total| Windows::first(from, total, limits));
            }
            Some(overlap) if from > 0 => record.segments.push_back(Segment::rest(from, overlap)),
            _ if from > 0 => return self.restart(key),
            _ => record
                .segments
                .push_back(Segment::planned(0, None, Take::Stream)),
        }
        self.put_on(key, RecordState::InFlight);
        self.send_planned(key);
    }

    /// A request that must not be sent twice is not sent before the store knows of it.
    fn open_once(&mut self, key: RecordKey) {
        if self
            .record(key)
            .is_none_or(|record| record.data.attempt > 0)
        {
            // It was sent, in this life or in one before, and nobody knows what its server did.
            return self.fail_record(key, FailureReason::FetchError);
        }
        let slot = self.take_slot(key);
        let Some(record) = self.record(key) else {
            return;
        };
        record.data.attempt = 1;
        record.state = RecordState::Marking { slot };
        self.writes.push(Write::Record(RecordWrite {
            key,
            attempt: 1,
            first: true,
            head: None,
            chunk: None,
            stored: 0,
            result: None,
        }));
    }

    /// The store knows that the request is sent: it may be, at its origin's next turn.
    pub(super) fn marked(&mut self, key: RecordKey) {
        let Some(record) = self.record(key) else {
            return;
        };
        if let RecordState::Marking { slot } = record.state {
            record
                .segments
                .push_back(Segment::planned(0, None, Take::Stream));
            self.release(slot);
            self.put_on(key, RecordState::InFlight);
        }
    }

    pub(super) fn send_planned(&mut self, key: RecordKey) {
        self.plan_windows(key);
        while self.transfers.len() < REQUESTS {
            let now = self.now;
            let Some(record) = self.record(key) else {
                return;
            };
            let Some(place) = record.planned() else {
                return;
            };
            let origin = record.origin;
            if !self.origins[origin].has_room(now) || self.hands_full(place) {
                return;
            }
            let slot = self.take_slot(key);
            self.request(key, place, slot);
        }
    }

    fn request(&mut self, key: RecordKey, place: usize, slot: TransferNo) {
        let now = self.now;
        let own_origin = self.own_origin.clone();
        let Some(record) = self.record(key) else {
            return;
        };
        let if_range = if_range(record, &own_origin);
        let attempt = record.data.attempt;
        let segment = &mut record.segments[place];
        segment.phase = Phase::Requested;
        segment.transfer = Some(slot);
        segment.requested = now;
        segment.active = now;
        let (start, length) = (segment.start - segment.overlap, segment.overlap);
        let range = (!segment.plain()).then_some(Range {
            start,
            end: segment.end,
        });
        let transfer = Transfer {
            no: slot,
            key,
            range,
            if_range: if_range.filter(|_| range.is_some() && length == 0),
            overlap: (length > 0).then_some(Overlap { attempt, length }),
            no_store: attempt > 0 && record.request.repeatable(),
            take: segment.take,
        };
        self.outputs.push_back(Output::Request(transfer));
    }
}

/// The validator that makes a server send the whole body instead of a part of another version. Across
/// origins it would cost a preflight that most servers do not answer; what failed may lead there by now.
fn if_range(record: &Record, own_origin: &str) -> Option<String> {
    let head = record.data.head.as_ref()?;
    let own = record.request.origin == own_origin && head.same_origin;
    let own = own && record.patience.fruitless < CONDITIONAL_TRIES;
    let validator = head.strong_validator().filter(|_| own)?;
    Some(validator.value().to_owned())
}
