//! A part of a body that one request fetches.

use super::ids::TransferNo;
use super::output::Take;
use super::time::Timestamp;

/// A part of a body that one request fetches.
///
/// ```text
///             sent              head fits            overlap equal            end of body, stop
///  Planned ─────────▶ Requested ─────────▶ Comparing ─────────────▶ Receiving ────────────────▶ Done
///                         └─────────────────────────────────────────▲
/// ```
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Offset of its first byte.
    pub start: u64,
    /// Offset after its last byte; `None` where only the end of the body will tell.
    pub end: Option<u64>,
    /// How many stored bytes before `start` the request asks for once more, to compare them.
    pub overlap: u64,
    pub take: Take,
    /// Whether it is a window, which is asked for as a range even where it starts at 0.
    pub windowed: bool,
    pub phase: Phase,
    /// The request that fetches it, once there is one.
    pub transfer: Option<TransferNo>,
    /// Bytes that arrived, the overlap not counted.
    pub received: u64,
    /// Of these, handed to the store.
    pub queued: u64,
    /// When the oldest byte in hand arrived, or the head as long as there is no byte.
    pub waiting_since: Option<Timestamp>,
    /// When something last happened, and when it was requested.
    pub active: Timestamp,
    pub requested: Timestamp,
    /// When bytes last arrived; 0 before the first.
    pub heard: Timestamp,
    /// Whether a read is on its way.
    pub reading: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Planned,
    Requested,
    Comparing,
    Receiving,
    Done,
}

impl Segment {
    pub fn planned(start: u64, end: Option<u64>, take: Take) -> Self {
        Self {
            start,
            end,
            overlap: 0,
            take,
            windowed: false,
            phase: Phase::Planned,
            transfer: None,
            received: 0,
            queued: 0,
            waiting_since: None,
            active: Timestamp::default(),
            requested: Timestamp::default(),
            heard: Timestamp::default(),
            reading: false,
        }
    }

    /// The rest of a body from `start` on, proved by `overlap` bytes before it (0: by a validator).
    pub fn rest(start: u64, overlap: u64) -> Self {
        Self {
            overlap,
            ..Self::planned(start, None, Take::Stream)
        }
    }

    /// Whether it was asked for without a range.
    pub fn plain(&self) -> bool {
        self.start == 0 && !self.windowed
    }

    /// Offset after the last byte that arrived.
    pub fn position(&self) -> u64 {
        self.start + self.received
    }

    /// Whether something is to come over its connection, and somebody listens.
    pub fn expects(&self) -> bool {
        match self.phase {
            Phase::Requested => true,
            Phase::Comparing | Phase::Receiving => self.reading,
            Phase::Planned | Phase::Done => false,
        }
    }

    pub fn in_hand(&self) -> u64 {
        self.received - self.queued
    }

    /// Bytes of it that are on their way; 0 where nobody can tell, because they come all at once or to the
    /// end of the body.
    pub fn to_come(&self) -> u64 {
        match (self.take, self.end) {
            (Take::Stream, Some(end)) => end.saturating_sub(self.position()),
            _ => 0,
        }
    }

    /// Whether it has nothing left to give.
    pub fn drained(&self) -> bool {
        self.phase == Phase::Done && self.in_hand() == 0
    }
}
