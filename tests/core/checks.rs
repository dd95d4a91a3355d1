//! The invariants, looked at after every step: what is stored is the beginning of one representation,
//! what is stored is not asked for again, there is one end and its event comes, nothing runs hot.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use background_fetch_polyfill::core::{
    Event, EventKind, FailureReason, FetchNo, FetchResult, Output, Range, RecordKey, RecordResult,
    RecordWrite, StoreFailure, TransferNo, Warning, Write,
};

use crate::driver::Hand;
use crate::politeness::Politeness;
use crate::server::Resource;
use crate::store::Transaction;
use crate::transfers;
use crate::world::World;

/// A request that was sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    pub at: u64,
    pub key: RecordKey,
    pub range: Option<Range>,
    pub if_range: Option<String>,
    pub overlap: u64,
    pub no_store: bool,
}

/// How a record looked when the event was dispatched.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub result: Option<RecordResult>,
    pub status: Option<u16>,
    pub length: u64,
    /// The representation.
    pub of: Option<u64>,
}

#[derive(Clone, Debug, Default)]
pub struct Checks {
    seed: u64,
    log: VecDeque<String>,
    quiet: bool,
    /// Every request of every life.
    pub sent: Vec<Sent>,
    pub dispatched: BTreeMap<FetchNo, Vec<EventKind>>,
    pub seen: BTreeMap<FetchNo, Vec<Seen>>,
    /// How each background fetch ended, as stored first.
    pub ends: BTreeMap<FetchNo, Option<FailureReason>>,
    pub warnings: Vec<Warning>,
    /// Transactions, stored or not.
    pub commits: usize,
    /// Bodies that came in one piece.
    pub gathered: usize,
    pub probes: usize,
    pub refused: Vec<(FetchNo, StoreFailure)>,
    pub started: BTreeSet<FetchNo>,
    pub announced: BTreeMap<FetchNo, Vec<u64>>,
    /// Records of which bytes may be lost for a good reason: their server broke its word, here.
    pub tainted: BTreeMap<RecordKey, TransferNo>,
    pub politeness: Politeness,
    /// Ends whose transaction failed: they may be decided anew after a restart.
    unstored: BTreeSet<FetchNo>,
    /// What `abort()` was true for.
    pub aborted: BTreeSet<FetchNo>,
    paused: BTreeSet<FetchNo>,
    /// What was last announced, and after how many transactions.
    downloaded: BTreeMap<FetchNo, (u64, usize)>,
    busy: (u64, u32),
}

impl Checks {
    pub fn new(seed: u64) -> Self {
        let quiet = std::env::var_os("SIMULATION_LOG").is_none();
        Self {
            seed,
            quiet,
            ..Self::default()
        }
    }

    pub fn fail(&self, what: &str) -> ! {
        let log: Vec<_> = self.log.iter().map(String::as_str).collect();
        let more = if self.quiet {
            "(SIMULATION_LOG=1 shows what came before)"
        } else {
            ""
        };
        panic!("seed {}: {what}\n{}\n{more}", self.seed, log.join("\n"));
    }

    pub fn note(&mut self, now: u64, what: impl std::fmt::Debug) {
        if !self.quiet {
            if self.log.len() >= 100_000 {
                self.log.pop_front();
            }
            self.log.push_back(format!("{now:>9} {what:?}"));
        }
    }

    pub fn begun(&mut self, no: FetchNo) {
        self.downloaded.insert(no, (0, 0));
    }

    pub fn aborted(&mut self, no: FetchNo, aborted: bool) {
        if aborted {
            self.aborted.insert(no);
        }
    }

    pub fn paused(&mut self, no: FetchNo, paused: bool, effective: bool) {
        match (effective, paused) {
            (true, true) => _ = self.paused.insert(no),
            (true, false) => _ = self.paused.remove(&no),
            _ => {}
        }
    }

    /// What the world does to the core.
    pub fn event(
        &mut self,
        now: u64,
        event: &Event,
        hands: &BTreeMap<TransferNo, Hand>,
        resources: &BTreeMap<RecordKey, Resource>,
    ) {
        self.note(now, event);
        if self.busy.0 == now {
            self.busy.1 += 1;
        } else {
            self.busy = (now, 0);
        }
        if self.busy.1 > 20_000 {
            self.fail("time does not pass any more");
        }
        self.gathered += usize::from(matches!(event, Event::Gathered { .. }));
        self.politeness.event(event, hands, resources);
    }

