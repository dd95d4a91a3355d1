//! How the core treats servers: few requests at once, and at most one a second to one that refuses.

use std::collections::BTreeMap;

use background_fetch_polyfill::core::{Event, FetchNo, RecordKey, TransferNo};

use crate::driver::Hand;
use crate::headers::Exposes;
use crate::scenario::{KIB, MIB, Scenario};
use crate::server::Resource;
use crate::world::World;

/// Requests in vain after which even one that had a head counts as refused.
const BARREN: u32 = 30;

#[derive(Clone, Debug, Default)]
pub struct Politeness {
    origins: BTreeMap<String, Origin>,
}

#[derive(Clone, Debug, Default)]
struct Origin {
    last: Option<u64>,
    /// Failures since anything came. The first one may be looked into at once.
    failing: u32,
    /// Requests since anything good came.
    barren: u32,
}

impl Politeness {
    pub fn event(
        &mut self,
        event: &Event,
        hands: &BTreeMap<TransferNo, Hand>,
        resources: &BTreeMap<RecordKey, Resource>,
    ) {
        let (transfer, came) = match event {
            Event::Failed { transfer } => (transfer, hands[transfer].fruitful),
            Event::Received {
                transfer,
                length: 1..,
            }
            | Event::Gathered { transfer, .. }
            | Event::Ended { transfer } => (transfer, true),
            _ => return,
        };
        let hand = &hands[transfer];
        let origin = resources[&hand.key].origin();
        let origin = self.origins.entry(origin.to_owned()).or_default();
        origin.failing = if came { 0 } else { origin.failing + 1 };
        // A part may end without a byte, again and again.
        if came && (hand.plain || !matches!(event, Event::Ended { .. })) {
            origin.barren = 0;
        }
    }

    /// The application asks for something new.
    pub fn demanded(&mut self, no: FetchNo, resources: &BTreeMap<RecordKey, Resource>) {
        for (_, resource) in resources.iter().filter(|(key, _)| key.fetch == no) {
            self.origins.remove(resource.origin());
        }
    }

    pub fn request(&mut self, world: &World, key: RecordKey) -> Result<(), String> {
        let name = world.resources[&key].origin();
        let origin = self.origins.entry(name.to_owned()).or_default();
        let soon = origin.last.is_some_and(|last| world.now < last + 1_000);
        if soon && (origin.failing > 1 || origin.barren > BARREN) {
            return Err(format!("{name} refuses and is asked again at once"));
        }
        origin.last = Some(world.now);
        origin.barren += 1;
        Ok(())
    }

    /// A new life does not know of the failures of the one before.
    pub fn killed(&mut self) {
        self.origins.clear();
    }
}

/// How many of a thousand requests are under way at once, one entry for each of the later steps, and the
/// milliseconds it took.
fn at_once(latency: u64, turn: u64) -> (Vec<usize>, u64) {
    let small = |scenario: Scenario, _| scenario.and(16 * KIB);
    let mut world = (0..1_000)
        .fold(Scenario::new(), small)
        .network(|network| (network.latency, network.rate) = (latency, 50_000))
        .asked();
    world.turn = turn;
    let mut seen = Vec::new();
    let done = |world: &World| world.checks.sent.len() >= 1_000;
    while !done(&world) && world.step() {
        seen.push(world.hands.values().filter(|hand| hand.open).count());
    }
    let took = world.now;
    world.finish();
    world.assert_success();
    (seen.split_off(seen.len() / 3), took)
}

fn mean(seen: &[usize]) -> usize {
    seen.iter().sum::<usize>() / seen.len()
}

#[test]
fn a_server_at_its_limit_keeps_connections_for_the_page() {
    let (seen, took) = at_once(1, 2);
    let free = seen.iter().filter(|&&open| open <= 4).count();
    assert!(free * 3 > seen.len() * 2, "{free} of {}", seen.len());
    // Nothing is lost by it.
    assert!(took < 2_200, "{took} ms");
}

#[test]
fn a_distant_server_is_asked_for_many_small_records_at_once() {
    let (seen, took) = at_once(80, 0);
    assert!(mean(&seen) >= 13, "{}", mean(&seen));
    assert!(took < 1_000 / 16 * 80 * 5 / 4, "{took} ms");
}

#[test]
fn at_most_six_large_and_sixteen_small_records_are_asked_for_at_once() {
    for (length, most) in [(9 * MIB, 6), (1_000, 16)] {
        let mut scenario = Scenario::new();
        for _ in 0..200 {
            scenario = scenario.and(length).manner(|manner| manner.ranges = false);
        }
        let mut world = scenario.asked();
        let mut seen = 0;
        while world.step() {
            let open = world.hands.values().filter(|hand| hand.open).count();
            seen = seen.max(open);
        }
        world.checks.at_rest(&world);
        assert_eq!(seen, most);
    }
}

#[test]
fn at_most_twenty_four_requests_are_under_way_over_all_origins() {
    let mut scenario = Scenario::new();
    for _ in 0..100 {
        scenario = scenario.and(1_000).and(1_000);
        scenario = scenario.manner(|manner| manner.cross = Some(Exposes::All));
    }
    let mut world = scenario.asked();
    let mut seen = 0;
    while world.step() {
        seen = seen.max(world.hands.values().filter(|hand| hand.open).count());
    }
    world.checks.at_rest(&world);
    assert_eq!(seen, 24);
}
