//! How many windows of one body are asked for at once.
//!
//! Two keep the line busy. More are faster only where something gives each connection its share, and
//! nobody says so; it is tried, one window at a time, and given up where it did not help:
//!
//! ```text
//!  measure with n ──▶ try n + 1 ──▶ clearly faster? ──▶ go on from n + 1
//!        ▲                                │ no
//!        └──────── a while ───────────────┘
//! ```

use super::time::Timestamp;

/// Two windows keep the line busy while the answer to the next is on its way.
pub(super) const USUAL: usize = 2;
/// However much more would help: the server has others to serve.
pub(super) const MOST_WINDOWS: usize = 4;
/// How long each connection is listened to before its speed counts, in milliseconds.
const LISTEN: u64 = 250;
/// And how often it must have given something.
const PARTS: u64 = 4;
/// How long after a try in vain the next one comes; doubles with each of them.
const AGAIN: u64 = 1_000;
/// Doubled so often at most.
const DOUBLINGS: u32 = 6;
/// Where the server refused: some eight minutes, since it may have said that all others must wait for one.
const REFUSED: u32 = 9;

/// Measures connections while so many of them are busy as should be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parallel {
    level: usize,
    most: usize,
    /// What all windows together brought before the last one was added, while that is a try.
    before: Option<u64>,
    /// Tries in vain, and when the next one may come.
    vain: u32,
    not_before: Timestamp,
    /// Since when so many windows as should be have been giving bytes.
    since: Timestamp,
    /// What they gave since, and for how long each of them was listened to, in sum.
    bytes: u64,
    millis: u64,
    parts: u64,
}

impl Parallel {
    /// At most so many at once.
    pub fn new(most: usize) -> Self {
        Self {
            level: USUAL.min(most),
            most,
            before: None,
            vain: 0,
            not_before: Timestamp::default(),
            since: Timestamp::default(),
            bytes: 0,
            millis: 0,
            parts: 0,
        }
    }

    /// How many windows are asked for at once.
    pub fn level(&self) -> usize {
        self.level
    }

    /// A window brought bytes, for which it was listened to since `last`, while `busy` of them do.
    pub fn heard(&mut self, now: Timestamp, last: Timestamp, busy: usize, length: u64) {
        if busy != self.level {
            // One of them waits for its answer, and the others have its share of the line; or one is left
            // over from a try.
            self.since = now;
            return;
        }
        if last < self.since || last == Timestamp::default() {
            return;
        }
        self.bytes += length;
        self.millis += now.since(last);
        self.parts += 1;
        let level = self.level as u64;
        if self.millis >= LISTEN * level && self.parts >= PARTS * level {
            self.decide(now);
        }
    }

    fn decide(&mut self, now: Timestamp) {
        let level = self.level as u64;
        let speed = self.bytes.saturating_mul(1_000 * level) / self.millis;
        // A window more is worth its request if it brings half of what one brought before.
        let helped = |before: u64| speed * 2 * (level - 1) >= before * (2 * level - 1);
        let vain = self.before.take().is_some_and(|before| !helped(before));
        if vain {
            self.level -= 1;
            self.wait(now);
        } else if self.level < self.most && now >= self.not_before {
            self.level += 1;
            self.before = Some(speed);
        }
        self.measure_anew(now);
    }

    /// It is not the network that is waited for.
    pub fn retreat(&mut self, now: Timestamp) {
        self.level = self.level.min(USUAL);
        self.before = None;
        self.wait(now);
        self.measure_anew(now);
    }

    /// The server has something against one more window beside those that it serves: two, or one, must do.
    pub fn refused(&mut self, now: Timestamp) {
        self.level = 1.max(self.level - 1);
        self.vain = REFUSED;
        self.retreat(now);
    }

    fn wait(&mut self, now: Timestamp) {
        self.not_before = now + (AGAIN << self.vain);
        self.vain = (self.vain + 1).min(DOUBLINGS);
    }

    fn measure_anew(&mut self, now: Timestamp) {
        self.since = now;
        (self.bytes, self.millis, self.parts) = (0, 0, 0);
    }
}
