//! The [paused flag](https://wicg.github.io/background-fetch/#background-fetch-paused-flag).

use background_fetch_polyfill::core::{Output, RequestHead, Timestamp};

use crate::headers::Tag;
use crate::scenario::{FIRST, KIB, MIB, ONLY, Scenario, fetch_of};
use crate::world::{Deed, World};

fn paused(scenario: Scenario) -> World {
    let mut world = scenario.responded();
    world.run_until(|world| {
        world
            .hands
            .values()
            .any(|hand| hand.bytes.len() > 200 * KIB)
    });
    world.deed(Deed::Pause(FIRST, true));
    world
}

#[test]
fn a_pause_drops_the_connections_and_keeps_every_byte() {
    let mut world = paused(fetch_of(MIB));
    assert!(world.hands.values().all(|hand| !hand.open));
    let kept = world
        .hands
        .values()
        .map(|hand| hand.bytes.len())
        .sum::<u64>();
    let on_its_way: u64 = world
        .pending
        .iter()
        .flat_map(|all| &all.taken)
        .map(|(_, of)| of.len())
        .sum();
    world.run();
    assert_eq!(world.stored_of(ONLY), kept + on_its_way);
    assert!(world.stored_of(ONLY) > 200 * KIB);
    assert!(world.core.state(FIRST).unwrap().paused);

    let stored = world.stored_of(ONLY);
    world.deed(Deed::Pause(FIRST, false));
    world.finish();
    world.assert_success();
    assert_eq!(world.starts(), [0, stored]);
}

#[test]
fn a_pause_of_what_cannot_be_continued_starts_over_later() {
    let mut world = paused(fetch_of(MIB).manner(|manner| {
        manner.tag = Tag::None;
        manner.age = None;
    }));
    assert!(world.hands.is_empty());
    world.run();
    world.deed(Deed::Pause(FIRST, false));
    world.finish();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0]);
}

#[test]
fn a_pause_before_the_first_answer_sends_nothing_until_it_ends() {
    let mut world = fetch_of(MIB).and(MIB).started();
    world.deed(Deed::Pause(FIRST, true));
    world.run();
    assert!(world.hands.is_empty());
    let sent = world.checks.sent.len();
    world.deed(Deed::Pause(FIRST, false));
    assert!(world.checks.sent.len() > sent);
    world.finish();
    world.assert_success();
}

#[test]
fn a_pause_survives_the_worker() {
    let mut world = paused(fetch_of(MIB));
    world.run();
    world.kill();
    world.run();
    assert!(world.core.state(FIRST).unwrap().paused);
    assert_eq!(world.starts(), [0]);
    world.deed(Deed::Pause(FIRST, false));
    world.finish();
    world.assert_success();
}

#[test]
fn what_is_paused_needs_no_worker() {
    let mut world = paused(fetch_of(MIB));
    assert!(world.busy, "something is to be stored");
    world.run();
    assert!(!world.busy);
    world.kill();
    world.run();
    assert!(!world.busy);
    world.deed(Deed::Pause(FIRST, false));
    assert!(world.busy);
    world.finish();
    world.assert_success();
}

#[test]
fn an_end_is_not_paused() {
    let mut world = paused(fetch_of(MIB));
    world.run();
    world.deed(Deed::Abort(FIRST));
    world.run_until(|world| world.checks.ends.contains_key(&FIRST));
    assert!(!world.core.state(FIRST).unwrap().paused);
    world.finish();
}

#[test]
fn a_pause_in_windows_keeps_what_is_contiguous() {
    let mut world = fetch_of(40 * MIB).stored(6 * MIB);
    world.deed(Deed::Pause(FIRST, true));
    world.run();
    let stored = world.stored_of(ONLY);
    world.deed(Deed::Pause(FIRST, false));
    let next = world.requests().last().unwrap().range.unwrap();
    assert!(next.start >= stored);
    world.finish();
    world.assert_success();
}

/// Pauses the core, which says whether that had an effect and announces it if so.
fn pause(world: &mut World, paused: bool) -> bool {
    let at = Timestamp::from_millis(world.now);
    let effective = world.core.pause(at, FIRST, paused).unwrap();
    let outputs: Vec<_> = std::iter::from_fn(|| world.core.poll_output()).collect();
    assert_eq!(outputs.contains(&Output::Announce(FIRST)), effective);
    effective
}

#[test]
fn a_pause_that_has_no_effect_says_so() {
    let head = |request: &mut RequestHead| request.method = "HEAD".into();
    let mut world = fetch_of(MIB).request(head).started();
    assert!(!pause(&mut world, true), "it is not all GET");

    let mut world = fetch_of(MIB).started();
    assert!(!pause(&mut world, false), "it is not paused");
    assert!(pause(&mut world, true));
    assert!(!pause(&mut world, true), "it is paused");
    assert!(pause(&mut world, false));

    let mut world = fetch_of(MIB).ended();
    assert!(!pause(&mut world, true), "it has ended");
}

#[test]
fn records_go_on_in_their_order_after_a_pause() {
    let mut scenario = Scenario::new();
    for _ in 0..10 {
        scenario = scenario.and(MIB).manner(|manner| manner.ranges = false);
    }
    let mut world = scenario.responded();
    world.deed(Deed::Pause(FIRST, true));
    world.run();
    let before = world.checks.sent.len();
    world.deed(Deed::Pause(FIRST, false));
    let order: Vec<_> = world.checks.sent[before..]
        .iter()
        .map(|sent| sent.key.index.0)
        .collect();
    assert_eq!(order, [0, 1, 2, 3, 4, 5]);
    world.finish();
}
