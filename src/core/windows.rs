//! How a large body is divided into windows: parts of bounded length, several of them at once.

use super::Core;
use super::ids::{RecordKey, TransferNo};
use super::output::{Output, Take};
use super::parallel::{MOST_WINDOWS, Parallel, USUAL};
use super::segment::Segment;

impl Core {
    /// Turns a plain response into a series of windows once its head promises that they fit together
    /// and enough has come to measure the speed. `true` when it did.
    ///
    /// Firefox and WebKit read a body whether anybody takes it or not; bounded requests are the only
    /// way to keep them from holding all of it in memory.
    pub(super) fn continue_in_windows(&mut self, key: RecordKey, transfer: TransferNo) -> bool {
        let (now, limits) = (self.now, self.windows);
        let Some(record) = self.record(key) else {
            return false;
        };
        let Some(segment) = record.segments.front().filter(|segment| segment.plain()) else {
            return false;
        };
        let (next, length) = (segment.position(), segment.received);
        let millis = now.since(segment.requested);
        let Some(total) = record.windowed(next) else {
            return false;
        };
        let mut windows = Windows::first(next, total, limits);
        windows.measure(length, millis);
        record.windows = Some(windows);
        if let Some(segment) = record.segment(transfer) {
            segment.end = Some(next);
        }
        self.outputs.push_back(Output::Stop(transfer));
        self.segment_done(key, transfer);
        true
    }

    /// Plans the next windows of a record: two whenever there are two to come, a third and a fourth
    /// where they help and no other record waits for their connections.
    pub(super) fn plan_windows(&mut self, key: RecordKey) {
        let (now, full) = (self.now, self.hands_full(1));
        let Some(origin) = self.look(key).map(|record| record.origin) else {
            return;
        };
        let idle = self.idle(origin);
        let Some(record) = self.record(key) else {
            return;
        };
        let Some(windows) = &mut record.windows else {
            return;
        };
        if full && windows.level() > USUAL {
            windows.parallel.retreat(now);
        }
        let level = match idle {
            true => windows.level(),
            false => windows.level().min(USUAL),
        };
        while record.segments.len() < level {
            // A third one keeps the line busy when two of them wait.
            let others = record.segments.iter().take_while(|_| level <= USUAL);
            let to_come = others.map(Segment::to_come).max();
            let Some(window) = windows.next(to_come.unwrap_or(0)) else {
                return;
            };
            record.segments.push_back(window);
        }
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
            most: MOST_WINDOWS,
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
            Take::Whole => self.parallel.level().min(USUAL),
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
