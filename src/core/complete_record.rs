//! [Complete a record](https://wicg.github.io/background-fetch/#complete-a-record-algorithm): what a
//! response, its bytes, its end and its failure mean for a record.

use super::Core;
use super::background_fetch::FailureReason;
use super::content_range::ContentRange;
use super::date;
use super::http::ResponseHead;
use super::ids::{RecordKey, TransferNo};
use super::output::{Hint, Output};
use super::partial_response::validate_partial_response;
use super::record::{Phase, Record, RecordResult, RecordState};

/// How often a record may start over because an answer contradicts itself or an earlier one.
const CONTRADICTIONS: u8 = 3;
/// A record is given up after this many failures in a row...
const FRUITLESS_TRIES: u32 = 8;
/// ...once this much time has passed without progress, in milliseconds.
const FRUITLESS_TIME: u64 = 10 * 60 * 1_000;
/// A same-origin server that answers probes but not the request is asked this often.
const REFUSALS: u32 = 3;

/// What a response to a request for the rest of a body means.
enum Continuation {
    /// It continues the stored bytes up to this offset.
    Append { end: u64 },
    /// Every byte is stored already.
    Complete,
    /// The server cannot answer now; the stored bytes stay.
    Later { retry_after: Option<u64> },
    /// It is the whole resource, or an error in its place: a new attempt begins with it.
    Replace,
    /// It contradicts the request or the first response.
    Contradiction,
}

impl Core {
    /// Process response.
    pub(super) fn process_response(&mut self, transfer: TransferNo, head: ResponseHead) {
        let now = self.now;
        let Some(key) = self.transfers.get(&transfer).copied() else { return };
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else { return };
        let Some(record) = fetch.record(key.index) else { return };
        let origin = record.origin;
        let first_answer = record.data.head.is_none();
        let uploaded = if first_answer { record.request.body_length } else { 0 };
        let Some(segment) = record.segment(transfer) else { return };
        segment.active = now;
        let start = segment.start;
        if start == 0 && segment.end.is_none() {
            self.origins[origin].answered();
            if uploaded > 0 {
                fetch.uploaded += uploaded;
                self.update_instances(key.fetch);
            }
            return self.begin_attempt(key, transfer, head);
        }
        match continuation(record, start, &head) {
            Continuation::Append { end } => {
                self.origins[origin].answered();
                if let Some(segment) = record.segment(transfer) {
                    segment.end = Some(segment.end.map_or(end, |asked| asked.min(end)));
                    segment.phase = Phase::Receiving;
                }
                self.read(key, transfer);
            }
            Continuation::Complete => {
                if let Some(segment) = record.segment(transfer) {
                    segment.end = Some(start);
                }
                self.outputs.push_back(Output::Stop(transfer));
                self.segment_done(key, transfer);
            }
            Continuation::Later { retry_after } => {
                self.outputs.push_back(Output::Stop(transfer));
                self.try_later(key, transfer, retry_after);
            }
            Continuation::Replace => {
                if head.ok() && !self.may_contradict(key) {
                    return self.fail_record(key, FailureReason::FetchError);
                }
                self.begin_attempt(key, transfer, head);
            }
            Continuation::Contradiction => {
                if self.may_contradict(key) {
                    self.restart(key);
                } else {
                    self.fail_record(key, FailureReason::FetchError);
                }
            }
        }
    }

    /// The response data so far becomes redundant; `transfer` brings the new one from its first byte.
    fn begin_attempt(&mut self, key: RecordKey, transfer: TransferNo, head: ResponseHead) {
        self.drop_segments_but(key, Some(transfer));
        self.writes.forget(key);
        let now = self.now;
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else { return };
        let Some(record) = fetch.records.get_mut(key.index.0 as usize) else { return };
        fetch.taken -= record.taken;
        fetch.stored -= record.data.stored;
        let redundant = record.data.stored > 0;
        record.taken = 0;
        record.windows = None;
        let plain_part = (head.status == 206).then(|| validate_partial_response(0, &head, None));
        let end = match plain_part {
            None => head.body_length(),
            Some(part) => part.map(|part| part.end),
        };
        record.data = record.data.next(head);
        let Some(segment) = record.segment(transfer) else { return };
        segment.start = 0;
        segment.end = end;
        segment.phase = Phase::Receiving;
        segment.waiting_since = Some(now);
        if redundant {
            self.update_instances(key.fetch);
        }
        if plain_part == Some(None) {
            // A 206 that nobody asked for and that is not the beginning.
            return match self.may_contradict(key) {
                true => self.restart(key),
                false => self.fail_record(key, FailureReason::FetchError),
            };
        }
        self.read(key, transfer);
    }

