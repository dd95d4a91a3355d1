//! Races at the end of a background fetch, in great numbers: `abort()` against completion, and deaths
//! of the worker between the end, its event and the acknowledgement.

use background_fetch_polyfill::core::{EventKind, FailureReason};

use crate::chance::many;
use crate::rng::Rng;
use crate::scenario::{FIRST, KIB, Scenario};
use crate::server::Act;
use crate::world::{Deed, World};

const ABORTS: usize = 100_000;
const KILLS: usize = 10_000;

/// A small background fetch that ends soon, one way or another, with whatever latencies.
fn brief(chance: &mut Rng) -> Scenario {
    let mut scenario = Scenario::new().network(|network| {
        network.latency = chance.pick(&[1, 20]);
        network.disk = chance.pick(&[1, 10, 400]);
        network.handler = chance.pick(&[0, 50, 5_000]);
    });
    for _ in 0..chance.between(1, 3) {
        let length = chance.pick(&[0, 1, 900, 70_000, 200 * KIB]);
        scenario = scenario.and(length).acts(match chance.below(6) {
            0 => vec![Act::Cut(length / 2)],
            1 => vec![Act::Status(404, None)],
            2 => vec![Act::Refuse, Act::Cut(length)],
            _ => vec![],
        });
    }
    match chance.below(4) {
        0 => {
            let half = scenario.length() / 2 + 1;
            scenario.total(half)
        }
        _ => scenario,
    }
}

fn has_ended(world: &World) -> bool {
    !world.checks.started.is_empty() && world.core.active().next().is_none()
}

/// `abort()` at every step of many lives. Whoever is told `true` sees the abort event and no other;
/// whoever is told `false` sees the event of the end that came first.
#[test]
fn a_hundred_thousand_aborts_contradict_no_result() {
    let effective = many(ABORTS, |chance| {
        let (mut races, mut effective) = (0, 0);
        let mut before = brief(chance).asked();
        before.chance = Some(Rng::new(chance.next()));
        while before.step() {
            let mut world = before.clone();
            let started = world.checks.started.contains(&FIRST);
            world.deed(Deed::Abort(FIRST));
            let aborted = world.checks.aborted.contains(&FIRST);
            let killed = chance.one_in(4);
            if killed {
                world.kill();
            }
            world.deed(Deed::Calm);
            world.finish();
            races += 1;
            effective += usize::from(aborted);
            let events = world.events(FIRST);
            let abort = events.contains(&EventKind::Abort);
            if world.lives > 1 {
                // With the worker the abort may be lost; then it was never answered either.
                continue;
            }
            assert_eq!(abort, aborted, "{events:?}");
            assert_eq!(events.len(), usize::from(started || !events.is_empty()));
            let end = world.checks.ends.get(&FIRST).copied().flatten();
            assert_eq!(end == Some(FailureReason::Aborted), aborted, "{end:?}");
        }
        (races, effective)
    });
    assert!(effective > ABORTS / 4, "{effective} of them in time");
}

/// Deaths from the moment when the end is decided until nothing is left of it, up to four in a row.
#[test]
fn ten_thousand_deaths_around_the_end_lose_no_event() {
    let events = many(KILLS, |chance| {
        let mut world = brief(chance).asked();
        let kind = chance.below(3);
        if kind == 0 {
            let steps = chance.below(30);
            (0..steps).for_each(|_| _ = world.step());
            world.deed(Deed::Abort(FIRST));
        }
        world.run_until(has_ended);
        // From here on, what of a transaction survives a death is left to chance.
        world.chance = Some(Rng::new(chance.next()));
        let mut kills = 0;
        for _ in 0..chance.between(1, 4) {
            let steps = chance.below(6);
            (0..steps).for_each(|_| _ = world.step());
            let known = world.core.state(FIRST).is_some();
            if !known || world.core.active().next().is_some() {
                break;
            }
            world.kill();
            kills += 1;
        }
        world.deed(Deed::Calm);
        world.finish();
        let events = world.events(FIRST);
        assert!(!events.is_empty());
        (kills, events.len())
    });
    assert!(events > KILLS / 4, "{events} events");
}
