//! A world around the core: servers, a network, a database, pages, and a clock that jumps to whatever
//! happens next. The worker in it can be killed after any output; it comes back with what is stored.

use std::collections::{BTreeMap, VecDeque};

use background_fetch_polyfill::core::{
    Core, Event, EventKind, FetchNo, Id, Input, NewFetch, Output, ProbeAnswer, RecordIndex,
    RecordKey, RequestHead, StoreFailure, Timestamp, TransferNo,
};

use crate::checks::Checks;
use crate::driver::Hand;
use crate::rng::Rng;
use crate::server::{Act, Resource};
use crate::store::{Store, Transaction};

pub const OWN: &str = "https://own.example";
pub const OTHER: &str = "https://other.example";

/// Something that is going to happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    Answer(TransferNo),
    Fail(TransferNo),
    Body(TransferNo),
    Stored,
    Probed(RecordKey, ProbeAnswer),
    Told(FetchNo),
    Delivered(FetchNo),
    Do(Deed),
}

/// What users, pages and platforms do.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    Start(NewFetch, Vec<u64>),
    Abort(FetchNo),
    Pause(FetchNo, bool),
    Online(bool),
    /// Somebody asks to try again now, or a page loads.
    Retry(bool),
    /// The network goes, or comes back; the platform may not notice.
    Down(bool),
    /// Every connection is reset.
    Reset,
    Kill,
    /// From here on, no more faults.
    Calm,
}

/// What the network is like, in milliseconds and bytes in each of them.
#[derive(Clone, Debug)]
pub struct Network {
    pub latency: u64,
    pub rate: u64,
    /// Bytes in each millisecond that all connections share; 0: as many as they can.
    pub link: u64,
    /// The most bytes that a read brings.
    pub part: u64,
    /// How long a transaction takes.
    pub disk: u64,
    /// How long every part of a body takes in addition.
    pub pause: u64,
    /// How long a handler of the application takes.
    pub handler: u64,
    /// How many requests are served at once; the others are told to come again in a minute.
    pub most: usize,
}

/// When the worker dies, and what of its transactions survives.
#[derive(Clone, Debug, Default)]
pub struct Kills {
    /// After so many outputs, counted over all lives.
    pub at: VecDeque<usize>,
    /// How many transactions that are under way are stored all the same, each time.
    pub survivors: VecDeque<usize>,
    /// Whether the bytes of the last transaction are lost with the worker, each time.
    pub losses: VecDeque<bool>,
}

#[derive(Clone, Debug)]
pub struct World {
    pub core: Core,
    pub now: u64,
    pub steps: usize,
    pub lives: u64,
    pub store: Store,
    pub resources: BTreeMap<RecordKey, Resource>,
    /// Resources of background fetches to come, by number.
    pub shelf: BTreeMap<u64, Resource>,
    pub network: Network,
    pub kills: Kills,
    pub checks: Checks,
    /// How the next transactions fail.
    pub store_faults: VecDeque<Option<StoreFailure>>,
    /// Draws latencies and kills, where a world is left to chance.
    pub chance: Option<Rng>,
    pub down: bool,
    /// Whether the worker is kept alive.
    pub busy: bool,
    /// How long a server works on each request, one after the other, and until when.
    pub turn: u64,
    pub served: u64,
    pub hands: BTreeMap<TransferNo, Hand>,
    pub pending: VecDeque<Transaction>,
    pub agenda: BTreeMap<(u64, u64), Happening>,
    pub sequence: u64,
    /// When what they share is free again, in bytes that would have passed since the beginning.
    pub link_free: u64,
    /// When the worker of now began, in milliseconds.
    pub born: u64,
    pub wake: Option<u64>,
    pub wanted: BTreeMap<FetchNo, NewFetch>,
    pub seed: u64,
}

