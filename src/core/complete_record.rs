//! [Complete a record](https://wicg.github.io/background-fetch/#complete-a-record-algorithm): what a
//! response, its bytes and its end mean for a record. What a failure means is in `retry`.

use super::Core;
use super::background_fetch::FailureReason;
use super::http::ResponseHead;
use super::ids::{RecordKey, TransferNo};
use super::output::{Output, Take};
use super::partial_response::{
    Continuation, complete_length, continuation, first_part, retry_after,
};
use super::record::{Record, RecordResult, RecordState};
use super::segment::{Phase, Segment};

/// By how much a content coding makes bytes longer that it cannot make shorter: so many bytes for its
/// frame, and one in so many. No coding in use comes near it.
const CODING: u64 = 1_024;
const CODING_SHARE: u64 = 64;

impl Core {
    /// Process response.
    pub(super) fn process_response(&mut self, transfer: TransferNo, head: ResponseHead) {
        let now = self.now;
        let Some(key) = self.transfers.get(&transfer).copied() else {
            return;
        };
        self.heard();
        let Some(record) = self.record(key) else {
            return;
        };
        let unanswered = |segment: &&mut Segment| segment.phase == Phase::Requested;
        if record.segment(transfer).filter(unanswered).is_none() {
            return;
        }
        record.patience.answered();
        let Some(segment) = record.segment(transfer) else {
            return;
        };
        segment.active = now;
        let (start, overlap) = (segment.start, segment.overlap);
        let whole = segment.take == Take::Whole && head.ok();
        if segment.plain() {
            let later = record.patience.welcomed && head.temporary();
            if later && record.request.repeatable() && !record.patience_ends(now) {
                // It did answer well once: this is no answer to the request, it is a bad moment.
                return self.try_later(key, transfer, retry_after(&head));
            }
            self.request_transmitted(key);
            return self.begin_attempt(key, transfer, head);
        }
        match continuation(record, start, overlap, &head) {
            Continuation::Append { end, length } => self.append(key, transfer, end, length),
            Continuation::Complete => {
                record.data.ends_at(start);
                if let Some(segment) = record.segment(transfer) {
                    segment.end = Some(start);
                }
                self.outputs.push_back(Output::Stop(transfer));
                self.segment_done(key, transfer);
            }
            Continuation::Later { retry_after } => {
                if record.patience_ends(now) {
                    // The server had its time; its answer is the record's.
                    return self.begin_attempt(key, transfer, head);
                }
                let served = |segment: &Segment| segment.phase == Phase::Receiving;
                let served = record.segments.iter().any(served);
                if let Some(windows) = record.windows.as_mut().filter(|_| served) {
                    windows.parallel.refused(now);
                }
                self.try_later(key, transfer, retry_after);
            }
            Continuation::Replace { changed } => {
                // Whatever it says of itself, this server does not do ranges; asking for windows again
                // would never end.
                record.trust.rangeless |= head.ok();
                if changed && !record.contradicted() {
                    return self.fail_record(key, FailureReason::FetchError);
                }
                if whole {
                    // What would be taken in one piece is not a window any more.
                    return self.restart(key);
                }
                self.begin_attempt(key, transfer, head);
            }
            Continuation::Unproven => {
                match overlap {
                    0 => record.trust.blind = true,
                    _ => record.trust.overlap_failed = true,
                }
                self.go_back(key);
            }
            Continuation::Contradiction => self.contradicted(key),
        }
    }

    /// The server has the request's body, all of it: it answers.
    fn request_transmitted(&mut self, key: RecordKey) {
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else {
            return;
        };
        let Some(record) = fetch.record(key.index) else {
            return;
        };
        // Only a request that is never repeated has a body.
        let length = record.request.body_length;
        if length > 0 {
            fetch.uploaded += length;
            self.update_instances(key.fetch);
        }
    }

    /// The part that was asked for, or the beginning of it: servers may give less.
    fn append(&mut self, key: RecordKey, transfer: TransferNo, end: u64, length: Option<u64>) {
        let Some(record) = self.record(key) else {
            return;
        };
        if record.data.length.is_none()
            && let Some(length) = length
        {
            record.data.ends_at(length);
        }
        let Some(place) = record.place_of(transfer) else {
            return;
        };
        record.trust.parts = true;
        let segment = &mut record.segments[place];
        let asked = segment.end.unwrap_or(end);
        if end > asked && segment.take == Take::Whole {
            // It would be taken to its end, window after window, and nearly all of it thrown away.
            record.trust.rangeless = true;
            return self.go_back(key);
        }
        segment.end = Some(asked.min(end));
        segment.phase = match segment.overlap {
            0 => Phase::Receiving,
            _ => Phase::Comparing,
        };
        if end < asked {
            let missing = Segment::planned(end, Some(asked), segment.take);
            record.segments.insert(place + 1, missing);
        }
        self.read(key, transfer);
    }

