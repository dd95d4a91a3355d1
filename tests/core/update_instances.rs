//! [Update background fetch instances](https://wicg.github.io/background-fetch/#update-background-fetch-instance-algorithm).

use background_fetch_polyfill::core::EventKind;

use crate::headers::{Manner, Tag};
use crate::scenario::{FIRST, KIB, MIB, ONLY, Scenario, fetch_of};
use crate::server::Act;
use crate::world::World;

#[test]
fn progress_is_announced_at_most_every_tenth_of_a_second() {
    let mut scenario = Scenario::new();
    for _ in 0..500 {
        scenario = scenario.and(5_000);
    }
    let world = scenario.run();
    let announced = &world.checks.announced[&FIRST];
    let last = announced.len() - 1;
    // The last one, that the records are no longer available, does not wait.
    let fast = announced[..last]
        .windows(2)
        .filter(|pair| pair[1] - pair[0] < 100)
        .count();
    assert_eq!(fast, 0, "{announced:?}");
    assert!(announced.len() > 5, "{announced:?}");
}

#[test]
fn what_is_announced_is_stored() {
    let mut world = fetch_of(10 * MIB).started();
    let mut last = 0;
    while world.step() {
        let Some(state) = world.core.state(FIRST) else {
            break;
        };
        // The checks compare it with the rows; here it must move.
        assert!(state.downloaded >= last);
        last = state.downloaded;
    }
    assert_eq!(last, 10 * MIB);
}

#[test]
fn a_restart_from_the_first_byte_shows() {
    let unproven = |manner: &mut Manner| (manner.tag, manner.age) = (Tag::None, None);
    for (set, then) in [
        (unproven as fn(&mut Manner), Act::Serve),
        (|_| {}, Act::Change),
    ] {
        let mut world = fetch_of(6 * MIB)
            .manner(set)
            .acts([Act::Cut(5 * MIB), then])
            .stored(4 * MIB);
        world.run_until(|world| world.core.state(FIRST).unwrap().downloaded == 0);
        let before = world.checks.announced[&FIRST].len();
        world.run_until(|world| world.checks.announced[&FIRST].len() > before);
        let state = world.core.state(FIRST).unwrap();
        assert_eq!(state.downloaded, 0, "before anything new comes");
        world.finish();
        assert_eq!(world.events(FIRST), [EventKind::Success]);
    }
}

#[test]
fn an_end_shows_all_its_bytes() {
    let mut world = fetch_of(100 * KIB).ended();
    assert_eq!(world.core.state(FIRST).unwrap().downloaded, 100 * KIB);
    world.finish();
}

#[test]
fn nothing_is_announced_before_there_is_something_to_say() {
    let mut world = fetch_of(6 * MIB)
        .manner(|manner| (manner.tag, manner.age) = (Tag::None, None))
        .acts([Act::Cut(10_000)])
        .asked();
    world.run_until(|world| world.requests().len() == 2);
    assert!(world.checks.announced.get(&FIRST).is_none_or(Vec::is_empty));
    world.finish();

    let mut world = fetch_of(6 * MIB).and(6 * MIB).responded();
    let none = |world: &World| world.checks.announced.get(&FIRST).is_none_or(Vec::is_empty);
    assert!(none(&world));
    world.run_until(|world| world.stored_of(ONLY) > 0);
    world.finish();
    assert!(!none(&world));
}
