//! Whole lives of background fetches under faults drawn from one seed. A failure prints the seed:
//! `SIMULATION_SEED=<seed> SIMULATION_LOG=1 cargo test --test core random` shows it again, step by step.
//! `SIMULATION_SCHEDULES=<n>` runs so many.

use background_fetch_polyfill::core::{FetchNo, RequestHead};

use crate::headers::{Exposes, Tag};
use crate::rng::Rng;
use crate::scenario::{KIB, MIB, Scenario};
use crate::world::{Deed, Happening, Network, World};

const SCHEDULES: u64 = 10_000;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn no_schedule_of_faults_breaks_an_invariant() {
    if let Some(seed) = variable("SIMULATION_SEED") {
        return live(seed);
    }
    let first = variable("SIMULATION_FIRST").unwrap_or(1);
    let schedules = variable("SIMULATION_SCHEDULES").unwrap_or(SCHEDULES);
    let threads = std::thread::available_parallelism().map_or(1, |number| number.get() as u64);
    let broken: Vec<u64> = std::thread::scope(|scope| {
        let run = |thread| {
            let seeds = (first..first + schedules).filter(move |seed| seed % threads == thread);
            let broken = |seed: &u64| std::panic::catch_unwind(|| live(*seed)).is_err();
            scope.spawn(move || seeds.filter(broken).take(5).collect::<Vec<_>>())
        };
        let running: Vec<_> = (0..threads).map(run).collect();
        running
            .into_iter()
            .flat_map(|thread| thread.join().expect("caught"))
            .collect()
    });
    assert!(
        broken.is_empty(),
        "{} of {schedules} schedules, seeds {broken:?}",
        broken.len()
    );
}

/// A world with faults, until they stop and everything comes to its end.
fn live(seed: u64) {
    let mut chance = Rng::new(seed);
    let network = network(&mut chance);
    // A large body in small parts takes as long as a hundred other lives, and shows no more than they.
    let longest = if network.part < 64 * KIB {
        MIB
    } else {
        40 * MIB
    };
    let mut world = World::new(network, seed);
    let mut at = 0;
    for number in 0..chance.between(1, 3) {
        let scenario = scenario(&mut chance, longest).id(&format!("{}", chance.below(2)));
        let scenario = scenario.numbered(number * 100);
        let start = scenario.deed(&mut world);
        world.plan(at, Happening::Do(start));
        at += chance.below(20_000);
    }
    for _ in 0..chance.below(8) {
        let no = FetchNo(chance.between(1, 3));
        let deed = match chance.below(18) {
            0 => Deed::Abort(no),
            1..=3 => Deed::Pause(no, true),
            4..=5 => Deed::Pause(no, false),
            6..=7 => Deed::Online(false),
            8 => Deed::Online(true),
            9..=10 => Deed::Down(true),
            11 => Deed::Down(false),
            12..=13 => Deed::Reset,
            14..=15 => Deed::Retry(chance.one_in(2)),
            _ => Deed::Kill,
        };
        world.plan(chance.below(60_000), Happening::Do(deed));
    }
    if chance.one_in(6) {
        world.store.quota = Some(chance.below(8 * MIB));
    }
    let calm = chance.pick(&[60_000, 120_000, 1_200_000]);
    world.plan(calm, Happening::Do(Deed::Calm));
    for no in 1..=9 {
        world.plan(calm + 1, Happening::Do(Deed::Pause(FetchNo(no), false)));
    }
    world.chance = Some(Rng::new(chance.next()));
    world.finish();
}

fn network(chance: &mut Rng) -> Network {
    Network {
        latency: chance.pick(&[1, 20, 300]),
        rate: chance.pick(&[2, 50, 1_000, 20_000]),
        link: 0,
        part: chance.pick(&[3 * KIB, 64 * KIB, MIB]),
        disk: chance.pick(&[1, 10, 400]),
        pause: 0,
        handler: chance.pick(&[0, 50, 5_000]),
        most: chance.pick(&[usize::MAX, usize::MAX, usize::MAX, 2]),
    }
}

fn scenario(chance: &mut Rng, longest: u64) -> Scenario {
    let mut scenario = Scenario::new();
    for _ in 0..chance.pick(&[1, 1, 2, 3, 5]) {
        let length = match chance.below(8) {
            0 => chance.below(3),
            1..=2 => chance.below(2_000),
            3 => chance.between(64 * KIB - 2, 64 * KIB + 2),
            4..=5 => chance.below(400 * KIB),
            6 => chance.below(6 * MIB),
            _ => chance.between(8 * MIB, 40 * MIB),
        };
        let length = length.min(longest);
        scenario = scenario.and(length).manner(|manner| {
            if chance.one_in(2) {
                return;
            }
            manner.ranges = !chance.one_in(6);
            manner.tag = chance.pick(&[Tag::Strong, Tag::Strong, Tag::Weak, Tag::None]);
            manner.age = chance.pick(&[None, Some(0), Some(59), Some(60), Some(100_000)]);
            manner.date = !chance.one_in(4);
            manner.length = !chance.one_in(6);
            manner.star = chance.one_in(6);
            manner.gzip = chance.one_in(8);
            manner.slice = chance
                .one_in(6)
                .then(|| chance.between(1, length + 1) / 3 + 1);
            manner.partial = chance.one_in(10).then(|| chance.between(1, length + 1));
            let exposes = chance.pick(&[Exposes::All, Exposes::OnlyETag, Exposes::Nothing]);
            match chance.below(4) {
                0 => manner.cross = Some(exposes),
                1 if chance.one_in(3) => manner.redirected = Some(exposes),
                _ => {}
            }
        });
        if chance.one_in(12) {
            let method = chance.pick(&["POST", "HEAD", "PUT"]);
            let body_length = if method == "HEAD" {
                0
            } else {
                chance.below(10_000)
            };
            scenario = scenario.request(|request| {
                *request = RequestHead {
                    method: method.into(),
                    body_length,
                    ..request.clone()
                };
            });
        }
        if chance.one_in(16) {
            scenario = scenario.request(|request| request.integrity = true);
        }
    }
    let length = scenario.length();
    match chance.below(6) {
        0 => scenario.total(length),
        1 => scenario.total(length / 2 + 1),
        2 => scenario.total(length + 1_000),
        _ => scenario,
    }
}