    /// What the core wants, before it is done.
    pub fn output(&mut self, world: &World, output: &Output) {
        self.note(world.now, output);
        transfers::check(self, world, output);
        let no = match output {
            Output::Started(no)
            | Output::Announce(no)
            | Output::Tell(no)
            | Output::Dispatch(no, _)
            | Output::Sweep(no) => Some(*no),
            Output::Request(transfer) => Some(transfer.key.fetch),
            Output::Probe(key) | Output::Warn(Warning::NoValidator(key)) => Some(key.fetch),
            Output::Warn(Warning::Undelivered(no)) => Some(*no),
            _ => None,
        };
        if no.is_some_and(|no| world.core.state(no).is_none()) {
            self.fail(&format!(
                "{output:?} is about a background fetch that is forgotten"
            ));
        }
        match output {
            Output::Request(transfer) => {
                self.request_allowed(transfer.key.fetch);
                self.sent.push(Sent {
                    at: world.now,
                    key: transfer.key,
                    range: transfer.range,
                    if_range: transfer.if_range.clone(),
                    overlap: transfer.overlap.map_or(0, |overlap| overlap.length),
                    no_store: transfer.no_store,
                });
                self.polite(world, transfer.key);
            }
            Output::Probe(key) => {
                self.probes += 1;
                self.request_allowed(key.fetch);
                self.polite(world, *key);
            }
            Output::Started(no) => {
                self.started.insert(*no);
                self.politeness.demanded(*no, &world.resources);
            }
            Output::Refused(no, why) => self.refused.push((*no, *why)),
            Output::Warn(warning) => self.warnings.push(*warning),
            Output::Announce(no) => self.announced.entry(*no).or_default().push(world.now),
            Output::Dispatch(no, kind) => self.dispatch(world, *no, *kind),
            Output::Sweep(no) if !self.dispatched.contains_key(no) => {
                self.fail(&format!("{no:?} is swept without its event"));
            }
            Output::WakeAt(Some(at)) if at.as_millis() + world.born <= world.now => {
                self.fail("a deadline that has passed already");
            }
            _ => {}
        }
    }

    /// A new attempt is stored; if it is one of an honest answer, the past is forgotten.
    fn word_given(&mut self, write: &RecordWrite) {
        let broke = self.tainted.get(&write.key);
        if write.first && write.head.as_ref() > broke {
            self.tainted.remove(&write.key);
        }
    }

    fn polite(&mut self, world: &World, key: RecordKey) {
        if let Err(why) = self.politeness.request(world, key) {
            self.fail(&why);
        }
    }

    fn request_allowed(&self, no: FetchNo) {
        if self.aborted.contains(&no) || self.ends.contains_key(&no) {
            self.fail(&format!("a request for {no:?}, which has ended"));
        }
        if self.paused.contains(&no) {
            self.fail(&format!("a request for {no:?}, which is paused"));
        }
    }

    fn dispatch(&mut self, world: &World, no: FetchNo, kind: EventKind) {
        let before = self.dispatched.entry(no).or_default();
        before.push(kind);
        // A dispatch that the worker did not live to store does not count.
        let row = world.store.fetches.get(&no);
        let counted = row.and_then(|row| row.end?.due).unwrap_or_default();
        let stored = self.ends.get(&no);
        if before.iter().any(|&other| other != kind) && !self.unstored.contains(&no) {
            self.fail("two different events for one background fetch");
        }
        if counted > 3 && !self.unstored.contains(&no) {
            self.fail("more than three deliveries");
        }
        if kind == EventKind::Success && self.aborted.contains(&no) {
            self.fail("success after abort() was true");
        }
        let expected = |end: &Option<FailureReason>| match end {
            None => EventKind::Success,
            Some(FailureReason::Aborted) => EventKind::Abort,
            Some(_) => EventKind::Fail,
        };
        if !self.unstored.contains(&no) && stored.map(expected) != Some(kind) {
            self.fail(&format!(
                "{kind:?} is not the event of the stored end {stored:?}"
            ));
        }
        let seen = crate::bodies::seen(self, world, no, kind);
        self.seen.insert(no, seen);
    }