    /// The response data so far becomes redundant; `transfer` brings the new one from its first byte.
    fn begin_attempt(&mut self, key: RecordKey, transfer: TransferNo, head: ResponseHead) {
        self.discard(key, Some(transfer));
        let part = (head.status == 206).then(|| first_part(&head));
        // Its range counts coded bytes. They can be decoded if they are all there.
        let coded = part.is_some() && head.coded();
        let part = part.map(|end| end.filter(|_| !coded || end == complete_length(&head)));
        let now = self.now;
        let redundant = self.change(key, |record| {
            let redundant = record.data.stored > 0;
            let bodiless = head.bodiless(&record.request.method);
            record.windows = None;
            record.patience.welcomed |= head.ok();
            record.data = record.data.next(head);
            if bodiless {
                record.data.ends_at(0);
            }
            let segment = record.segment(transfer)?;
            segment.start = 0;
            segment.overlap = 0;
            segment.end = part.flatten().filter(|_| !coded);
            segment.phase = Phase::Receiving;
            segment.waiting_since = Some(now);
            Some(redundant)
        });
        if redundant.flatten().unwrap_or_default() {
            self.update_instances(key.fetch);
        }
        match part {
            // A 206 that nobody asked for and that is not the beginning.
            Some(None) => self.fail_record(key, FailureReason::FetchError),
            // Before anything is read: until the request is stopped, the rest keeps coming into memory.
            _ if self.continue_in_windows(key, transfer) => {}
            _ => self.read(key, transfer),
        }
    }

    /// Whenever one or more bytes are transmitted.
    pub(super) fn process_bytes(&mut self, transfer: TransferNo, length: u64) {
        if let Some(key) = self.take_bytes(transfer, length) {
            self.flush(key);
            self.read(key, transfer);
        }
    }

    /// All bytes at once, and the end behind them.
    pub(super) fn process_body(&mut self, transfer: TransferNo, length: u64) {
        if self.take_bytes(transfer, length).is_some() {
            self.end_body(transfer);
        }
    }

    /// Takes note of bytes that arrived; `None` when no more of them are wanted from this transfer.
    fn take_bytes(&mut self, transfer: TransferNo, length: u64) -> Option<RecordKey> {
        let now = self.now;
        let key = self.transfers.get(&transfer).copied()?;
        let record = self.record(key)?;
        let declared = record.data.length.filter(|_| !record.data.coded);
        let same_origin = record
            .data
            .head
            .as_ref()
            .is_some_and(|head| head.same_origin);
        let segment = record.segment(transfer).filter(|segment| segment.reading)?;
        segment.reading = false;
        segment.active = now;
        if segment.phase == Phase::Comparing {
            record.trust.part_came = true;
            return Some(key);
        }
        let room = segment
            .end
            .map_or(u64::MAX, |end| end.saturating_sub(segment.position()));
        let accepted = length.min(room);
        let open_ended = segment.end.is_none();
        if open_ended && declared.is_some_and(|declared| segment.position() + length > declared) {
            if same_origin {
                // A body that is longer than it says: which of the two is true?
                self.contradicted(key);
                return None;
            }
            // A coding that CORS hides: the declared length is not that of these bytes.
            record.data.coded = true;
            record.data.length = None;
        }
        if self.fetches.get(&key.fetch)?.exceeds_total(accepted) {
            self.fail_record(key, FailureReason::DownloadTotalExceeded);
            return None;
        }
        self.change(key, |record| {
            let segment = record.segment(transfer)?;
            let part = !segment.plain() && accepted > 0;
            segment.received += accepted;
            if accepted > 0 {
                segment.waiting_since.get_or_insert(now);
            }
            let last = std::mem::replace(&mut segment.heard, now);
            record.trust.part_came |= part;
            let gives =
                |segment: &&Segment| segment.phase == Phase::Receiving && segment.received > 0;
            let busy = record.segments.iter().filter(gives).count();
            let windows = record.windows.as_mut()?;
            windows.parallel.heard(now, last, busy, accepted);
            Some(())
        });
        self.progressed(key, accepted);
        if length > accepted {
            // More than the range: what follows belongs to nothing.
            self.outputs.push_back(Output::Stop(transfer));
            self.segment_done(key, transfer);
            return None;
        }
        (!self.continue_in_windows(key, transfer)).then_some(key)
    }

