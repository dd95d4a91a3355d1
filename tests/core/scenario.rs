//! Brings a background fetch to a state in one call.

use background_fetch_polyfill::core::{
    EventKind, FetchNo, Id, NewFetch, RecordIndex, RecordKey, RequestHead,
};

use crate::checks::{Seen, Sent};
use crate::headers::Manner;
use crate::server::{Act, Resource};
use crate::world::{Deed, Network, World};

/// The background fetch of most scenarios, and its first record.
pub const FIRST: FetchNo = FetchNo(1);
pub const ONLY: RecordKey = RecordKey {
    fetch: FIRST,
    index: RecordIndex(0),
};

/// Bytes.
pub const KIB: u64 = 1 << 10;
pub const MIB: u64 = 1 << 20;

#[derive(Clone, Debug)]
pub struct Scenario {
    id: String,
    records: Vec<(RequestHead, Resource)>,
    download_total: u64,
    pub network: Network,
    seed: u64,
}

/// A background fetch of one resource of so many bytes.
pub fn fetch_of(length: u64) -> Scenario {
    Scenario::new().and(length)
}

impl Scenario {
    pub fn new() -> Self {
        Self {
            id: "season-2".into(),
            records: Vec::new(),
            download_total: 0,
            network: Network {
                latency: 10,
                rate: 1_000,
                link: 0,
                part: 64 * KIB,
                disk: 5,
                pause: 0,
                handler: 100,
                most: usize::MAX,
            },
            seed: 1,
        }
    }

    /// One more record, of a resource with so many bytes.
    pub fn and(mut self, length: u64) -> Self {
        let number = self.records.len() as u64 + 1;
        let resource = Resource::new(number, length, Manner::default());
        let origin = resource.origin().into();
        let request = RequestHead {
            method: "GET".into(),
            origin,
            ..RequestHead::default()
        };
        self.records.push((request, resource));
        self
    }

    /// The manner of the last record's server.
    pub fn manner(mut self, set: impl FnOnce(&mut Manner)) -> Self {
        let number = self.records.len() as u64;
        let (request, resource) = self.last();
        let mut manner = resource.manner.clone();
        set(&mut manner);
        let (acts, then) = (std::mem::take(&mut resource.acts), resource.then.clone());
        *resource = Resource::new(number, resource.length, manner);
        resource.acts = acts;
        resource.then = then;
        request.origin = resource.origin().into();
        self
    }

    /// What the last record's server does to the first requests.
    pub fn acts(mut self, acts: impl IntoIterator<Item = Act>) -> Self {
        self.last().1.acts.extend(acts);
        self
    }

    /// What the last record's server does ever after.
    pub fn then(mut self, act: Act) -> Self {
        self.last().1.then = act;
        self
    }

    /// The last record's request.
    pub fn request(mut self, set: impl FnOnce(&mut RequestHead)) -> Self {
        set(&mut self.last().0);
        self
    }

    pub fn total(mut self, download_total: u64) -> Self {
        self.download_total = download_total;
        self
    }

    pub fn id(mut self, id: &str) -> Self {
        self.id = id.into();
        self
    }

    pub fn network(mut self, set: impl FnOnce(&mut Network)) -> Self {
        set(&mut self.network);
        self
    }

    /// Bytes of all resources.
    pub fn length(&self) -> u64 {
        self.records
            .iter()
            .map(|(_, resource)| resource.length)
            .sum()
    }

    /// The same with other numbers for its resources, so that several share a world.
    pub fn numbered(mut self, base: u64) -> Self {
        for (number, (_, resource)) in (base + 1..).zip(&mut self.records) {
            *resource = Resource::new(number, resource.length, resource.manner.clone());
        }
        self
    }

    fn last(&mut self) -> &mut (RequestHead, Resource) {
        self.records.last_mut().expect("a record")
    }

    /// A world in which it has been asked for, and nothing has happened yet.
    pub fn asked(self) -> World {
        let mut world = World::new(self.network.clone(), self.seed);
        self.ask(&mut world);
        world
    }

