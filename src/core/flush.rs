//! Bytes on their way from the network to the store: when to read, when to write, and when a record
//! has all it needs.

use super::Core;
use super::background_fetch::Phase as FetchPhase;
use super::ids::{RecordKey, TransferNo};
use super::output::{Chunk, Output, RecordWrite, Write};
use super::record::{Record, RecordResult, RecordState};
use super::segment::{Phase, Segment};
use super::time::Timestamp;
use super::windows::Windows;

/// A chunk of this length is worth a transaction of its own (best in three engines: 4 to 16 MiB).
const CHUNK: u64 = 4 << 20;
/// Bytes are written after this long, in milliseconds: a kill of the worker costs no more than that.
const FLUSH_AFTER: u64 = 1_000;
/// A response head alone is written after this long; most small records are complete by then and need
/// one write only.
const HEAD_AFTER: u64 = 50;
/// No read is started while this much is in hand or on its way to the store. Where windows are short,
/// because the browser takes a multiple of their length, two of them: with four, WebKit took 190 to 313
/// MiB over 768, with two 134 to 171, and was as fast.
const IN_HAND: u64 = 16 << 20;
/// Short bodies come in one piece where there are so many that nobody looks at the bytes of one.
const MANY: usize = 16;

impl Core {
    /// Reads on, unless there is enough in hand.
    pub(super) fn read(&mut self, key: RecordKey, transfer: TransferNo) {
        let now = self.now;
        let Some(place) = self.look(key).and_then(|record| record.place_of(transfer)) else {
            return;
        };
        let full = self.hands_full(place);
        let gather = self.gathers(key);
        let Some(record) = self.record(key) else {
            return;
        };
        let segment = &mut record.segments[place];
        let expects = matches!(segment.phase, Phase::Comparing | Phase::Receiving);
        if expects && !segment.reading && !full {
            segment.reading = true;
            // The patience with a stalled server begins when somebody listens again.
            segment.active = now;
            self.outputs.push_back(match gather {
                true => Output::Gather(transfer),
                false => Output::Read(transfer),
            });
        }
    }

    /// Whether a body is taken in one piece.
    fn gathers(&self, key: RecordKey) -> bool {
        let many = |fetch: &super::BackgroundFetch| fetch.records.len() >= MANY;
        let swift = |record: &Record| self.origins[record.origin].swift && record.short();
        self.fetches.get(&key.fetch).is_some_and(many) && self.look(key).is_some_and(swift)
    }

    /// Reads on wherever reading had to wait for the store.
    pub(super) fn read_on(&mut self) {
        let transfers = self.transfers.clone();
        for (transfer, key) in transfers.into_entries() {
            self.read(key, transfer);
        }
    }

    /// Whether nothing more should be taken from the network for the segment at `place` of a record.
    /// The first one only waits for the store; were it to wait for those behind it, and they for it,
    /// nothing would ever move.
    pub(super) fn hands_full(&self, place: usize) -> bool {
        let mut held = self.writes.held();
        if place > 0 {
            held += self
                .open_records()
                .map(|(_, record)| record.in_hand())
                .sum::<u64>();
        }
        held >= IN_HAND.min(2 * self.windows.longest)
    }

    /// A segment has all its bytes.
    pub(super) fn segment_done(&mut self, key: RecordKey, transfer: TransferNo) {
        let now = self.now;
        self.release(transfer);
        let Some(record) = self.record(key) else {
            return;
        };
        let Some(segment) = record.segment(transfer) else {
            return;
        };
        segment.phase = Phase::Done;
        segment.reading = false;
        let (length, millis) = (segment.received, now.since(segment.requested));
        let origin = record.origin;
        if let Some(windows) = &mut record.windows {
            windows.measure(length, millis);
        }
        self.origins[origin].swift = millis < FLUSH_AFTER;
        self.flush(key);
    }

    /// Hands bytes to the store: a chunk that is large enough, one that has waited long enough, the
    /// last of a segment, or anything at all when the hands are full.
    pub(super) fn flush(&mut self, key: RecordKey) {
        let (now, full) = (self.now, self.hands_full(0));
        loop {
            let Some(record) = self.record(key) else {
                return;
            };
            if record.state != RecordState::InFlight {
                return;
            }
            let Some(segment) = record.segments.front() else {
                return self.segments_exhausted(key);
            };
            if segment.drained() && record.data.written {
                self.pop_segment(key);
                continue;
            }
            let done = segment.phase == Phase::Done;
            let overdue = flush_deadline(record).is_some_and(|at| now >= at);
            let enough = segment.in_hand() >= CHUNK || full && segment.in_hand() > 0;
            if !(done || enough || overdue) {
                return;
            }
            let last = done && record.segments.len() == 1;
            let result = if last { record.final_result() } else { None };
            self.write_chunk(key, result);
            if result.is_some() {
                return;
            }
        }
    }

