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
//! `record` and `segment`.

mod active_fetches;
mod availability;
mod background_fetch;
mod complete_record;
mod content_range;
mod date;
mod deadlines;
mod error;
mod flush;
mod http;
mod ids;
mod input;
mod output;
mod pace;
mod parallel;
mod partial_response;
mod patience;
mod perform;
mod record;
mod requests;
mod response_data;
mod restore;
mod retry;
mod schedule;
mod segment;
mod slots;
mod store_results;
mod time;
mod trust;
mod update_instances;
mod waiting;
mod windows;
mod writes;

use crate::map::Map;
use crate::queue::Queue;

pub use background_fetch::{FailureReason, FetchResult, FetchState};
pub use content_range::{ContentRange, extract_content_range_values};
pub use error::{Error, StartError};
pub use http::{RequestHead, ResponseHead, Validator};
pub use ids::{CommitNo, FetchNo, Id, RecordIndex, RecordKey, TransferNo};
pub use input::{
    EndSnapshot, Event, FetchSnapshot, Input, NewFetch, ProbeAnswer, RecordSnapshot,
    ResponseSnapshot, StoreFailure,
};
pub use output::{
    Chunk, Commit, EventKind, FetchEnd, Output, Overlap, Range, RecordWrite, Take, Transfer,
    Warning, Write,
};
pub use record::RecordResult;
pub use time::Timestamp;

use active_fetches::ActiveFetches;
use availability::{Jitter, Origin};
use background_fetch::{BackgroundFetch, Phase};
use record::Record;
use time::earliest;
use windows::Limits;
use writes::WriteQueue;

/// Who is called so much later than he had asked for has slept, in milliseconds: a machine with its lid
/// closed, a process that was suspended. The clock goes on meanwhile on some platforms.
const SLEEP: u64 = 60_000;

