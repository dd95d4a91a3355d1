//! How often a record was asked for in vain, and what that means for its next turn. Begins anew with every
//! life of the worker.

use super::ids::CommitNo;
use super::time::{Timestamp, earliest};

/// A record is given up after this many failures in a row...
const TRIES: u32 = 8;
/// ...once this much time has passed since the first of them, in milliseconds...
const TIME: u64 = 10 * 60 * 1_000;
/// ...or this much where bytes would be lost that could be continued: on a train the platform says "online"
/// all the time, and tunnels are long.
const TIME_WITH_BYTES: u64 = 60 * 60 * 1_000;
/// After so many failures in a row others go first...
const BAD_LUCK: u32 = 3;
/// ...until this much time has passed since the last one, in milliseconds; twice as much with each
/// failure more.
const REST: u64 = 1_000;
/// How often that is doubled at most.
const DOUBLINGS: u32 = 6;
/// What takes longer may have been dropped on its way; a body that fails its `integrity` sooner, twice,
/// came whole.
pub(super) const BRIEF: u64 = 2_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Patience {
    /// The most bytes any attempt has taken, and the most from its start on without a gap: only more than
    /// one of them is progress. Of windows that were given up, the second alone knows nothing.
    furthest: u64,
    reached: u64,
    /// Failures since the last progress.
    pub fruitless: u32,
    /// When the first of them was; `None` while there is none.
    since: Option<Timestamp>,
    /// When it was last asked for, or failed; 0 for never.
    tried: Timestamp,
    /// Whether its turn is not over: what answered is asked for more at once.
    turn: bool,
    /// How many writes were lost since the last one that was stored, and the last transaction that had
    /// begun by then: those up to it fail for the same reason.
    pub lost_writes: u32,
    pub lost_until: CommitNo,
    /// Whether the server ever had a good answer.
    pub welcomed: bool,
    pub probe: Probe,
    /// How often the server answered a probe but not the request after it.
    pub refusals: u32,
}

/// A question aside whether the server answers at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Probe {
    /// There is no reason to ask.
    #[default]
    Idle,
    /// The next turn of the record goes to a probe.
    Due,
    /// The server answers: if the next request fails again, it is refused.
    Reachable,
    /// It answers with a redirect that leads nowhere.
    Misled,
}

impl Patience {
    /// So many bytes are stored.
    pub fn begin_at(&mut self, stored: u64) {
        self.furthest = stored;
        self.reached = stored;
    }

    /// `taken` bytes of an attempt have arrived, `reach` of them without a gap: `true` if that is further
    /// than ever.
    pub fn progressed(&mut self, taken: u64, reach: u64) -> bool {
        let further = taken > self.furthest || reach > self.reached;
        if further {
            self.furthest = self.furthest.max(taken);
            self.reached = self.reached.max(reach);
            self.fruitless = 0;
            self.since = None;
        }
        further
    }

    /// It is asked for.
    pub fn asked(&mut self, now: Timestamp) {
        self.tried = now;
        self.turn = false;
    }

    /// A question was answered, or the request: what comes next is asked for in the same turn.
    pub fn heard(&mut self) {
        self.turn = true;
    }

    /// Since when its next turn is due: since ever, if it has not had all of one.
    pub fn waits(&self) -> u64 {
        match self.turn {
            true => 0,
            false => self.tried.as_millis() + 1,
        }
    }

    /// A try failed. A question about it belongs to the same turn, unless its last request was long ago.
    pub fn failed(&mut self, now: Timestamp) {
        let brief = now.since(self.tried) < BRIEF;
        self.tried = now;
        self.turn = brief && self.probe == Probe::Due;
        self.fruitless += 1;
        self.since.get_or_insert(now);
    }

    /// There is a new reason to try, or a new way: the time since the first failure does not count, and the
    /// request itself is a better question now than any aside.
    pub fn take_heart(&mut self) {
        self.since = None;
        if self.probe == Probe::Due {
            self.probe = Probe::Idle;
        }
    }

    /// Whether the next failure is the last one, of a record that loses bytes with it or none.
    pub fn ends(&self, now: Timestamp, loses: bool) -> bool {
        let since = self.since.unwrap_or(now);
        let time = if loses { TIME_WITH_BYTES } else { TIME };
        self.fruitless + 1 >= TRIES && now.since(since) >= time
    }

    /// Whether nothing has failed yet, so that the first failure is worth a question.
    pub fn unasked(&self) -> bool {
        self.fruitless == 0 && self.probe == Probe::Idle && !self.welcomed
    }

    /// Whether as many tries as that have failed in a row since the last such moment.
    pub fn again(&self) -> bool {
        self.fruitless % TRIES == TRIES - 1
    }

    /// Whether many requests were in vain with the next failure, and no byte ever came.
    pub fn in_vain(&self) -> bool {
        self.furthest == 0 && self.fruitless + 1 >= TRIES
    }

    /// What comes now are other bytes, and the first of them are progress.
    pub fn begin_anew(&mut self) {
        self.turn = false;
        self.since = None;
        self.begin_at(0);
    }

    /// Something answered the request itself.
    pub fn answered(&mut self) {
        self.heard();
        self.probe = Probe::Idle;
        self.refusals = 0;
    }
}

/// Who lets others go first that wait for the same server, because it failed again and again: unless its
/// turn is not over, or there was a reason to try since.
#[derive(Debug)]
pub(super) struct Rests {
    pub now: Timestamp,
    /// When there last was a reason to try.
    pub heartened: Timestamp,
    /// When the first of those that were looked at will have rested.
    pub until: Option<Timestamp>,
}

impl Rests {
    /// Whether somebody may be asked for.
    pub fn over(&mut self, patience: &Patience) -> bool {
        let more = patience.fruitless.checked_sub(BAD_LUCK);
        let more = more.filter(|_| !patience.turn && patience.tried > self.heartened);
        let until = more.map(|more| patience.tried + (REST << more.min(DOUBLINGS)));
        let until = until.filter(|&until| until > self.now);
        self.until = earliest(self.until, until);
        until.is_none()
    }
}
