//! The machine: every decision of the engine, and nothing else.
//!
//! Inputs go in, outputs come out:
//!
//! ```text
//!  start, restore, abort, pause ──▶ ┌──────┐
//!  handle(Input)                ──▶ │ Core │ ──▶ poll_output() … None
//!                                   └──────┘
//! ```
//!
//! One rule: *one input, then drain [`Core::poll_output`] until it gives `None`*. Breaking it is
//! [`Error::NotDrained`].
//!
//! The core reads no clock, draws no randomness and does no I/O. Bytes stay with the driver; the core
//! learns of lengths and decides what to ask for, what to store, what to announce. Everything that
//! matters is rebuilt from the store by [`Core::restore`], because a worker may stop at any moment:
//! what is announced is stored already.
//!
//! The lives of a background fetch, a record and a part of a body are drawn in `background_fetch`,
//! `record` and `segments`.

mod active_fetches;
mod availability;
mod background_fetch;
mod complete_record;
mod content_range;
mod date;
mod error;
mod http;
mod ids;
mod input;
mod output;
mod partial_response;
mod perform;
mod record;
mod response_data;
mod schedule;
mod segments;
mod store_results;
mod time;
mod update_instances;
mod writes;

use std::collections::{BTreeMap, VecDeque};

pub use background_fetch::{FailureReason, FetchResult, FetchState};
pub use content_range::{ContentRange, extract_content_range_values};
pub use error::{Error, StartError};
pub use http::{RequestHead, ResponseHead, Validator};
pub use ids::{CommitNo, FetchNo, Id, RecordIndex, RecordKey, TransferNo};
pub use input::{
    EndSnapshot, Event, FetchSnapshot, Input, NewFetch, RecordSnapshot, ResponseSnapshot,
    StoreFailure,
};
pub use output::{
    Chunk, Commit, EventKind, FetchEnd, Hint, Output, Overlap, Range, RecordWrite, Take, Transfer, Write,
};
pub use record::RecordResult;
pub use time::Timestamp;

use active_fetches::ActiveFetches;
use availability::{Jitter, Origin};
use background_fetch::{BackgroundFetch, Phase};
use record::{Record, RecordState, Segment};
use time::earliest;
use writes::WriteQueue;

/// The background fetches of one service worker registration.
#[derive(Clone, Debug)]
pub struct Core {
    now: Timestamp,
    online: bool,
    network_not_before: Timestamp,
    own_origin: String,
    jitter: Jitter,
    fetches: BTreeMap<FetchNo, BackgroundFetch>,
    active: ActiveFetches,
    /// Background fetches that are forgotten as soon as the outputs about them are taken.
    gone: Vec<FetchNo>,
    last_fetch: u64,
    transfers: BTreeMap<TransferNo, RecordKey>,
    last_transfer: u64,
    origins: Vec<Origin>,
    writes: WriteQueue,
    outputs: VecDeque<Output>,
    waking_at: Option<Timestamp>,
    busy: bool,
}

impl Core {
    /// A core without background fetches. `own_origin` is the serialised origin of the worker, `next`
    /// the first number to give to a background fetch, `seed` any number.
    pub fn new(own_origin: &str, next: FetchNo, seed: u64) -> Self {
        Self {
            now: Timestamp::default(),
            online: true,
            network_not_before: Timestamp::default(),
            own_origin: own_origin.to_owned(),
            jitter: Jitter::new(seed),
            fetches: BTreeMap::new(),
            active: ActiveFetches::default(),
            gone: Vec::new(),
            last_fetch: next.0.saturating_sub(1),
            transfers: BTreeMap::new(),
            last_transfer: 0,
            origins: Vec::new(),
            writes: WriteQueue::default(),
            outputs: VecDeque::new(),
            waking_at: None,
            busy: false,
        }
    }

    /// Takes note of what the world did.
    pub fn handle(&mut self, input: Input) -> Result<(), Error> {
        self.begin(input.at)?;
        match input.event {
            Event::Responded { transfer, head } => self.process_response(transfer, head),
            Event::Received { transfer, length } => self.process_bytes(transfer, length),
            Event::Compared { .. } => {}
            Event::Ended { transfer } => self.process_end_of_body(transfer),
            Event::Failed { transfer } => self.process_failure(transfer),
            Event::Probed { key, reachable } => self.process_probe(key, reachable),
            Event::Committed(commit) => self.committed(commit),
            Event::CommitFailed { commit, why } => self.commit_failed(commit, why),
            Event::Told(no) => self.told(no),
            Event::Delivered(no) => self.delivered(no),
            Event::Online(online) => self.network_changed(online),
            Event::Timer => {}
        }
        self.finish();
        Ok(())
    }

    /// [`fetch()`](https://wicg.github.io/background-fetch/#background-fetch-manager-fetch), from the
    /// point where the requests are whole. [`Output::Started`] or [`Output::Refused`] follows.
    pub fn start(&mut self, at: Timestamp, new: NewFetch) -> Result<FetchNo, StartError> {
        self.begin(at)?;
        let no = FetchNo(self.last_fetch + 1);
        if !self.active.insert(&new.id, no) {
            return Err(StartError::IdTaken);
        }
        self.last_fetch = no.0;
        let records = new.requests.into_iter().map(|request| {
            let origin = self.origin(&request.origin);
            Record::new(request, origin)
        });
        let records = records.collect();
        self.fetches.insert(no, BackgroundFetch::new(no, new.id, records, new.download_total));
        self.writes.push(Write::Create(no));
        self.finish();
        Ok(no)
    }

