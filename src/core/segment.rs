//! A part of a body that one request fetches, and how a large body is divided into such parts.

use super::ids::TransferNo;
use super::output::Take;
use super::parallel::{MOST, Parallel, WINDOWS};
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

/// What windows must not exceed, anywhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// At once, of one body.
    pub most: usize,
    /// Bytes in one of them.
    pub longest: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            most: MOST,
            longest: 16 << 20,
        }
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
    size: u64,
    longest: u64,
    /// Whether there was a window yet.
    begun: bool,
    /// How the next window is taken.
    take: Take,
    /// How many there are at once.
    pub parallel: Parallel,
}

impl Windows {
    /// The shortest window, and what tells the speed. A kill costs what came of all windows but the
    /// first, however slow they are.
    const SHORTEST: u64 = 256 << 10;
    /// Of those whose speed nobody knows.
    const FIRST: u64 = 512 << 10;
    /// A window takes about this long, in milliseconds: a drop or a kill costs no more, progress moves.
    const TIME: u64 = 500;
    /// From this speed on, in bytes per second, a window is taken whole; below, a drop would cost too
    /// much.
    const WHOLE_SPEED: u64 = 8 << 20;

    /// Windows over a body of which the first `next` bytes are here, before its speed is known.
    pub fn first(next: u64, total: u64, limits: Limits) -> Self {
        Self {
            next,
            total,
            size: Self::FIRST,
            longest: limits.longest,
            begun: false,
            take: Take::Stream,
            parallel: Parallel::new(limits.most),
        }
    }

    /// How many windows there may be at once. Those that are taken whole are fast enough, and large.
    pub fn level(&self) -> usize {
        match self.take {
            Take::Stream => self.parallel.level(),
            Take::Whole => self.parallel.level().min(WINDOWS),
        }
    }

    /// Takes note of how long a part took, if it is long enough to mean anything.
    pub fn measure(&mut self, length: u64, millis: u64) {
        if length < Self::SHORTEST {
            return;
        }
        let speed = length.saturating_mul(1_000) / millis.max(1);
        self.size = (speed / 1_000 * Self::TIME).clamp(Self::SHORTEST, self.longest);
        self.take = match speed >= Self::WHOLE_SPEED {
            true => Take::Whole,
            false => Take::Stream,
        };
    }

    /// Whether there is a next window.
    pub fn more(&self) -> bool {
        self.next < self.total
    }

    /// The next window, while so much is still to come of another one.
    ///
    /// Two that begin together and are equally long would end together, time and again, and the line be
    /// idle while both wait for answers. So the very first is half as long, and one that begins while
    /// another has nearly all of its length before it is half as long again.
    pub fn next(&mut self, to_come: u64) -> Option<Segment> {
        if !self.more() {
            return None;
        }
        let start = self.next;
        let size = match self.begun {
            false => self.size / 2,
            true if to_come > self.size / 8 * 7 => self.longest.min(self.size / 2 * 3),
            true => self.size,
        };
        self.begun = true;
        self.next = self.total.min(start.saturating_add(size));
        let window = Segment::planned(start, Some(self.next), self.take);
        Some(Segment {
            windowed: true,
            ..window
        })
    }
}