    /// Whenever one or more bytes are transmitted.
    pub(super) fn process_bytes(&mut self, transfer: TransferNo, length: u64) {
        let now = self.now;
        let Some(key) = self.transfers.get(&transfer).copied() else { return };
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else { return };
        let exceeds = |accepted| fetch.exceeds_total(accepted);
        let Some(segment) =
            fetch.records[key.index.0 as usize].segments.iter().find(|s| s.transfer == Some(transfer))
        else {
            return;
        };
        let room = segment.end.map_or(u64::MAX, |end| end.saturating_sub(segment.position()));
        let accepted = length.min(room);
        if exceeds(accepted) {
            return self.fail_record(key, FailureReason::DownloadTotalExceeded);
        }
        fetch.taken += accepted;
        let Some(record) = fetch.record(key.index) else { return };
        record.taken += accepted;
        if record.taken > record.furthest {
            record.furthest = record.taken;
            record.fruitless = 0;
            record.progressed = Some(now);
        }
        let origin = record.origin;
        let Some(segment) = record.segment(transfer) else { return };
        segment.reading = false;
        segment.active = now;
        segment.received += accepted;
        if accepted > 0 {
            segment.waiting_since.get_or_insert(now);
        }
        self.origins[origin].answered();
        if length > accepted {
            // More than the declared length: what follows belongs to nothing.
            self.outputs.push_back(Output::Stop(transfer));
            return self.segment_done(key, transfer);
        }
        if self.continue_in_windows(key, transfer) {
            return;
        }
        self.flush(key);
        self.read(key, transfer);
    }

    /// The transmission is done normally.
    pub(super) fn process_end_of_body(&mut self, transfer: TransferNo) {
        let Some(key) = self.transfers.get(&transfer).copied() else { return };
        let Some(segment) = self.segment(key, transfer) else { return };
        if segment.end.is_some_and(|end| segment.position() < end) {
            // Shorter than declared; a browser may not have noticed.
            return self.process_failure(transfer);
        }
        if segment.end.is_none() {
            segment.end = Some(segment.position());
        }
        self.segment_done(key, transfer);
    }

    /// A network error, or a body that became errored.
    pub(super) fn process_failure(&mut self, transfer: TransferNo) {
        let Some(key) = self.transfers.get(&transfer).copied() else { return };
        let online = self.online;
        let Some(record) = self.record(key) else { return };
        if !record.request.repeatable() {
            return self.fail_record(key, FailureReason::FetchError);
        }
        let answered = record.segment(transfer).is_some_and(|s| s.phase == Phase::Receiving);
        if !answered && online && record.furthest == 0 && !record.probing {
            // Nothing has ever come: unreachable, or refused by CORS? One of them will pass.
            record.probing = true;
            self.outputs.push_back(Output::Probe(key));
        }
        self.try_later(key, transfer, None);
    }

    /// The answer of a server that nobody looked at.
    pub(super) fn process_probe(&mut self, key: RecordKey, reachable: bool) {
        let Some(record) = self.record(key).filter(|record| record.probing) else { return };
        record.probing = false;
        let refusals = if record.request.integrity { 1 } else { REFUSALS };
        // The engine's own origin is never refused by CORS: the connection may just have been reset.
        let patient = self.same_origin(key);
        let Some(record) = self.record(key) else { return };
        if reachable && record.furthest == 0 && (!patient || record.fruitless >= refusals) {
            self.fail_record(key, FailureReason::FetchError);
        }
    }