    /// Takes up a background fetch as the store remembers it. Only for one that is not known yet.
    pub fn restore(&mut self, at: Timestamp, snapshot: FetchSnapshot) -> Result<(), Error> {
        self.begin(at)?;
        let no = snapshot.no;
        self.last_fetch = self.last_fetch.max(no.0);
        let records = snapshot.records.into_iter().map(|record| {
            let origin = self.origin(&record.request.origin);
            Record::restored(record, origin)
        });
        let records: Vec<_> = records.collect();
        let mut fetch = BackgroundFetch::new(no, snapshot.id, records, snapshot.download_total);
        fetch.count();
        fetch.paused = snapshot.paused;
        fetch.phase = Phase::Active;
        if snapshot.end.is_none() {
            self.active.insert(&fetch.id, no);
        }
        self.fetches.insert(no, fetch);
        match snapshot.end {
            None => {
                self.queue_all(no);
                self.conclude_if_settled(no);
            }
            Some(EndSnapshot { reason, due: Some(deliveries), downloaded }) => {
                if let Some(fetch) = self.fetches.get_mut(&no) {
                    fetch.stored = downloaded;
                }
                self.redeliver(no, FetchEnd { reason }, deliveries);
            }
            Some(EndSnapshot { due: None, .. }) => {
                self.outputs.push_back(Output::Sweep(no));
                self.gone.push(no);
            }
        }
        self.finish();
        Ok(())
    }

    /// [`abort()`](https://wicg.github.io/background-fetch/#background-fetch-registration-abort):
    /// `true` when the background fetch was active. Its end is stored before [`Output::Tell`].
    pub fn abort(&mut self, at: Timestamp, no: FetchNo) -> Result<bool, Error> {
        self.begin(at)?;
        let active = self.fetches.get(&no).is_some_and(|fetch| fetch.phase == Phase::Active);
        if active {
            self.abort_all(no);
            self.conclude(no, FetchEnd { reason: Some(FailureReason::Aborted) });
        }
        self.finish();
        Ok(active)
    }

    /// Sets or unsets the [paused flag](https://wicg.github.io/background-fetch/#background-fetch-paused-flag):
    /// `true` when it took effect. Only background fetches whose requests are all GET can be paused.
    pub fn pause(&mut self, at: Timestamp, no: FetchNo, paused: bool) -> Result<bool, Error> {
        self.begin(at)?;
        let fetch = self.fetches.get_mut(&no).filter(|fetch| {
            fetch.phase == Phase::Active && fetch.pausable() && fetch.paused != paused
        });
        let effective = fetch.is_some();
        if let Some(fetch) = fetch {
            fetch.paused = paused;
            if paused {
                self.suspend(no);
            }
            self.writes.push(Write::Paused(no, paused));
            self.outputs.push_back(Output::Announce(no));
        }
        self.finish();
        Ok(effective)
    }

    /// What must be done next; `None` when the core waits for the world.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// The active background fetch with this id.
    pub fn get(&self, id: &Id) -> Option<FetchNo> {
        let no = self.active.get(id)?;
        self.fetches.get(&no).filter(|fetch| fetch.phase == Phase::Active).map(|fetch| fetch.no)
    }

    /// The active background fetches, in the order in which they were started.
    pub fn active(&self) -> impl Iterator<Item = FetchNo> {
        self.fetches.values().filter(|fetch| fetch.phase == Phase::Active).map(|fetch| fetch.no)
    }

    /// What a registration object shows of a background fetch.
    pub fn state(&self, no: FetchNo) -> Option<FetchState> {
        let fetch = self.fetches.get(&no)?;
        let end = fetch.end();
        Some(FetchState {
            uploaded: fetch.uploaded,
            downloaded: fetch.stored,
            result: end.map_or(FetchResult::Pending, FetchEnd::result),
            failure_reason: end.and_then(|end| end.reason),
            records_available: !matches!(fetch.phase, Phase::Withdrawing(_)),
            paused: fetch.paused,
        })
    }

    /// The number that the next background fetch gets.
    pub fn next_fetch(&self) -> FetchNo {
        FetchNo(self.last_fetch + 1)
    }

    fn begin(&mut self, at: Timestamp) -> Result<(), Error> {
        if !self.outputs.is_empty() {
            return Err(Error::NotDrained);
        }
        for no in std::mem::take(&mut self.gone) {
            self.fetches.remove(&no);
        }
        self.now = self.now.max(at);
        Ok(())
    }

    /// What follows from every input: what is overdue, what a free slot allows, what can be stored,
    /// when to be called again.
    fn finish(&mut self) {
        self.segments_overdue();
        self.fill();
        while let Some(commit) = self.writes.next_commit() {
            self.outputs.push_back(Output::Commit(commit));
        }
        self.update_late_instances();
        let deadlines =
            [self.next_segment_deadline(), self.next_turn(), self.next_announcement()];
        let waking_at = deadlines.into_iter().fold(None, earliest);
        if waking_at != self.waking_at {
            self.waking_at = waking_at;
            self.outputs.push_back(Output::WakeAt(waking_at));
        }
        let busy = self.fetches.len() > self.gone.len();
        if busy != self.busy {
            self.busy = busy;
            self.outputs.push_back(Output::Busy(busy));
        }
    }

    fn record(&mut self, key: RecordKey) -> Option<&mut Record> {
        self.fetches.get_mut(&key.fetch)?.record(key.index)
    }

    fn segment(&mut self, key: RecordKey, transfer: TransferNo) -> Option<&mut Segment> {
        self.record(key)?.segment(transfer)
    }
}