    /// Asks for it in a world that there is.
    pub fn ask(self, world: &mut World) {
        let deed = self.deed(world);
        world.deed(deed);
    }

    /// What asks for it in a world that there is.
    pub fn deed(self, world: &mut World) -> Deed {
        let base = world.shelf.len() as u64;
        let (requests, resources): (Vec<_>, Vec<_>) = self.records.into_iter().unzip();
        let numbers: Vec<_> = (base..).take(resources.len()).collect();
        world.shelf.extend(numbers.iter().copied().zip(resources));
        let (id, download_total) = (Id::from(self.id.as_str()), self.download_total);
        Deed::Start(
            NewFetch {
                id,
                requests,
                download_total,
            },
            numbers,
        )
    }

    /// A world in which it is stored and under way.
    pub fn started(self) -> World {
        let mut world = self.asked();
        world.run_until(|world| world.checks.started.contains(&FIRST));
        world
    }

    /// A world in which the first record has a response.
    pub fn responded(self) -> World {
        let mut world = self.started();
        world.run_until(|world| world.hands.values().any(|hand| hand.reading));
        world
    }

    /// A world in which so many bytes of the first record are stored, or more.
    pub fn stored(self, length: u64) -> World {
        let mut world = self.started();
        world.run_until(|world| world.stored_of(ONLY) >= length);
        world
    }

    /// A world in which the end is stored and pages are being told.
    pub fn ended(self) -> World {
        let mut world = self.asked();
        world.run_until(|world| world.checks.ends.contains_key(&FIRST));
        world
    }

    /// A world in which the handler of the event is at work.
    pub fn delivering(self) -> World {
        let mut world = self.asked();
        world.run_until(|world| !world.events(FIRST).is_empty());
        world
    }

    /// A world in which everything has come to rest.
    pub fn run(self) -> World {
        let mut world = self.asked();
        world.finish();
        world
    }
}

impl World {
    /// Until nothing happens any more; then nothing may be left over.
    pub fn finish(&mut self) {
        self.run();
        self.checks.at_rest(self);
    }

    /// The network is gone for so many milliseconds, and nobody says so.
    pub fn outage(&mut self, millis: u64) {
        self.deed(Deed::Down(true));
        self.deed(Deed::Reset);
        let up = self.now + millis;
        while self.now < up && self.step() {}
        self.now = self.now.max(up);
        self.deed(Deed::Down(false));
    }

    pub fn stored_of(&self, key: RecordKey) -> u64 {
        self.store.records.get(&key).map_or(0, |row| row.stored)
    }

    /// The requests that were sent for the first record: where each began.
    pub fn starts(&self) -> Vec<u64> {
        self.requests()
            .iter()
            .map(|sent| sent.range.map_or(0, |range| range.start))
            .collect()
    }

    /// The requests that were sent for the first record.
    pub fn requests(&self) -> Vec<Sent> {
        self.checks
            .sent
            .iter()
            .filter(|sent| sent.key == ONLY)
            .cloned()
            .collect()
    }

    /// How the first record looked when the event came.
    pub fn seen(&self) -> &Seen {
        &self.checks.seen.get(&FIRST).expect("an event came")[0]
    }

    /// The only event that came for the first background fetch.
    pub fn event(&self) -> EventKind {
        match self.events(FIRST) {
            [only] => *only,
            other => self.checks.fail(&format!("{other:?} is not one event")),
        }
    }

    /// Asserts that the first background fetch succeeded and its first record has all its bytes.
    pub fn assert_success(&self) {
        assert_eq!(self.event(), EventKind::Success);
        let resource = &self.resources[&ONLY];
        assert_eq!(self.seen().length, resource.length, "{:?}", self.seen());
    }

    /// Asserts that the first background fetch failed for this reason.
    pub fn assert_failure(&self, reason: background_fetch_polyfill::core::FailureReason) {
        assert_eq!(self.checks.ends.get(&FIRST), Some(&Some(reason)));
    }
}