impl World {
    pub fn new(network: Network, seed: u64) -> Self {
        Self {
            core: Core::new(OWN, FetchNo(1), seed),
            now: 0,
            steps: 0,
            lives: 1,
            store: Store {
                next: 1,
                ..Store::default()
            },
            resources: BTreeMap::new(),
            shelf: BTreeMap::new(),
            network,
            kills: Kills::default(),
            checks: Checks::new(seed),
            store_faults: VecDeque::new(),
            chance: None,
            down: false,
            busy: false,
            turn: 0,
            served: 0,
            hands: BTreeMap::new(),
            pending: VecDeque::new(),
            agenda: BTreeMap::new(),
            sequence: 0,
            link_free: 0,
            born: 0,
            wake: None,
            wanted: BTreeMap::new(),
            seed,
        }
    }

    /// The clock of this life of the worker.
    pub fn clock(&self) -> Timestamp {
        Timestamp::from_millis(self.now - self.born)
    }

    /// Gives the checks, which look at the world, a moment without it.
    pub fn check(&mut self, look: impl FnOnce(&mut Checks, &World)) {
        let mut checks = std::mem::take(&mut self.checks);
        look(&mut checks, self);
        // The empty ones that stood in for them own nothing, and dropping them costs a tenth of all.
        std::mem::forget(std::mem::replace(&mut self.checks, checks));
    }

    pub fn plan(&mut self, after: u64, happening: Happening) {
        self.sequence += 1;
        self.agenda
            .insert((self.now + after, self.sequence), happening);
    }

    /// The same, a little later or much, where chance rules.
    pub fn plan_about(&mut self, after: u64, happening: Happening) {
        let spread = match &mut self.chance {
            Some(chance) => match chance.one_in(4) {
                true => chance.below(4 * after + 20),
                false => chance.below(after / 2 + 2),
            },
            None => 0,
        };
        self.plan(after + spread, happening);
    }

    /// Lets the world go on by one happening; `false` when nothing will ever happen again.
    pub fn step(&mut self) -> bool {
        let next = self.agenda.first_key_value().map(|(&at, _)| at);
        let timer = self
            .wake
            .filter(|&wake| next.is_none_or(|(at, _)| wake < at));
        if let Some(at) = timer {
            self.now = self.now.max(at);
            self.wake = None;
            self.input(Event::Timer);
            return true;
        }
        let Some((at, happening)) = self.agenda.pop_first() else {
            return false;
        };
        self.now = self.now.max(at.0);
        self.happen(happening);
        true
    }

    /// Until nothing happens any more.
    pub fn run(&mut self) {
        while self.step() {}
    }

