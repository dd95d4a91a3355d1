//! [Background fetch record](https://wicg.github.io/background-fetch/#background-fetch-record-concept):
//! one request of a background fetch and how far its response has come.
//!
//! ```text
//!            a slot is free            the last byte is in hand           its commit is complete
//!  Waiting ─────────────────▶ InFlight ───────────────────────▶ Finishing ────────────────────▶ Settled
//!     ▲                        │   │                                                              ▲
//!     └── drop, pause, restart ┘   └────────── failure that no retry can mend, abort ─────────────┘
//! ```

use std::collections::VecDeque;

use super::background_fetch::FailureReason;
use super::http::RequestHead;
use super::ids::TransferNo;
use super::input::RecordSnapshot;
use super::output::Take;
use super::response_data::ResponseData;
use super::time::Timestamp;

/// How a record ended: the
/// [result](https://wicg.github.io/background-fetch/#background-fetch-response-result) of its response
/// data. "redundant" is not among them: response data that became redundant is no longer the record's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordResult {
    /// The whole body is stored.
    Success,
    /// The record failed.
    Failure(FailureReason),
}

/// Where a record is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RecordState {
    /// For a slot, for its origin's next try, for the network, or for the end of a pause.
    Waiting,
    /// At least one request is on its way or planned.
    InFlight,
    /// All bytes are in hand; the last commit is under way.
    Finishing(RecordResult),
    /// Ended.
    Settled(RecordResult),
}

#[derive(Clone, Debug)]
pub(super) struct Record {
    pub request: RequestHead,
    /// Which of the engine's origins its URL belongs to.
    pub origin: usize,
    pub state: RecordState,
    pub data: ResponseData,
    /// The parts of the body that are not yet handed to the store, in order, without gaps. Only the
    /// first is written from, so that what is stored is always one piece from the start.
    pub segments: VecDeque<Segment>,
    /// Where windows go on; `None` while the body is one stream.
    pub windows: Option<Windows>,
    /// Bytes of this attempt taken from the network.
    pub taken: u64,
    /// The most bytes any attempt has taken: more than that is progress.
    pub furthest: u64,
    /// Failures since the last progress.
    pub fruitless: u32,
    /// When there last was progress; `None` before the first try.
    pub progressed: Option<Timestamp>,
    /// How often an answer contradicted itself or an earlier one.
    pub contradictions: u8,
    /// Whether a probe is on its way.
    pub probing: bool,
}

impl Record {
    pub fn new(request: RequestHead, origin: usize) -> Self {
        Self {
            request,
            origin,
            state: RecordState::Waiting,
            data: ResponseData::default(),
            segments: VecDeque::new(),
            windows: None,
            taken: 0,
            furthest: 0,
            fruitless: 0,
            progressed: None,
            contradictions: 0,
            probing: false,
        }
    }

    /// A record as the store remembers it.
    pub fn restored(snapshot: RecordSnapshot, origin: usize) -> Self {
        let mut record = Self::new(snapshot.request, origin);
        if let Some(response) = snapshot.response {
            record.taken = response.stored;
            record.furthest = response.stored;
            record.data = ResponseData {
                attempt: response.attempt,
                head: response.head,
                written: true,
                queued: response.stored,
                stored: response.stored,
            };
            if let Some(result) = response.result {
                record.state = RecordState::Settled(result);
            }
        }
        record
    }

    pub fn settled(&self) -> bool {
        matches!(self.state, RecordState::Settled(_))
    }

    /// Whether a drop can be mended by asking for the rest.
    pub fn resumable(&self) -> bool {
        self.request.method == "GET" && !self.request.integrity && self.data.resumable()
    }

    pub fn segment(&mut self, transfer: TransferNo) -> Option<&mut Segment> {
        self.segments.iter_mut().find(|segment| segment.transfer == Some(transfer))
    }

    /// Bytes in the driver's hands that no commit has asked for.
    pub fn in_hand(&self) -> u64 {
        self.segments.iter().map(Segment::in_hand).sum()
    }
}

/// A part of a body that one request fetches.
///
/// ```text
///  Planned ──▶ Requested ──▶ Receiving ──▶ Done
/// ```
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Offset of its first byte.
    pub start: u64,
    /// Offset after its last byte, as far as it is known.
    pub end: Option<u64>,
    pub take: Take,
    pub phase: Phase,
    /// The request that fetches it, once there is one.
    pub transfer: Option<TransferNo>,
    /// Bytes that arrived.
    pub received: u64,
    /// Of these, handed to the store.
    pub queued: u64,
    /// When the oldest byte in hand arrived.
    pub waiting_since: Option<Timestamp>,
    /// When something last happened, and when it was requested.
    pub active: Timestamp,
    pub requested: Timestamp,
    /// Whether a read is on its way.
    pub reading: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Planned,
    Requested,
    Receiving,
    Done,
}

impl Segment {
    pub fn planned(start: u64, end: Option<u64>, take: Take) -> Self {
        Self {
            start,
            end,
            take,
            phase: Phase::Planned,
            transfer: None,
            received: 0,
            queued: 0,
            waiting_since: None,
            active: Timestamp::default(),
            requested: Timestamp::default(),
            reading: false,
        }
    }

    /// Offset after the last byte that arrived.
    pub fn position(&self) -> u64 {
        self.start + self.received
    }

    pub fn in_hand(&self) -> u64 {
        self.received - self.queued
    }

    /// Whether its request is on the network.
    pub fn on_the_wire(&self) -> bool {
        matches!(self.phase, Phase::Requested | Phase::Receiving)
    }

    /// Whether it has nothing left to give.
    pub fn drained(&self) -> bool {
        self.phase == Phase::Done && self.in_hand() == 0
    }
}

/// How a large body is asked for in bounded pieces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    /// Where the next window starts.
    pub next: u64,
    /// Length of the whole body.
    pub total: u64,
    /// Length of the next window.
    pub size: u64,
    /// How the next window is taken.
    pub take: Take,
}

impl Windows {
    /// Windows over a body of which the first `next` bytes are stored, before its speed is known.
    pub fn first(next: u64, total: u64) -> Self {
        Self { next, total, size: 1 << 20, take: Take::Stream }
    }
}
