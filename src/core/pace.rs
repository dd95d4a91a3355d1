//! How many small records are asked for at once: more only where more come in a second by it. The
//! application's own requests to the same server wait behind ours, and where the bodies come no faster,
//! they wait for nothing.

use std::cmp::Ordering;

use super::time::Timestamp;

/// Browsers open no more connections to a host over HTTP/1.1; large bodies get no more, and small ones
/// begin so.
const CONNECTIONS: usize = 6;
/// Where that is no faster, some of them stay free.
const LEAST: usize = 4;
/// Small records cost a round trip each, so that many at once are faster where the protocol allows it.
const MOST: usize = 16;
/// A number is measured until each of its slots has been used so often.
const TURNS: usize = 4;
/// For so many measurements the best number is kept before others are tried again.
const KEPT: u8 = 8;

#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// Requests at once.
    pub limit: usize,
    /// The number that has proved best so far, and what it brought: records in 1000 seconds.
    best: usize,
    rate: u64,
    /// Since when the number is measured, and how many records have come by it.
    since: Timestamp,
    came: usize,
    kept: u8,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            limit: CONNECTIONS,
            best: CONNECTIONS,
            rate: 0,
            since: Timestamp::default(),
            came: 0,
            kept: KEPT,
        }
    }
}

impl Pace {
    /// A small record came; `busy`: while as many as allowed were under way.
    pub fn came(&mut self, now: Timestamp, busy: bool) {
        if self.came == 0 || !busy {
            // The first one only tells when the others began to.
            (self.since, self.came) = (now, 1);
            return;
        }
        self.came += 1;
        if self.came <= TURNS * self.limit {
            return;
        }
        let rate = (self.came as u64 - 1) * 1_000_000 / now.since(self.since).max(1);
        self.limit = self.next(rate);
        self.came = 0;
    }

    /// The number to measure after this one brought so much.
    fn next(&mut self, rate: u64) -> usize {
        let more = |limit: usize| (limit + limit / 2).min(MOST);
        let fewer = |limit: usize| (limit - limit / 3).max(LEAST);
        let (limit, best) = (self.limit, self.best);
        match limit.cmp(&best) {
            Ordering::Greater if rate > self.rate / 8 * 9 => {
                (self.best, self.rate) = (limit, rate);
                more(limit)
            }
            Ordering::Greater => fewer(best),
            Ordering::Less if rate > self.rate / 8 * 7 => {
                (self.best, self.rate) = (limit, rate);
                fewer(limit)
            }
            Ordering::Less => best,
            Ordering::Equal => {
                self.rate = rate;
                self.kept += 1;
                if self.kept < KEPT {
                    return best;
                }
                self.kept = 0;
                match more(best) {
                    same if same == best => fewer(best),
                    more => more,
                }
            }
        }
    }
}