    /// A transaction came to its end.
    pub fn transaction(
        &mut self,
        world: &World,
        transaction: &Transaction,
        outcome: Result<(), StoreFailure>,
    ) {
        self.note(world.now, (transaction.commit.no, outcome));
        self.commits += 1;
        for write in &transaction.commit.writes {
            match (write, outcome) {
                (Write::End { fetch, end, .. }, Ok(())) => {
                    self.end_within_total(world, *fetch);
                    let first = *self.ends.entry(*fetch).or_insert(end.reason);
                    if first != end.reason {
                        self.fail("a result that was stored has changed");
                    }
                }
                (Write::End { fetch, .. }, Err(_)) => _ = self.unstored.insert(*fetch),
                (Write::Record(write), Ok(())) => {
                    crate::bodies::stored(self, world, write.key);
                    self.word_given(write);
                }
                _ => {}
            }
        }
    }

    /// Where more is stored than the download total allows, bytes of somebody are redundant, and nobody
    /// knows any more whose.
    fn over_the_total(&mut self, world: &World) {
        for (&no, row) in &world.store.fetches {
            let records = || world.store.records.range(crate::bodies::records_of(no));
            let stored: u64 = records().map(|(_, row)| row.stored).sum();
            if row.download_total > 0 && stored > row.download_total && row.end.is_none() {
                let unfinished = records().filter(|(_, row)| row.result.is_none());
                let tainted = unfinished.map(|(&key, _)| (key, TransferNo(0)));
                self.tainted.extend(tainted);
            }
        }
    }

    /// The row of an ended background fetch says no more than what was allowed.
    fn end_within_total(&self, world: &World, no: FetchNo) {
        let Some(row) = world.store.fetches.get(&no) else {
            return;
        };
        let downloaded = row.end.map_or(0, |end| end.downloaded);
        if row.download_total > 0 && downloaded > row.download_total {
            self.fail("an end with more than the download total");
        }
    }

    /// The worker died.
    pub fn killed(&mut self, world: &World) {
        self.note(0, "the worker dies");
        // Of what was stored, a crash may have taken some.
        for (no, (downloaded, _)) in &mut self.downloaded {
            let rows = world.store.records.range(crate::bodies::records_of(*no));
            let stored = rows.map(|(_, row)| row.stored).sum::<u64>();
            *downloaded = stored.min(*downloaded);
        }
        // Nobody was told yet that it was aborted, or paused, unless that is stored.
        let paused = world.store.fetches.iter().filter(|(_, row)| row.paused);
        self.paused = paused.map(|(&no, _)| no).collect();
        let ends = &self.ends;
        self.aborted.retain(|no| ends.contains_key(no));
        // Transfers are counted anew.
        self.tainted
            .values_mut()
            .for_each(|broke| *broke = TransferNo(0));
        self.over_the_total(world);
        self.politeness.killed();
    }

    /// The core waits for the world.
    pub fn drained(&mut self, world: &World) {
        crate::bodies::bounded(self, world);
        for (&no, row) in &world.store.fetches {
            let Some(state) = world.core.state(no) else {
                continue;
            };
            if row.download_total > 0 && state.downloaded > row.download_total {
                self.fail("downloaded more than the download total");
            }
            let counted = row.end.filter(|_| state.result != FetchResult::Pending);
            if counted.is_some_and(|end| end.downloaded != state.downloaded) {
                self.fail(&format!("{:?} is stored, {state:?} is said", row.end));
            }
            let before = self.downloaded.insert(no, (state.downloaded, self.commits));
            if before == Some((state.downloaded, self.commits)) {
                continue;
            }
            let (before, _) = before.unwrap_or_default();
            let keys = || world.store.records.range(crate::bodies::records_of(no));
            let stored: u64 = keys().map(|(_, row)| row.stored).sum();
            if row.end.is_none() && state.downloaded > stored {
                self.fail(&format!(
                    "downloaded {} of {stored} stored",
                    state.downloaded
                ));
            }
            // What a failure deletes does not count any more as soon as the end is decided.
            let ended = world.core.active().all(|active| active != no);
            if state.downloaded >= before || ended || self.unstored.contains(&no) {
                continue;
            }
            if keys().all(|(key, row)| crate::bodies::sound(self, world, *key, row)) {
                self.fail(&format!(
                    "downloaded went from {before} to {}",
                    state.downloaded
                ));
            }
        }
    }

    /// Everything has come to rest without faults.
    pub fn at_rest(&self, world: &World) {
        for no in &self.started {
            if !self.dispatched.contains_key(no) {
                self.fail(&format!("{no:?} never had its event"));
            }
        }
        if !world.store.fetches.is_empty() || !world.store.records.is_empty() {
            self.fail("rows are left in the store");
        }
        if !world.hands.is_empty() || world.core.active().next().is_some() {
            self.fail("something is still under way");
        }
    }
}
