//! [Temporarily unavailable](https://wicg.github.io/background-fetch/#infrastructure): which origin may
//! be asked when, and how many requests it gets at once.

use super::time::Timestamp;

/// The first wait after a failure; doubles with each one.
const FIRST_DELAY: u64 = 1_000;
/// The longest wait that the engine chooses itself.
const LONGEST_DELAY: u64 = 60_000;
/// The longest wait that a server may ask for: a day.
const LONGEST_RETRY_AFTER: u64 = 24 * 60 * 60 * 1_000;
/// Browsers open no more connections to a host over HTTP/1.1.
const CONNECTIONS: usize = 6;
/// Small records cost a round trip each, so that more of them at once are faster wherever the protocol
/// allows it.
const SMALL_REQUESTS: usize = 16;
/// Records up to here count as small.
pub(super) const SMALL: u64 = 256 << 10;

#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub name: String,
    /// Requests on the wire.
    pub in_flight: usize,
    /// No request before this moment.
    pub not_before: Timestamp,
    /// Failures since anything last arrived.
    pub failures: u32,
    limit: usize,
}

impl Origin {
    pub fn new(name: String) -> Self {
        Self {
            name,
            in_flight: 0,
            not_before: Timestamp::default(),
            failures: 0,
            limit: CONNECTIONS,
        }
    }

    /// Whether another request may be sent now. A server that failed is asked by one request at a time
    /// until something arrives again.
    pub fn has_room(&self, now: Timestamp) -> bool {
        let limit = if self.failures == 0 { self.limit } else { 1 };
        now >= self.not_before && self.in_flight < limit
    }

    /// A record of this length is complete: small ones make room for more at once, large ones take it.
    pub fn completed(&mut self, length: u64) {
        self.limit =
            if length <= SMALL { (self.limit + 1).min(SMALL_REQUESTS) } else { CONNECTIONS };
    }

    pub fn answered(&mut self) {
        self.failures = 0;
    }

    /// Waits before the next request: as long as the server asks, else twice as long as the last time,
    /// with full jitter so that many clients do not come back together.
    pub fn failed(&mut self, now: Timestamp, retry_after: Option<u64>, jitter: &mut Jitter) {
        let ceiling = FIRST_DELAY.saturating_mul(1 << self.failures.min(16)).min(LONGEST_DELAY);
        let delay = match retry_after {
            Some(asked) => asked.clamp(FIRST_DELAY, LONGEST_RETRY_AFTER),
            None => jitter.up_to(ceiling),
        };
        self.failures = self.failures.saturating_add(1);
        // At most one request a second goes to a server that refuses, whatever the jitter says.
        let pace = if self.failures > 1 { FIRST_DELAY } else { 0 };
        self.not_before = self.not_before.max(now + delay.max(pace));
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
