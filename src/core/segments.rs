//! The parts of a body on their way from the network to the store: when to read, when to write, and
//! when to go on in windows.

use super::Core;
use super::background_fetch::{FailureReason, Phase as FetchPhase};
use super::ids::{RecordKey, TransferNo};
use super::output::{Chunk, Output, RecordWrite, Take, Write};
use super::record::{Phase, Record, RecordResult, RecordState, Segment, Windows};
use super::time::{Timestamp, earliest};

/// A chunk of this length is worth a transaction of its own (best in three engines: 4 to 16 MiB).
const CHUNK: u64 = 4 << 20;
/// Bytes are written after this long, in milliseconds: a kill of the worker costs no more than that.
const FLUSH_AFTER: u64 = 1_000;
/// A response head alone is written after this long; most small records are complete by then and need
/// one write only.
const HEAD_AFTER: u64 = 50;
/// No read is started while this much is in hand or on its way to the store.
pub(super) const IN_HAND: u64 = 16 << 20;
/// A connection without a byte for this long is given up, in milliseconds.
const STALL: u64 = 30_000;

/// Bodies from here on are fetched in windows where the server allows it.
const WINDOWED: u64 = 8 << 20;
/// The shortest and the longest window.
const WINDOW: (u64, u64) = (1 << 20, 16 << 20);
/// A window takes about this long, in milliseconds: a drop or a kill costs no more, progress moves.
const WINDOW_TIME: u64 = 500;
/// From this speed on, in bytes per second, a window is taken whole; below, a drop would cost too much.
const WHOLE_SPEED: u64 = 8 << 20;

impl Core {
    /// Reads on, unless there is enough in hand.
    pub(super) fn read(&mut self, key: RecordKey, transfer: TransferNo) {
        let full = self.writes.held() >= IN_HAND;
        let Some(segment) = self.segment(key, transfer) else { return };
        if segment.phase == Phase::Receiving && !segment.reading && !full {
            segment.reading = true;
            self.outputs.push_back(Output::Read(transfer));
        }
    }

    /// A segment has all its bytes.
    pub(super) fn segment_done(&mut self, key: RecordKey, transfer: TransferNo) {
        let now = self.now;
        self.release(transfer);
        let Some(record) = self.record(key) else { return };
        let Some(segment) = record.segment(transfer) else { return };
        segment.phase = Phase::Done;
        segment.reading = false;
        let (length, millis) = (segment.received, now.since(segment.requested).max(1));
        if let Some(windows) = &mut record.windows {
            let speed = length.saturating_mul(1_000) / millis;
            windows.size = (speed * WINDOW_TIME / 1_000).clamp(WINDOW.0, WINDOW.1);
            windows.take = if speed >= WHOLE_SPEED { Take::Whole } else { Take::Stream };
        }
        self.flush(key);
    }

    /// Turns a plain response into a series of windows once its head promises that they fit together
    /// and enough has come to measure the speed. `true` when it did.
    ///
    /// Firefox and WebKit read a body whether anybody takes it or not; bounded requests are the only
    /// way to keep them from holding all of it in memory.
    pub(super) fn continue_in_windows(&mut self, key: RecordKey, transfer: TransferNo) -> bool {
        let now = self.now;
        let Some(record) = self.record(key) else { return false };
        let Some(total) = windowed_total(record) else { return false };
        let Some(segment) = record.segment(transfer) else { return false };
        if segment.start != 0 || segment.received < WINDOW.0 {
            return false;
        }
        let speed = segment.received * 1_000 / now.since(segment.requested).max(1);
        let next = segment.position();
        segment.end = Some(next);
        record.windows = Some(Windows {
            next,
            total,
            size: (speed * WINDOW_TIME / 1_000).clamp(WINDOW.0, WINDOW.1),
            take: if speed >= WHOLE_SPEED { Take::Whole } else { Take::Stream },
        });
        self.outputs.push_back(Output::Stop(transfer));
        self.segment_done(key, transfer);
        true
    }

