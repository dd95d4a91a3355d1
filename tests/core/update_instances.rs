//! [Update background fetch instances](https://wicg.github.io/background-fetch/#update-background-fetch-instance-algorithm).

use crate::headers::Tag;
use crate::scenario::{FIRST, KIB, MIB, Scenario, fetch_of};
use crate::server::Act;

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
    let mut world = fetch_of(6 * MIB)
        .manner(|manner| (manner.tag, manner.age) = (Tag::None, None))
        .acts([Act::Cut(5 * MIB)])
        .stored(4 * MIB);
    world.run_until(|world| world.core.state(FIRST).unwrap().downloaded == 0);
    world.finish();
    world.assert_success();
}

#[test]
fn the_last_bytes_are_announced_with_the_end_at_the_latest() {
    let mut world = fetch_of(100 * KIB).ended();
    assert_eq!(world.core.state(FIRST).unwrap().downloaded, 100 * KIB);
    world.finish();
}