    /// Writes what the first segment has in hand, with the response if its row is not yet written.
    pub(super) fn write_chunk(&mut self, key: RecordKey, result: Option<RecordResult>) {
        let write = self.change(key, |record| {
            let segment = record.segments.first_mut()?;
            let transfer = segment.transfer?;
            debug_assert_eq!(
                segment.start + segment.queued,
                record.data.queued,
                "{key:?}"
            );
            let length = segment.in_hand();
            let offset = record.data.queued;
            segment.queued = segment.received;
            segment.waiting_since = None;
            record.data.queued += length;
            let first = !std::mem::replace(&mut record.data.written, true);
            Some(RecordWrite {
                key,
                attempt: record.data.attempt,
                first,
                head: first.then_some(transfer),
                chunk: (length > 0).then_some(Chunk {
                    transfer,
                    offset,
                    length,
                }),
                stored: record.data.queued,
                result,
            })
        });
        let Some(write) = write.flatten() else {
            return;
        };
        self.writes.push(Write::Record(write));
        if let Some(result) = result {
            self.all_in_hand(key, result);
        }
    }

    /// Writes how a record ended when no more bytes of it will come.
    pub(super) fn write_result(&mut self, key: RecordKey, result: RecordResult) {
        let Some(record) = self.record(key) else {
            return;
        };
        let first = !std::mem::replace(&mut record.data.written, true);
        let write = RecordWrite {
            key,
            attempt: record.data.attempt,
            first,
            head: None,
            chunk: None,
            stored: if first { 0 } else { record.data.queued },
            result: Some(result),
        };
        self.writes.push(Write::Record(write));
    }

    fn all_in_hand(&mut self, key: RecordKey, result: RecordResult) {
        self.cut(key, None);
        self.take_off(key);
        let now = self.now;
        let Some(record) = self.record(key) else {
            return;
        };
        record.state = RecordState::Finishing(result);
        let (origin, length) = (record.origin, record.data.queued);
        self.origins[origin].completed(now, length);
    }

    /// No segment is left: go on in windows, ask for the rest, or end the record.
    fn segments_exhausted(&mut self, key: RecordKey) {
        let Some(record) = self.record(key) else {
            return;
        };
        if let Some(result) = record.final_result() {
            self.all_in_hand(key, result);
            return self.write_result(key, result);
        }
        if record.windows.as_ref().is_some_and(Windows::more) {
            return;
        }
        // A 206 that ended before the end of the resource: the server gives it in slices.
        let from = record.data.queued;
        match record.proof(from) {
            Some(overlap) => record.segments.push_back(Segment::rest(from, overlap)),
            None => self.contradicted(key),
        }
    }

    pub(super) fn pop_segment(&mut self, key: RecordKey) {
        let popped = self.change(key, |record| record.segments.pop_front());
        if let Some(transfer) = popped.flatten().and_then(|segment| segment.transfer) {
            self.spend(transfer);
        }
    }

    /// Records with requests on their way, planned or replaced by a probe: a few, however many there
    /// are in all.
    pub(super) fn open_records(&self) -> impl Iterator<Item = (RecordKey, &Record)> {
        let active = |fetch: &&super::BackgroundFetch| fetch.phase == FetchPhase::Active;
        self.fetches.values().filter(active).flat_map(|fetch| {
            fetch.open.iter().map(|&index| {
                let key = RecordKey {
                    fetch: fetch.no,
                    index,
                };
                (key, &fetch.records[index.place()])
            })
        })
    }
}

/// When the first segment's bytes, or its head alone, have waited long enough.
pub(super) fn flush_deadline(record: &Record) -> Option<Timestamp> {
    let segment = record.segments.front()?;
    let patience = match (segment.in_hand(), record.data.written) {
        (0, true) => return None,
        (0, false) => HEAD_AFTER,
        _ => FLUSH_AFTER,
    };
    segment.waiting_since.map(|since| since + patience)
}