    fn progressed(&mut self, key: RecordKey, accepted: u64) {
        let now = self.now;
        let Some(record) = self.record(key).filter(|_| accepted > 0) else {
            return;
        };
        let (taken, reach) = (record.taken(), record.reach());
        let further = record.patience.progressed(taken, reach);
        let origin = record.origin;
        if self.origins[origin].progressed() {
            // Who failed meanwhile has a reason to try.
            self.network_not_before = self.network_not_before.max(now);
        }
        if let Some(fetch) = self.fetches.get_mut(&key.fetch).filter(|_| further) {
            fetch.progressed(now);
        }
    }

    /// The overlap with the stored bytes has been compared.
    pub(super) fn process_comparison(&mut self, transfer: TransferNo, equal: bool) {
        let now = self.now;
        let Some(key) = self.transfers.get(&transfer).copied() else {
            return;
        };
        let Some(record) = self.record(key) else {
            return;
        };
        let Some(segment) = record.segment(transfer) else {
            return;
        };
        if segment.phase != Phase::Comparing || !segment.reading {
            return;
        }
        segment.reading = false;
        segment.active = now;
        segment.phase = Phase::Receiving;
        record.trust.part_came = true;
        if !equal {
            record.trust.overlap_failed = true;
            return self.contradicted(key);
        }
        self.read(key, transfer);
    }

    /// The transmission is done normally.
    pub(super) fn process_end_of_body(&mut self, transfer: TransferNo) {
        let key = self.transfers.get(&transfer).copied();
        let segment = key.and_then(|key| self.record(key)?.segment(transfer));
        if segment.is_some_and(|segment| segment.reading) {
            self.end_body(transfer);
        }
    }

    fn end_body(&mut self, transfer: TransferNo) {
        let Some(key) = self.transfers.get(&transfer).copied() else {
            return;
        };
        let Some(record) = self.record(key) else {
            return;
        };
        let length = record.data.length.filter(|_| !record.data.coded);
        let Some(segment) = record.segment(transfer) else {
            return;
        };
        let position = segment.position();
        let end = segment.end.or(length);
        let missing = end.map_or(0, |end| end.saturating_sub(position));
        let open = segment.end.is_none();
        let comparing = segment.phase == Phase::Comparing;
        // An overlap was asked for with what follows it.
        let alone = !comparing && segment.overlap > 0 && segment.received == 0;
        if alone && length != Some(position) {
            record.trust.overlap_failed = true;
            record.patience.take_heart();
            return self.process_failure(transfer);
        }
        if missing > 0 || comparing {
            if !short_end_is_believed(record, open, position, missing) {
                return self.process_failure(transfer);
            }
            record.data.coded = true;
        }
        if open {
            record.data.ends_at(position);
        }
        let origin = record.origin;
        self.origins[origin].progressed();
        self.segment_done(key, transfer);
    }

    /// Ends a record as a failure, and what is under way for it.
    pub(super) fn fail_record(&mut self, key: RecordKey, reason: FailureReason) {
        let result = RecordResult::Failure(reason);
        if self.record(key).is_none_or(|record| record.settled()) {
            return;
        }
        self.discard(key, None);
        self.take_off(key);
        self.change(key, |record| {
            // A response that may not be exposed leaves a row without it: the result is all there is
            // to know, and its bytes make room.
            record.data = record.data.failed();
            record.state = RecordState::Finishing(result);
        });
        if ends_all(reason) {
            self.abort_all(key.fetch, Some(key.index));
        }
        self.write_result(key, result);
    }
}

/// Whether a body that ended at `position`, with so many bytes missing, may be whole. `open`: it was to go
/// on to its end, wherever that is. Takes note of the position.
///
/// Where CORS may hide a coding, the declared length may count other bytes: a few more than these, since
/// a coding makes hardly anything longer. An end at the same place twice is no accident; a request that
/// cannot be repeated has only one.
fn short_end_is_believed(record: &mut Record, open: bool, position: u64, missing: u64) -> bool {
    let few = missing <= CODING + position / CODING_SHARE;
    let hidden = open && few && !record.data.length_sure;
    let once = !record.request.repeatable();
    let again = record.trust.short_end.replace(position) == Some(position);
    hidden && (once || again)
}

/// Whether a record that fails so takes all others of its background fetch with it.
///
/// Deviation: the specification says it of the download total only; but where storage is full, the next
/// byte of another record would meet it as well.
pub(super) fn ends_all(reason: FailureReason) -> bool {
    matches!(
        reason,
        FailureReason::DownloadTotalExceeded | FailureReason::QuotaExceeded
    )
}
