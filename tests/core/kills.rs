//! Two records of three chunks each, and the worker dies at every step, and at every pair of steps, with
//! none, one or all of what was on its way to the store: nothing is lost.

use std::collections::BTreeSet;

use background_fetch_polyfill::core::{EventKind, RecordKey};

use crate::restore::three_chunks;
use crate::scenario::{FIRST, fetch_of};
use crate::world::World;

/// Plays the job to its end, killed after these outputs, with so many transactions stored each time.
fn killed(at: &[usize], survivors: &[usize]) -> World {
    let scenario = three_chunks(fetch_of(300_000).and(290_000));
    let mut world = World::new(scenario.network.clone(), 1);
    world.kills.at.extend(at);
    world.kills.survivors.extend(survivors);
    scenario.ask(&mut world);
    world.finish();
    let events = world.events(FIRST);
    assert!(events.iter().all(|&event| event == EventKind::Success));
    // Killed before its rows are stored there is no background fetch; nobody was told of one either.
    let lost = world.store.next == 1 && world.checks.started.is_empty();
    assert!(
        lost || !events.is_empty(),
        "killed at {at:?}, {survivors:?}"
    );
    world
}

#[test]
fn the_job_has_two_records_of_three_chunks() {
    let mut world = three_chunks(fetch_of(300_000).and(290_000)).asked();
    let mut chunks: BTreeSet<(RecordKey, u64)> = BTreeSet::new();
    while world.step() {
        let rows = world.store.records.iter();
        chunks.extend(rows.map(|(&key, row)| (key, row.stored)));
    }
    let lengths: Vec<_> = chunks.iter().map(|&(_, stored)| stored).collect();
    // The heads come first.
    let expected = [0, 100_000, 200_000, 300_000, 0, 100_000, 200_000, 290_000];
    assert_eq!(lengths, expected);
}

#[test]
fn a_kill_at_every_step_loses_nothing() {
    let steps = killed(&[], &[]).steps;
    assert!(steps > 40, "{steps} outputs");
    for step in 1..=steps {
        for survivors in 0..=2 {
            let world = killed(&[step], &[survivors]);
            assert_eq!(world.lives, 2, "killed at {step}");
        }
    }
}

#[test]
fn any_two_kills_lose_nothing() {
    let mut pairs = 0;
    for first in 1..=killed(&[], &[]).steps {
        for one in 0..=2 {
            // The life after the kill has steps of its own.
            let steps = killed(&[first], &[one]).steps;
            for second in first + 1..=steps {
                for other in 0..=2 {
                    let world = killed(&[first, second], &[one, other]);
                    assert_eq!(world.lives, 3, "killed at {first} and {second}");
                    pairs += 1;
                }
            }
        }
    }
    assert!(pairs > 10_000, "{pairs}");
}
