//! [Temporarily unavailable](https://wicg.github.io/background-fetch/#infrastructure): which origin may
//! be asked when, and how many requests it gets at once.

use super::pace::Pace;
use super::time::Timestamp;

/// The first wait after a failure; doubles with each one.
const FIRST_DELAY: u64 = 1_000;
/// The longest wait that the engine chooses itself.
const LONGEST_DELAY: u64 = 60_000;
/// The longest wait that a server may ask for: a day.
const LONGEST_RETRY_AFTER: u64 = 24 * 60 * 60 * 1_000;
/// More failures in a row than this are an outage.
const BAD_MOMENT: u32 = 2;
/// A request without an answer lets others go to a server that failed after so long, in milliseconds:
/// some may be silent for an hour.
const SILENT: u64 = 30_000;
/// Records up to here count as small.
pub(super) const SMALL: u64 = 256 << 10;

#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub name: String,
    /// Requests on the wire, and how many have been waited for in vain: others go meanwhile.
    in_flight: usize,
    overdue: usize,
    pace: Pace,
    /// Whether what was asked for last came before a part of it would have been written: a drop costs
    /// no more then if a short body is taken in one piece.
    pub swift: bool,
    /// Failures since anything last arrived; those of requests that were under way together count once.
    failures: u32,
    last_failure: Timestamp,
    /// Whether the first of them has been looked into.
    questioned: bool,
    last_sent: Timestamp,
    /// No request before this moment, by our own choice and by the server's.
    not_before: Timestamp,
    asked: Timestamp,
}

impl Origin {
    pub fn new(name: String) -> Self {
        Self {
            name,
            in_flight: 0,
            overdue: 0,
            pace: Pace::default(),
            swift: false,
            failures: 0,
            last_failure: Timestamp::default(),
            questioned: false,
            last_sent: Timestamp::default(),
            not_before: Timestamp::default(),
            asked: Timestamp::default(),
        }
    }

    /// Whether another request may be sent now.
    pub fn has_room(&self, now: Timestamp) -> bool {
        now >= self.next_try() && self.in_flight < self.pace.limit
    }

    /// Whether it failed, and nothing has arrived since.
    pub fn in_trouble(&self) -> bool {
        self.failures > 0
    }

    /// Whether none of its requests is on the wire.
    pub fn idle(&self) -> bool {
        self.in_flight == 0
    }

    /// When the next request may be sent. A server that failed is asked by one request at a time until
    /// something arrives again, as many as are overdue not counted; and not more than once in a second,
    /// whatever the jitter or the platform says.
    pub fn next_try(&self) -> Timestamp {
        let pace = match self.failures {
            0 => Timestamp::default(),
            _ if self.in_flight > self.overdue => self.last_sent + SILENT,
            _ => self.last_sent + FIRST_DELAY,
        };
        self.not_before.max(self.asked).max(pace)
    }

    /// A request, or a probe, goes out.
    pub fn sent(&mut self, now: Timestamp) {
        self.overdue = match self.failures {
            0 => 0,
            _ => self.in_flight,
        };
        self.in_flight += 1;
        self.last_sent = now;
    }

    /// A probe had no answer. It may have asked twice, the second time just now.
    pub fn silent(&mut self, now: Timestamp) {
        self.last_sent = now;
    }

    /// A request is no longer on the wire.
    pub fn came_back(&mut self) {
        self.in_flight -= 1;
    }

    /// A record of this length is complete: small ones tell how many of them are best asked for at once.
    pub fn completed(&mut self, now: Timestamp, length: u64) {
        if length <= SMALL {
            self.pace.came(now, self.in_flight + 1 >= self.pace.limit);
        } else {
            self.pace = Pace::default();
        }
    }

    /// Bytes arrived, or a body came to its end: `true` if that ends an outage. A head alone proves little:
    /// what follows it may fail each time.
    pub fn progressed(&mut self) -> bool {
        self.questioned = false;
        std::mem::take(&mut self.failures) > BAD_MOMENT
    }

    /// The application asks for something new: that is not made to wait for what failed before,
    /// unless the server said how long.
    pub fn demanded(&mut self, now: Timestamp) {
        self.progressed();
        self.not_before = now;
    }

    /// Whether a request without an answer is the first one since anything arrived, so that a
    /// question can tell at once whose fault it is.
    pub fn question(&mut self) -> bool {
        let first = self.failures == 0 && !self.questioned;
        self.questioned = true;
        first
    }

    /// A request of the moment `requested` failed. Waits before the next one: as long as the server
    /// asks, else twice as long as the last time, with full jitter so that many clients do not come
    /// back together.
    pub fn failed(
        &mut self,
        now: Timestamp,
        requested: Timestamp,
        retry_after: Option<u64>,
        jitter: &mut Jitter,
    ) {
        self.swift = false;
        let asked = retry_after.map(|asked| asked.clamp(FIRST_DELAY, LONGEST_RETRY_AFTER));
        self.asked = self
            .asked
            .max(asked.map_or(self.asked, |asked| now + asked));
        if self.failures == 0 || requested > self.last_failure {
            let ceiling = FIRST_DELAY << self.failures.min(16);
            let delay = jitter.up_to(ceiling.min(LONGEST_DELAY));
            self.failures = self.failures.saturating_add(1);
            self.last_failure = now;
            self.not_before = self.not_before.max(now + delay);
        }
    }

    /// It can be reached, the platform has a network again, or the user asks for it: no reason to wait
    /// any longer, unless the server gave one.
    pub fn retry(&mut self, now: Timestamp) {
        self.not_before = now;
        self.failures = self.failures.min(1);
    }
}

/// A sequence of numbers that looks random. Its seed comes from outside, like everything else.
#[derive(Clone, Debug)]
pub(super) struct Jitter(u64);

impl Jitter {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number from 0 to `ceiling`, included (xorshift64*, Vigna 2016).
    pub fn up_to(&mut self, ceiling: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) % (ceiling + 1)
    }
}
