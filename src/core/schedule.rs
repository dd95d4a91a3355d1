//! Which record gets the next request: in order, a few at a time, never more than an origin can take, and
//! in turns where a server is in trouble.

use super::Core;
use super::ids::{FetchNo, RecordKey};
use super::patience::Rests;
use super::record::{Record, RecordState};
use super::time::{Timestamp, earliest};

/// Requests on the wire, over all origins.
pub(super) const REQUESTS: usize = 24;

impl Core {
    /// Fills free slots: first the rest of records under way, then new ones, background fetch by
    /// background fetch in the order in which they were started. Those that rest come last; gives the time
    /// at which the first of them will have rested whose server could be asked.
    pub(super) fn fill(&mut self) -> Option<Timestamp> {
        if self.now < self.network_not_before {
            return None;
        }
        let running = self.fetches.values().filter(|fetch| fetch.running());
        let active: Vec<FetchNo> = running.map(|fetch| fetch.no).collect();
        let mut rests = Rests {
            now: self.now,
            heartened: self.network_not_before,
            until: None,
        };
        self.take_turns(&active, false);
        for &no in &active {
            let open = self.fetches.get(&no).map(|fetch| fetch.open.clone());
            for index in open.unwrap_or_default() {
                let key = RecordKey { fetch: no, index };
                let record = self.look(key);
                if record.is_some_and(|record| rests.over(&record.patience)) {
                    self.send_planned(key);
                }
            }
            self.fill_waiting(no, &mut rests);
        }
        self.take_turns(&active, true);
        rests.until
    }

    /// A server in trouble is asked by one request at a time, as long as that is not overdue. All who wait
    /// for it take turns, lest one that can never be had keep the others from finding out that they can. So
    /// do those that rest, where nothing else is left to ask for, or to come.
    fn take_turns(&mut self, active: &[FetchNo], left: bool) {
        for origin in 0..self.origins.len() {
            let asked = &self.origins[origin];
            let turns = (left && asked.idle() || asked.in_trouble()) && asked.has_room(self.now);
            if !turns || self.transfers.len() >= REQUESTS || self.hands_full(0) {
                continue;
            }
            let Some(key) = self.whose_turn(origin, active) else {
                continue;
            };
            let waiting = |record: &Record| matches!(record.state, RecordState::Waiting);
            match self.look(key).is_some_and(waiting) {
                true => self.open(key),
                false => self.send_planned(key),
            }
        }
    }

    /// Whose turn is not over, or who waited longest; what cannot be sent again comes last.
    fn whose_turn(&self, origin: usize, active: &[FetchNo]) -> Option<RecordKey> {
        let (mut first, mut least) = (None, u64::MAX);
        for &no in active {
            let Some(fetch) = self.fetches.get(&no) else {
                continue;
            };
            for &index in fetch.open.iter().chain(fetch.waiting.of(origin)) {
                let record = &fetch.records[index.place()];
                let waits = record.waits();
                if record.origin == origin && waits < least {
                    least = waits;
                    first = Some(RecordKey { fetch: no, index });
                }
            }
        }
        first
    }

    fn fill_waiting(&mut self, no: FetchNo, rests: &mut Rests) {
        while self.transfers.len() < REQUESTS && !self.hands_full(0) {
            let (now, origins) = (self.now, &self.origins);
            let Some(fetch) = self.fetches.get(&no) else {
                return;
            };
            let index = fetch.waiting.first(
                |origin| origins[origin].has_room(now),
                |index| rests.over(&fetch.records[index.place()].patience),
            );
            let Some(index) = index else {
                return;
            };
            self.open(RecordKey { fetch: no, index });
        }
    }

    /// Whether an origin has a connection to spare that no record waits for.
    pub(super) fn idle(&self, origin: usize) -> bool {
        let mut waiting = self.fetches.values().filter(|fetch| fetch.running());
        self.origins[origin].has_room(self.now) && !waiting.any(|fetch| fetch.waiting.has(origin))
    }

    /// When somebody who waits for an origin or the network may go on.
    pub(super) fn next_turn(&self) -> Option<Timestamp> {
        let origins = self.origins.iter().map(|origin| origin.next_try());
        origins
            .chain([self.network_not_before])
            .filter(|&at| at > self.now)
            .fold(None, |next, at| earliest(next, Some(at)))
    }

    /// The number of an origin, by name.
    pub(super) fn origin(&mut self, name: &str) -> usize {
        if let Some(place) = self.origins.iter().position(|origin| origin.name == name) {
            return place;
        }
        self.origins
            .push(super::availability::Origin::new(name.to_owned()));
        self.origins.len() - 1
    }
}