    /// Temporarily unavailable: keeps what can be kept and waits for the origin's next turn.
    fn try_later(&mut self, key: RecordKey, transfer: TransferNo, retry_after: Option<u64>) {
        let (now, online) = (self.now, self.online);
        self.release(transfer);
        let Some(record) = self.record(key) else { return };
        let origin = record.origin;
        let since = *record.progressed.get_or_insert(now);
        if online {
            record.fruitless += 1;
        }
        if record.fruitless >= FRUITLESS_TRIES && now.since(since) >= FRUITLESS_TIME {
            return self.fail_record(key, FailureReason::FetchError);
        }
        if online {
            self.origins[origin].failed(now, retry_after, &mut self.jitter);
        }
        self.mend(key, transfer);
    }

    /// Plans the rest of a broken segment, or the whole record where nothing proves what the rest is.
    fn mend(&mut self, key: RecordKey, transfer: TransferNo) {
        let Some(record) = self.record(key) else { return };
        if record.data.head.is_some() && !record.resumable() {
            if record.taken > 0 && !record.data.head.as_ref().is_some_and(ResponseHead::coded) {
                self.outputs.push_back(Output::Hint(key, Hint::NoValidator));
            }
            return self.restart(key);
        }
        let Some(place) = record.segments.iter().position(|s| s.transfer == Some(transfer)) else {
            return;
        };
        let broken = &mut record.segments[place];
        let (position, end) = (broken.position(), broken.end);
        let rest = super::record::Segment::planned(position, end, super::output::Take::Stream);
        broken.end = Some(position);
        broken.phase = Phase::Done;
        record.segments.insert(place + 1, rest);
        // Even an empty segment goes through here, so that its driver's half is forgotten.
        if record.segments[place].received == 0 {
            record.segments.remove(place);
            self.outputs.push_back(Output::Drop(transfer));
        }
        self.flush(key);
    }

    /// Starts the record over: nothing of it can be used. Its bytes are deleted with the first write of
    /// the next attempt, so that until then a reader still has them.
    fn restart(&mut self, key: RecordKey) {
        self.drop_segments(key);
        self.writes.forget(key);
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else { return };
        let Some(record) = fetch.records.get_mut(key.index.0 as usize) else { return };
        fetch.taken -= record.taken;
        record.taken = 0;
        record.windows = None;
        record.data.queued = 0;
        record.data.head = None;
        record.state = RecordState::Waiting;
        fetch.open.retain(|&open| open != key.index);
        fetch.waiting.push_front(key.index);
    }

    /// Ends a record as a failure, and what is under way for it.
    pub(super) fn fail_record(&mut self, key: RecordKey, reason: FailureReason) {
        self.drop_segments(key);
        self.writes.forget(key);
        let result = RecordResult::Failure(reason);
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else { return };
        let Some(record) = fetch.records.get_mut(key.index.0 as usize) else { return };
        fetch.taken -= record.taken - record.data.stored.min(record.taken);
        record.taken = record.taken.min(record.data.stored);
        record.state = RecordState::Finishing(result);
        fetch.open.retain(|&open| open != key.index);
        fetch.waiting.retain(|&waiting| waiting != key.index);
        self.write_result(key, result);
    }

    /// Counts a contradiction; `false` when there were too many.
    fn may_contradict(&mut self, key: RecordKey) -> bool {
        self.record(key).is_some_and(|record| {
            record.contradictions += 1;
            record.contradictions <= CONTRADICTIONS
        })
    }

    fn same_origin(&self, key: RecordKey) -> bool {
        self.fetches
            .get(&key.fetch)
            .and_then(|fetch| fetch.records.get(key.index.0 as usize))
            .is_some_and(|record| record.request.origin == self.own_origin)
    }
}

fn continuation(record: &Record, start: u64, head: &ResponseHead) -> Continuation {
    if head.status == 206 {
        return match validate_partial_response(start, head, record.data.head.as_ref()) {
            Some(part) => Continuation::Append { end: part.end },
            None => Continuation::Contradiction,
        };
    }
    if head.status == 416 {
        return match head.content_range() {
            Some(ContentRange::Unsatisfied { complete })
                if complete == start && record.data.total().is_none_or(|total| total == start) =>
            {
                Continuation::Complete
            }
            _ => Continuation::Contradiction,
        };
    }
    if head.temporary() {
        let asked = head.retry_after.as_deref();
        let retry_after = asked.and_then(|v| date::parse_retry_after(v, head.date.as_deref()));
        return Continuation::Later { retry_after };
    }
    Continuation::Replace
}