    /// Hands bytes to the store: a chunk that is large enough, one that has waited long enough, the
    /// last of a segment, or anything at all when the hands are full.
    pub(super) fn flush(&mut self, key: RecordKey) {
        let (now, full) = (self.now, self.writes.held() >= IN_HAND);
        loop {
            let Some(record) = self.record(key) else { return };
            if record.state != RecordState::InFlight {
                return;
            }
            let first_write = !record.data.written;
            let Some(segment) = record.segments.front() else {
                return self.segments_exhausted(key);
            };
            if segment.drained() && !(first_write && segment.received == 0) {
                record.segments.pop_front();
                if record.segments.is_empty() {
                    return self.segments_exhausted(key);
                }
                continue;
            }
            let (in_hand, done) = (segment.in_hand(), segment.phase == Phase::Done);
            let patience = if in_hand == 0 { HEAD_AFTER } else { FLUSH_AFTER };
            let overdue = segment.waiting_since.is_some_and(|since| now.since(since) >= patience);
            if !(done || in_hand >= CHUNK || overdue || (full && in_hand > 0)) {
                return;
            }
            let last = done && record.segments.len() == 1 && final_result(record).is_some();
            let Some(record) = self.record(key) else { return };
            let result = if last { final_result(record) } else { None };
            self.write_chunk(key, result);
            if result.is_some() {
                return;
            }
        }
    }

    /// Writes what the first segment has in hand.
    fn write_chunk(&mut self, key: RecordKey, result: Option<RecordResult>) {
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else { return };
        let Some(record) = fetch.record(key.index) else { return };
        let Some(segment) = record.segments.front_mut() else { return };
        let Some(transfer) = segment.transfer else { return };
        let length = segment.in_hand();
        let chunk = (length > 0).then_some(Chunk { transfer, offset: record.data.queued, length });
        segment.queued = segment.received;
        segment.waiting_since = None;
        record.data.queued += length;
        let first = !record.data.written;
        record.data.written = true;
        if let Some(result) = result {
            record.state = RecordState::Finishing(result);
            record.segments.clear();
            let origin = record.origin;
            self.origins[origin].completed(record.data.queued);
            fetch.open.retain(|&open| open != key.index);
        } else if segment.drained() {
            record.segments.pop_front();
        }
        let Some(record) = fetch.record(key.index) else { return };
        let write = RecordWrite {
            key,
            attempt: record.data.attempt,
            first,
            head: first.then_some(transfer),
            chunk,
            stored: record.data.queued,
            result,
        };
        self.writes.push(Write::Record(write));
    }

    /// Writes how a record ended when no more bytes of it will come.
    pub(super) fn write_result(&mut self, key: RecordKey, result: RecordResult) {
        let Some(record) = self.record(key) else { return };
        // A response that may not be exposed leaves a row without it: the result is all there is to
        // know, and its bytes make room.
        let exposed = RecordResult::Failure(FailureReason::BadStatus);
        let failed = result != RecordResult::Success && result != exposed;
        if failed {
            record.data.attempt += 1;
            record.data.written = false;
        }
        let write = RecordWrite {
            key,
            attempt: record.data.attempt,
            first: failed,
            head: None,
            chunk: None,
            stored: if failed { 0 } else { record.data.queued },
            result: Some(result),
        };
        self.writes.push(Write::Record(write));
    }

    /// Hands over what the first segment has, however little, before its request is stopped.
    pub(super) fn flush_for_pause(&mut self, key: RecordKey) {
        let Some(record) = self.record(key) else { return };
        if !record.resumable() {
            record.data.queued = record.data.queued.min(record.data.stored);
            return;
        }
        let Some(segment) = record.segments.front() else { return };
        if segment.in_hand() == 0 {
            return;
        }
        let transfer = segment.transfer;
        self.write_chunk(key, None);
        if let Some(transfer) = transfer {
            self.release(transfer);
            self.outputs.push_back(Output::Stop(transfer));
            if let Some(record) = self.record(key) {
                record.segments.retain(|segment| segment.transfer != Some(transfer));
            }
        }
    }

