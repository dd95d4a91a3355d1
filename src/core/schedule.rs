//! Which record gets the next request: in order, a few at a time, never more than an origin can take.

use super::Core;
use super::background_fetch::{FailureReason, Phase as FetchPhase};
use super::http::trustworthy;
use super::ids::{FetchNo, RecordKey, TransferNo};
use super::output::{Output, Overlap, Range, RecordWrite, Take, Transfer, Write};
use super::parallel::WINDOWS;
use super::patience::{Probe, Rests};
use super::record::{Record, RecordState};
use super::segment::{Phase, Segment, Windows};
use super::time::{Timestamp, earliest};

/// Requests on the wire, over all origins.
const REQUESTS: usize = 24;

impl Core {
    /// Fills free slots: first the rest of records under way, then new ones, background fetch by
    /// background fetch in the order in which they were started. Those that rest come last.
    pub(super) fn fill(&mut self) {
        self.rest_until = None;
        if self.now < self.network_not_before {
            return;
        }
        let runs =
            |fetch: &&super::BackgroundFetch| fetch.phase == FetchPhase::Active && !fetch.paused;
        let running = self.fetches.values().filter(runs);
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
                if self
                    .look(key)
                    .is_some_and(|record| rests.over(&record.patience))
                {
                    self.send_planned(key);
                }
            }
            self.fill_waiting(no, &mut rests);
        }
        self.rest_until = rests.until;
        self.take_turns(&active, true);
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
                let record = &fetch.records[index.0 as usize];
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
                |index| rests.over(&fetch.records[index.0 as usize].patience),
            );
            let Some(index) = index else {
                return;
            };
            self.open(RecordKey { fetch: no, index });
        }
    }

    /// Takes a record from waiting to in flight: plain from the start, or on from what is stored.
    fn open(&mut self, key: RecordKey) {
        self.take_off(key);
        let (now, limits, offline) = (self.now, self.windows, !self.online);
        let own_origin = self.own_origin.clone();
        let Some(record) = self.record(key) else {
            return;
        };
        if trustworthy(&own_origin) && !trustworthy(&record.request.origin) {
            // Browsers block it, most of them; no second try could change that.
            return self.fail_record(key, FailureReason::FetchError);
        }
        // What must not be sent twice is not risked on a network that is said to be gone.
        let risky = offline && !record.request.repeatable();
        if record.patience.probe == Probe::Due || risky {
            let slot = self.take_slot(key);
            self.put_on(key, RecordState::Probing { slot, since: now });
            return self.outputs.push_back(Output::Probe(key));
        }
        if !record.request.repeatable() {
            return self.open_once(key);
        }
        let from = record.data.queued;
        if record.data.sure && record.final_result().is_some() {
            // Killed, or dropped, between the last byte and the result.
            self.put_on(key, RecordState::InFlight);
            return self.flush(key);
        }
        match record.proof(from) {
            Some(_) if from > 0 && record.windowed(from).is_some() => {
                record.windows = record
                    .windowed(from)
                    .map(|total| Windows::first(from, total, limits));
            }
            Some(overlap) if from > 0 => record.segments.push_back(Segment::rest(from, overlap)),
            _ if from > 0 => return self.restart(key),
            _ => record
                .segments
                .push_back(Segment::planned(0, None, Take::Stream)),
        }
        self.put_on(key, RecordState::InFlight);
        self.send_planned(key);
    }

    /// A request that must not be sent twice is not sent before the store knows of it.
    fn open_once(&mut self, key: RecordKey) {
        if self
            .record(key)
            .is_none_or(|record| record.data.attempt > 0)
        {
            // It was sent, in this life or in one before, and nobody knows what its server did.
            return self.fail_record(key, FailureReason::FetchError);
        }
        let slot = self.take_slot(key);
        let Some(record) = self.record(key) else {
            return;
        };
        record.data.attempt = 1;
        record.state = RecordState::Marking { slot };
        self.writes.push(Write::Record(RecordWrite {
            key,
            attempt: 1,
            first: true,
            head: None,
            chunk: None,
            stored: 0,
            result: None,
        }));
    }

    /// The store knows that the request is sent: it may be, at its origin's next turn.
    pub(super) fn marked(&mut self, key: RecordKey) {
        let Some(record) = self.record(key) else {
            return;
        };
        if let RecordState::Marking { slot } = record.state {
            record
                .segments
                .push_back(Segment::planned(0, None, Take::Stream));
            self.release(slot);
            self.put_on(key, RecordState::InFlight);
        }
    }

    fn send_planned(&mut self, key: RecordKey) {
        self.plan_windows(key);
        while self.transfers.len() < REQUESTS {
            let now = self.now;
            let Some(record) = self.record(key) else {
                return;
            };
            let Some(place) = record.planned() else {
                return;
            };
            let origin = record.origin;
            if !self.origins[origin].has_room(now) || self.hands_full(place) {
                return;
            }
            let slot = self.take_slot(key);
            self.request(key, place, slot);
        }
    }

    /// Plans the next windows of a record: two whenever there are two to come, a third and a fourth
    /// where they help and no other record waits for their connections.
    fn plan_windows(&mut self, key: RecordKey) {
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
        if full && windows.level() > WINDOWS {
            windows.parallel.retreat(now);
        }
        let level = match idle {
            true => windows.level(),
            false => windows.level().min(WINDOWS),
        };
        while record.segments.len() < level {
            // A third one keeps the line busy when two of them wait.
            let others = record.segments.iter().take_while(|_| level <= WINDOWS);
            let to_come = others.map(Segment::to_come).max();
            let Some(window) = windows.next(to_come.unwrap_or(0)) else {
                return;
            };
            record.segments.push_back(window);
        }
    }

    /// Whether an origin has a connection to spare that no record waits for.
    fn idle(&self, origin: usize) -> bool {
        let runs =
            |fetch: &&super::BackgroundFetch| fetch.phase == FetchPhase::Active && !fetch.paused;
        let mut waiting = self.fetches.values().filter(runs);
        self.origins[origin].has_room(self.now) && !waiting.any(|fetch| fetch.waiting.has(origin))
    }

    fn request(&mut self, key: RecordKey, place: usize, slot: TransferNo) {
        let now = self.now;
        let own_origin = self.own_origin.clone();
        let Some(record) = self.record(key) else {
            return;
        };
        let if_range = if_range(record, &own_origin);
        let attempt = record.data.attempt;
        let segment = &mut record.segments[place];
        segment.phase = Phase::Requested;
        segment.transfer = Some(slot);
        segment.requested = now;
        segment.active = now;
        let (start, length) = (segment.start - segment.overlap, segment.overlap);
        let range = (!segment.plain()).then_some(Range {
            start,
            end: segment.end,
        });
        let transfer = Transfer {
            no: slot,
            key,
            range,
            if_range: if_range.filter(|_| range.is_some() && length == 0),
            overlap: (length > 0).then_some(Overlap { attempt, length }),
            no_store: attempt > 0 && record.request.repeatable(),
            take: segment.take,
        };
        self.outputs.push_back(Output::Request(transfer));
    }

    /// Takes a slot on the wire for a request or a probe.
    fn take_slot(&mut self, key: RecordKey) -> TransferNo {
        let now = self.now;
        self.last_transfer += 1;
        let slot = TransferNo(self.last_transfer);
        self.transfers.insert(slot, key);
        if let Some(record) = self.record(key) {
            record.patience.asked(now);
            let origin = record.origin;
            self.origins[origin].sent(now);
        }
        slot
    }

    /// A request is no longer on the wire; `false` if it was not.
    pub(super) fn release(&mut self, slot: TransferNo) -> bool {
        let Some(key) = self.transfers.remove(&slot) else {
            return false;
        };
        if let Some(origin) = self.look(key).map(|record| record.origin) {
            self.origins[origin].came_back();
        }
        true
    }

    /// Nothing more is wanted of a transfer than what commits that wait will ask for.
    pub(super) fn spend(&mut self, transfer: TransferNo) {
        let on_the_wire = self.release(transfer);
        if self.writes.spend(transfer) {
            self.outputs.push_back(Output::Drop(transfer));
        } else if on_the_wire {
            self.outputs.push_back(Output::Stop(transfer));
        }
    }

    /// Gives up the requests of a record and the bytes in hand, except one.
    pub(super) fn cut(&mut self, key: RecordKey, keep: Option<TransferNo>) {
        let cut = self.change(key, |record| {
            let mut cut = Vec::new();
            record.segments.retain(|segment| {
                let kept = keep.is_some() && segment.transfer == keep;
                if !kept {
                    cut.extend(segment.transfer);
                }
                kept
            });
            cut
        });
        for transfer in cut.into_iter().flatten() {
            self.spend(transfer);
        }
    }

    /// Gives up what is under way for a record, bytes that wait to be stored included.
    pub(super) fn discard(&mut self, key: RecordKey, keep: Option<TransferNo>) {
        for transfer in self.writes.forget(key) {
            self.outputs.push_back(Output::Drop(transfer));
        }
        self.cut(key, keep);
    }

    fn put_on(&mut self, key: RecordKey, state: RecordState) {
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else {
            return;
        };
        fetch.open.push(key.index);
        if let Some(record) = fetch.record(key.index) {
            record.state = state;
        }
    }

    /// Takes a record out of whatever it waits in; its next state is up to the caller.
    pub(super) fn take_off(&mut self, key: RecordKey) {
        let Some(record) = self.record(key) else {
            return;
        };
        let (state, origin) = (record.state.clone(), record.origin);
        if let RecordState::Probing { slot, .. } | RecordState::Marking { slot } = state {
            self.release(slot);
        }
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else {
            return;
        };
        match state {
            RecordState::Waiting => fetch.waiting.remove(origin, key.index),
            _ => fetch.open.retain(|&open| open != key.index),
        }
    }

    /// Stops all requests of a background fetch, keeping every byte that can be continued from.
    pub(super) fn suspend(&mut self, no: FetchNo) {
        let open = self.fetches.get(&no).map(|fetch| fetch.open.clone());
        for index in open.unwrap_or_default() {
            self.go_back(RecordKey { fetch: no, index });
        }
    }

    /// When somebody who waits for an origin or the network, or who rests, may go on.
    pub(super) fn next_turn(&self) -> Option<Timestamp> {
        let origins = self.origins.iter().map(|origin| origin.next_try());
        origins
            .chain([self.network_not_before])
            .filter(|&at| at > self.now)
            .fold(self.rest_until, |next, at| earliest(next, Some(at)))
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

/// The validator that makes a server send the whole body instead of a part of another version. Across
/// origins it would cost a preflight that most servers do not answer.
fn if_range(record: &Record, own_origin: &str) -> Option<String> {
    let head = record.data.head.as_ref()?;
    let own = record.request.origin == own_origin && head.same_origin;
    let validator = head.strong_validator().filter(|_| own)?;
    Some(validator.value().to_owned())
}
