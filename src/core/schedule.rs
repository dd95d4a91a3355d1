//! Which record gets the next request: in order, a few at a time, never more than an origin can take.

use super::Core;
use super::background_fetch::Phase as FetchPhase;
use super::ids::{FetchNo, RecordIndex, RecordKey, TransferNo};
use super::input;
use super::output::{Output, Range, Take, Transfer};
use super::record::{Phase, RecordState, Segment, Windows};
use super::segments;
use super::time::{Timestamp, earliest};

/// Requests on the wire, over all origins.
const REQUESTS: usize = 24;
/// Requests of one record at once: two keep the line busy while the answer to the next is on its way.
const WINDOWS: usize = 2;
/// While the platform says that it is offline, it is asked again this often: it may be wrong.
const OFFLINE: u64 = 60_000;

impl Core {
    /// Fills free slots: first the rest of records under way, then new ones, background fetch by
    /// background fetch in the order in which they were started.
    pub(super) fn fill(&mut self) {
        if self.now < self.network_not_before {
            return;
        }
        let active: Vec<FetchNo> = self
            .fetches
            .values()
            .filter(|fetch| fetch.phase == FetchPhase::Active && !fetch.paused)
            .map(|fetch| fetch.no)
            .collect();
        for no in active {
            self.fill_open(no);
            self.fill_waiting(no);
        }
    }

    fn fill_open(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get(&no) else { return };
        for index in fetch.open.clone() {
            self.plan_windows(RecordKey { fetch: no, index });
            self.send_planned(RecordKey { fetch: no, index });
        }
    }

    fn fill_waiting(&mut self, no: FetchNo) {
        while self.transfers.len() < REQUESTS {
            let Some(fetch) = self.fetches.get_mut(&no) else { return };
            let (now, origins) = (self.now, &self.origins);
            let ready = |index: &RecordIndex| {
                origins[fetch.records[index.0 as usize].origin].has_room(now)
            };
            // Nearly always the first one: an origin that must wait is the exception.
            let Some(place) = fetch.waiting.iter().position(ready) else { return };
            let Some(index) = fetch.waiting.remove(place) else { return };
            self.open(RecordKey { fetch: no, index });
        }
    }

    /// Takes a record from waiting to in flight: plain from the start, or on from what is stored.
    fn open(&mut self, key: RecordKey) {
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else { return };
        fetch.open.push(key.index);
        let Some(record) = fetch.records.get_mut(key.index.0 as usize) else { return };
        record.state = RecordState::InFlight;
        let from = record.data.queued;
        if from == 0 || !record.resumable() {
            fetch.taken -= record.taken;
            record.taken = 0;
            record.data.queued = 0;
            record.data.head = None;
            record.segments.push_back(Segment::planned(0, None, Take::Stream));
        } else if segments::final_result(record).is_some() {
            // Killed between the last byte and its result.
            return self.flush(key);
        } else if let Some(total) = segments::windowed_total(record) {
            record.windows = Some(Windows::first(from, total));
        } else {
            record.segments.push_back(Segment::planned(from, None, Take::Stream));
        }
        self.plan_windows(key);
        self.send_planned(key);
    }

    fn plan_windows(&mut self, key: RecordKey) {
        let Some(record) = self.record(key) else { return };
        let Some(windows) = &mut record.windows else { return };
        while record.segments.len() < WINDOWS && windows.next < windows.total {
            let end = windows.total.min(windows.next + windows.size);
            record.segments.push_back(Segment::planned(windows.next, Some(end), windows.take));
            windows.next = end;
        }
    }