    /// Until something is so.
    pub fn run_until(&mut self, so: impl Fn(&World) -> bool) {
        while !so(self) {
            if !self.step() {
                self.checks.fail("the world came to rest before that");
            }
        }
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Answer(transfer) => self.answer(transfer),
            Happening::Fail(transfer) => self.fail_transfer(transfer),
            Happening::Body(transfer) => self.body(transfer),
            Happening::Stored => self.stored(),
            Happening::Probed(key, answer) => self.input(Event::Probed { key, answer }),
            Happening::Told(no) => self.input(Event::Told(no)),
            Happening::Delivered(no) => self.input(Event::Delivered(no)),
            Happening::Do(deed) => self.deed(deed),
        }
    }

    pub fn deed(&mut self, deed: Deed) {
        let at = self.clock();
        match deed {
            Deed::Start(new, numbers) => self.start(new, &numbers),
            Deed::Abort(no) => {
                let aborted = self.core.abort(at, no).expect("drained");
                self.checks.aborted(no, aborted);
            }
            Deed::Pause(no, paused) => {
                let effective = self.core.pause(at, no, paused).expect("drained");
                self.checks.paused(no, paused, effective);
            }
            Deed::Online(online) => return self.input(Event::Online(online)),
            Deed::Retry(anew) => return self.input(Event::Retry { anew }),
            Deed::Down(down) => self.down = down,
            Deed::Reset => self.hands.values_mut().for_each(Hand::lose),
            Deed::Kill => return self.kill(),
            Deed::Calm => {
                self.chance = None;
                self.down = false;
                self.store_faults.clear();
                self.store.quota = None;
                for resource in self.resources.values_mut().chain(self.shelf.values_mut()) {
                    resource.acts.clear();
                    resource.then = Act::Serve;
                }
                return self.input(Event::Online(true));
            }
        }
        self.drain();
    }

    fn start(&mut self, new: NewFetch, numbers: &[u64]) {
        let Ok(no) = self.core.start(self.clock(), new.clone()) else {
            return;
        };
        for (place, number) in (0..).zip(numbers) {
            let key = RecordKey {
                fetch: no,
                index: RecordIndex(place),
            };
            let resource = self.shelf.get(number).expect("on the shelf").clone();
            self.resources.insert(key, resource);
        }
        self.wanted.insert(no, new);
        self.checks.begun(no);
    }

    pub fn input(&mut self, event: Event) {
        self.checks
            .event(self.now, &event, &self.hands, &self.resources);
        let at = self.clock();
        self.core.handle(Input { at, event }).expect("drained");
        self.drain();
    }

    /// Takes all outputs, unless the worker dies on the way.
    pub fn drain(&mut self) {
        let life = self.lives;
        while let Some(output) = self.core.poll_output() {
            self.steps += 1;
            self.check(|checks, world| checks.output(world, &output));
            self.perform(output);
            let unlucky = self
                .chance
                .as_mut()
                .is_some_and(|chance| chance.one_in(1_500));
            if unlucky || self.kills.at.front() == Some(&self.steps) {
                self.kills.at.pop_front();
                self.kill();
            }
            if self.lives != life {
                return;
            }
        }
        self.check(|checks, world| checks.drained(world));
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::Commit(commit) => self.commit(commit),
            Output::Request(transfer) => self.request(transfer),
            Output::Read(transfer) => self.read(transfer),
            Output::Gather(transfer) => {
                self.hands.get_mut(&transfer).expect("checked").gathers = true;
                self.read(transfer);
            }
            Output::Stop(transfer) => {
                if let Some(hand) = self.hands.get_mut(&transfer) {
                    hand.open = false;
                }
            }
            Output::Drop(transfer) => {
                self.hands.remove(&transfer);
            }
            Output::Probe(key) => {
                let resource = &self.resources[&key];
                let act = resource.acts.front().unwrap_or(&resource.then);
                let answer = match act {
                    _ if self.down => ProbeAnswer::None,
                    Act::Refuse | Act::Hang => ProbeAnswer::None,
                    Act::Mislead => ProbeAnswer::Redirect,
                    _ => ProbeAnswer::Server,
                };
                self.plan_about(self.network.latency, Happening::Probed(key, answer));
            }
            Output::Started(_) | Output::Refused(..) | Output::Announce(_) | Output::Warn(_) => {}
            Output::Tell(no) => self.plan_about(5, Happening::Told(no)),
            Output::Dispatch(no, _) => {
                self.plan_about(self.network.handler, Happening::Delivered(no));
            }
            Output::Sweep(no) => self.store.sweep(no),
            Output::WakeAt(at) => self.wake = at.map(|at| at.as_millis() + self.born),
            Output::Busy(busy) => self.busy = busy,
        }
    }

    /// The events that the worker saw of a background fetch.
    pub fn events(&self, no: FetchNo) -> &[EventKind] {
        self.checks.dispatched.get(&no).map_or(&[], |events| events)
    }

    /// The request of a record.
    pub fn request_of(&self, key: RecordKey) -> &RequestHead {
        &self.wanted[&key.fetch].requests[key.index.0 as usize]
    }

    /// The number behind an id, for tests that choose ids.
    pub fn no(&self, id: &str) -> Option<FetchNo> {
        self.core.get(&Id::from(id))
    }
}