    /// No segment is left: plan the next window, ask for the rest, or end the record.
    fn segments_exhausted(&mut self, key: RecordKey) {
        let Some(record) = self.record(key) else { return };
        if let Some(result) = final_result(record) {
            record.state = RecordState::Finishing(result);
            if let Some(fetch) = self.fetches.get_mut(&key.fetch) {
                fetch.open.retain(|&open| open != key.index);
            }
            return self.write_result(key, result);
        }
        if record.windows.is_none() {
            // A 206 that ended before the end of the resource: the server gives it in slices.
            let from = record.data.queued;
            record.segments.push_back(Segment::planned(from, None, Take::Stream));
        }
    }

    /// Writes what has waited long enough, gives up what has stalled.
    pub(super) fn segments_overdue(&mut self) {
        let now = self.now;
        let mut flushes = Vec::new();
        let mut stalls = Vec::new();
        for (key, record) in self.open_records() {
            if flush_deadline(record).is_some_and(|at| now >= at) {
                flushes.push(key);
            }
            stalls.extend(record.segments.iter().filter_map(|segment| {
                let stalled = stall_deadline(segment).is_some_and(|at| now >= at);
                segment.transfer.filter(|_| stalled)
            }));
        }
        for key in flushes {
            self.flush(key);
        }
        for transfer in stalls {
            self.outputs.push_back(Output::Stop(transfer));
            self.process_failure(transfer);
        }
    }

    pub(super) fn next_segment_deadline(&self) -> Option<Timestamp> {
        self.open_records().fold(None, |next, (_, record)| {
            let stall = record.segments.iter().map(stall_deadline).fold(None, earliest);
            earliest(next, earliest(flush_deadline(record), stall))
        })
    }

    fn open_records(&self) -> impl Iterator<Item = (RecordKey, &Record)> {
        self.fetches.values().filter(|fetch| fetch.phase == FetchPhase::Active).flat_map(|fetch| {
            fetch.open.iter().map(|&index| {
                (RecordKey { fetch: fetch.no, index }, &fetch.records[index.0 as usize])
            })
        })
    }

    /// Forgets all requests of a record and the bytes in hand.
    pub(super) fn drop_segments(&mut self, key: RecordKey) {
        self.drop_segments_but(key, None);
    }

    pub(super) fn drop_segments_but(&mut self, key: RecordKey, keep: Option<TransferNo>) {
        let Some(record) = self.record(key) else { return };
        let (kept, dropped): (Vec<_>, Vec<_>) = std::mem::take(&mut record.segments)
            .into_iter()
            .partition(|segment| keep.is_some() && segment.transfer == keep);
        record.segments.extend(kept);
        for segment in dropped {
            if let Some(transfer) = segment.transfer {
                self.release(transfer);
                self.outputs.push_back(Output::Drop(transfer));
            }
        }
    }
}

/// The length of a body that may be fetched in windows: large, whole, uncoded, on a server that does
/// ranges and shows a strong validator.
pub(super) fn windowed_total(record: &Record) -> Option<u64> {
    let head = record.data.head.as_ref()?;
    let total = head.body_length()?;
    let fits = record.windows.is_none()
        && record.resumable()
        && head.status == 200
        && head.accepts_ranges()
        && total >= WINDOWED;
    fits.then_some(total)
}

/// How the record ends when nothing more is to come, or `None` when bytes are missing.
pub(super) fn final_result(record: &Record) -> Option<RecordResult> {
    let head = record.data.head.as_ref()?;
    let have = record.data.queued + record.in_hand();
    let partial = head.status == 206 || record.windows.is_some();
    if partial && record.data.total() != Some(have) {
        return None;
    }
    match partial || head.ok() {
        true => Some(RecordResult::Success),
        false => Some(RecordResult::Failure(FailureReason::BadStatus)),
    }
}

fn flush_deadline(record: &Record) -> Option<Timestamp> {
    let segment = record.segments.front()?;
    let patience = match (segment.in_hand(), record.data.written) {
        (0, true) => return None,
        (0, false) => HEAD_AFTER,
        _ => FLUSH_AFTER,
    };
    segment.waiting_since.map(|since| since + patience)
}

fn stall_deadline(segment: &Segment) -> Option<Timestamp> {
    let waiting = segment.phase == Phase::Requested || segment.reading;
    waiting.then(|| segment.active + STALL)
}