    fn send_planned(&mut self, key: RecordKey) {
        let now = self.now;
        let room = self.transfers.len() < REQUESTS;
        let full = self.writes.held() >= segments::IN_HAND;
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else { return };
        let Some(record) = fetch.records.get_mut(key.index.0 as usize) else { return };
        let origin = &mut self.origins[record.origin];
        let own = record.request.origin == self.own_origin;
        let if_range = record
            .data
            .head
            .as_ref()
            // Across origins it would cost a preflight that most servers do not answer.
            .filter(|head| own && head.same_origin)
            .and_then(|head| head.strong_validator())
            .map(|validator| validator.value().to_owned());
        let again = record.data.attempt > 0;
        for segment in &mut record.segments {
            let may_send = room && origin.has_room(now) && !(full && segment.start > 0);
            if segment.phase != Phase::Planned || !may_send {
                continue;
            }
            self.last_transfer += 1;
            let no = TransferNo(self.last_transfer);
            let mut range = None;
            if segment.start > 0 {
                range = Some(Range { start: segment.start, end: segment.end });
            } else {
                segment.end = None;
            }
            segment.phase = Phase::Requested;
            segment.transfer = Some(no);
            segment.requested = now;
            segment.active = now;
            origin.in_flight += 1;
            self.transfers.insert(no, key);
            self.outputs.push_back(Output::Request(Transfer {
                no,
                key,
                range,
                if_range: if_range.clone().filter(|_| range.is_some()),
                no_store: again,
                overlap: None,
                take: segment.take,
            }));
        }
    }

    /// A request is no longer on the wire.
    pub(super) fn release(&mut self, transfer: TransferNo) {
        let Some(key) = self.transfers.remove(&transfer) else { return };
        let Some(fetch) = self.fetches.get(&key.fetch) else { return };
        let origin = fetch.records[key.index.0 as usize].origin;
        self.origins[origin].in_flight -= 1;
    }

    /// Reads on wherever reading had to wait for the store.
    pub(super) fn read_on(&mut self) {
        let waiting: Vec<_> = self
            .transfers
            .iter()
            .filter_map(|(&transfer, &key)| {
                let record = self.fetches.get(&key.fetch)?.records.get(key.index.0 as usize)?;
                let segment = record.segments.iter().find(|s| s.transfer == Some(transfer))?;
                let waits = segment.phase == Phase::Receiving && !segment.reading;
                waits.then_some((key, transfer))
            })
            .collect();
        for (key, transfer) in waiting {
            self.read(key, transfer);
        }
    }

    /// The platform's word about its network.
    pub(super) fn network_changed(&mut self, online: bool) {
        self.online = online;
        self.network_not_before = if online { self.now } else { self.now + OFFLINE };
        if online {
            for origin in &mut self.origins {
                origin.not_before = self.now;
                origin.failures = 0;
            }
        }
    }

    /// Stops all requests of a background fetch, keeping every byte that can be continued from.
    pub(super) fn suspend(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get_mut(&no) else { return };
        let open = std::mem::take(&mut fetch.open);
        for index in open.into_iter().rev() {
            let key = RecordKey { fetch: no, index };
            self.flush_for_pause(key);
            self.drop_segments(key);
            let Some(fetch) = self.fetches.get_mut(&no) else { return };
            let Some(record) = fetch.records.get_mut(index.0 as usize) else { continue };
            if record.state == RecordState::InFlight {
                fetch.taken -= record.taken - record.data.queued;
                record.taken = record.data.queued;
                record.windows = None;
                record.state = RecordState::Waiting;
                fetch.waiting.push_front(index);
            }
        }
    }

    pub(super) fn next_turn(&self) -> Option<Timestamp> {
        let network = Some(self.network_not_before).filter(|&at| at > self.now);
        let origins = self.origins.iter().map(|origin| origin.not_before);
        origins.filter(|&at| at > self.now).fold(network, |next, at| earliest(next, Some(at)))
    }

    /// The number of an origin, by name.
    pub(super) fn origin(&mut self, name: &str) -> usize {
        if let Some(place) = self.origins.iter().position(|origin| origin.name == name) {
            return place;
        }
        self.origins.push(super::availability::Origin::new(name.to_owned()));
        self.origins.len() - 1
    }

    /// All records of a background fetch that are not settled wait for their turn, in order.
    pub(super) fn queue_all(&mut self, no: FetchNo) {
        let Some(fetch) = self.fetches.get_mut(&no) else { return };
        let waits = |(place, record): (usize, &super::record::Record)| {
            (!record.settled()).then(|| input::index(place))
        };
        fetch.waiting = fetch.records.iter().enumerate().filter_map(waits).collect();
    }
}