/// The background fetches of one service worker registration.
#[derive(Clone, Debug)]
pub struct Core {
    now: Timestamp,
    online: bool,
    /// No request goes out before this moment. Once past, it is the last time there was a reason to try: a
    /// record that failed before it need not rest (`patience::Rests`).
    network_not_before: Timestamp,
    own_origin: String,
    jitter: Jitter,
    fetches: Map<FetchNo, BackgroundFetch>,
    active: ActiveFetches,
    /// Background fetches that are forgotten as soon as the outputs about them are taken.
    gone: Vec<FetchNo>,
    last_fetch: u64,
    transfers: Map<TransferNo, RecordKey>,
    last_transfer: u64,
    origins: Vec<Origin>,
    writes: WriteQueue,
    windows: Limits,
    outputs: Queue<Output>,
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
            fetches: Map::default(),
            active: ActiveFetches::default(),
            gone: Vec::new(),
            last_fetch: next.0.saturating_sub(1),
            transfers: Map::default(),
            last_transfer: 0,
            origins: Vec::new(),
            writes: WriteQueue::default(),
            windows: Limits::default(),
            outputs: Queue::new(),
            waking_at: None,
            busy: false,
        }
    }

    /// Large bodies are asked for in windows. From now on there are at most `most` of one body at once,
    /// 1 to 4, of at most so many bytes each.
    pub fn limit_windows(&mut self, most: usize, longest: u64) {
        let most = most.clamp(1, parallel::MOST_WINDOWS);
        self.windows = Limits { most, longest };
    }

    /// Takes note of what the world did.
    pub fn handle(&mut self, input: Input) -> Result<(), Error> {
        self.begin(input.at)?;
        match input.event {
            Event::Responded { transfer, head } => self.process_response(transfer, head),
            Event::Received { transfer, length } => self.process_bytes(transfer, length),
            Event::Gathered { transfer, length } => self.process_body(transfer, length),
            Event::Compared { transfer, equal } => self.process_comparison(transfer, equal),
            Event::Ended { transfer } => self.process_end_of_body(transfer),
            Event::Failed { transfer } => self.process_failure(transfer),
            Event::Probed { key, answer } => self.process_probe(key, answer),
            Event::Committed(commit) => self.committed(commit),
            Event::CommitFailed { commit, why } => self.commit_failed(commit, why),
            Event::Told(no) => self.told(no),
            Event::Delivered(no) => self.delivered(no),
            Event::Online(online) => self.network_changed(online),
            Event::Retry { anew } => self.retry_now(anew),
            Event::Timer => self.waking_at = None,
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
        self.fetches.insert(
            no,
            BackgroundFetch::new(no, new.id, records, new.download_total),
        );
        self.writes.push(Write::Create(no));
        self.finish();
        Ok(no)
    }

    /// [`abort()`](https://wicg.github.io/background-fetch/#background-fetch-registration-abort):
    /// `true` when the background fetch was active. Its end is stored before [`Output::Tell`].
    pub fn abort(&mut self, at: Timestamp, no: FetchNo) -> Result<bool, Error> {
        self.begin(at)?;
        let active = self
            .fetches
            .get(&no)
            .is_some_and(|fetch| fetch.phase == Phase::Active);
        if active {
            self.end_early(no);
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
            fetch.progressed(at);
            if paused {
                self.suspend(no);
            }
            self.writes.push(Write::Paused(no, paused));
            self.outputs.push_back(Output::Announce(no));
            if !paused {
                self.retry_now(false);
            }
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
        self.fetches
            .get(&no)
            .filter(|fetch| fetch.phase == Phase::Active)
            .map(|fetch| fetch.no)
    }

    /// The active background fetches, in the order in which they were started.
    pub fn active(&self) -> impl Iterator<Item = FetchNo> {
        self.fetches
            .values()
            .filter(|fetch| fetch.phase == Phase::Active)
            .map(|fetch| fetch.no)
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
            paused: fetch.paused && end.is_none(),
        })
    }

    fn begin(&mut self, at: Timestamp) -> Result<(), Error> {
        if !self.outputs.is_empty() {
            return Err(Error::NotDrained);
        }
        for no in std::mem::take(&mut self.gone) {
            self.fetches.remove(&no);
        }
        self.now = self.now.max(at);
        if self
            .waking_at
            .is_some_and(|named| self.now.since(named) > SLEEP)
        {
            self.wake_up();
        }
        Ok(())
    }

    /// What follows from every input: what is overdue, what a free slot allows, what can be stored,
    /// when to be called again. Looks at what is under way only, never at all records.
    fn finish(&mut self) {
        self.deadlines_passed();
        self.read_on();
        let rested = self.fill();
        self.commit();
        self.update_late_instances();
        let deadlines = [
            self.next_deadline(),
            self.next_turn(),
            rested,
            self.next_announcement(),
            self.writes.due(),
        ];
        let waking_at = deadlines.into_iter().fold(None, earliest);
        // A timer that comes too early costs less than one for each input.
        let early = |named: Timestamp| named > self.now && waking_at.is_some_and(|at| named < at);
        if waking_at != self.waking_at && !self.waking_at.is_some_and(early) {
            self.waking_at = waking_at;
            self.outputs.push_back(Output::WakeAt(waking_at));
        }
        // What is paused needs no worker: whoever lets it go on starts one.
        let resting = self.fetches.values().filter(|fetch| fetch.rests()).count();
        let busy = self.fetches.len() > self.gone.len() + resting || !self.writes.is_empty();
        if busy != self.busy {
            self.busy = busy;
            self.outputs.push_back(Output::Busy(busy));
        }
    }

    /// Hands transactions to the store, as far as it has not enough to do.
    fn commit(&mut self) {
        while let Some((commit, spent)) = self
            .writes
            .next_commit(self.now, !self.transfers.is_empty())
        {
            self.outputs.push_back(Output::Commit(commit));
            self.outputs.extend(spent.into_iter().map(Output::Drop));
        }
    }

    fn record(&mut self, key: RecordKey) -> Option<&mut Record> {
        self.fetches.get_mut(&key.fetch)?.record(key.index)
    }

    fn look(&self, key: RecordKey) -> Option<&Record> {
        let fetch = self.fetches.get(&key.fetch)?;
        fetch.records.get(key.index.place())
    }

    /// Changes what a record has taken or stored, and the sums of its background fetch with it. There
    /// is no other way.
    fn change<T>(&mut self, key: RecordKey, change: impl FnOnce(&mut Record) -> T) -> Option<T> {
        let fetch = self.fetches.get_mut(&key.fetch)?;
        let record = fetch.records.get_mut(key.index.place())?;
        fetch.taken -= record.taken();
        fetch.stored -= record.data.stored;
        let outcome = change(record);
        fetch.taken += record.taken();
        fetch.stored += record.data.stored;
        Some(outcome)
    }
}
