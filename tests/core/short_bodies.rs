//! Short bodies of a swift server, which are taken in one piece where there are many: nothing else may
//! change by that.

use background_fetch_polyfill::core::FailureReason;

use crate::headers::Exposes;
use crate::scenario::{FIRST, KIB, Scenario, fetch_of};
use crate::server::Act;
use crate::world::{Deed, World};

/// Bodies of 16 KiB, a few more than are asked for before the first has come.
fn bodies() -> Scenario {
    (0..20).fold(Scenario::new(), |scenario, _| scenario.and(16 * KIB))
}

#[test]
fn the_first_is_streamed_and_the_others_come_in_one_piece() {
    let world = bodies().run();
    world.assert_success();
    assert!(
        (10..20).contains(&world.checks.gathered),
        "{}",
        world.checks.gathered
    );
    assert_eq!(world.checks.sent.len(), 20);
}

#[test]
fn of_a_few_each_is_read_part_by_part() {
    let few = (0..15).fold(Scenario::new(), |scenario, _| scenario.and(16 * KIB));
    let world = few.run();
    world.assert_success();
    assert_eq!(world.checks.gathered, 0);
}

#[test]
fn what_cannot_be_sent_again_is_read_part_by_part() {
    let post = |scenario: Scenario, _| {
        let scenario = scenario.and(16 * KIB);
        scenario.request(|request| request.method = "POST".into())
    };
    let world = (0..20).fold(Scenario::new(), post).run();
    world.assert_success();
    assert_eq!(world.checks.gathered, 0);
}

#[test]
fn a_slow_server_is_read_part_by_part() {
    let slow = |network: &mut crate::world::Network| (network.rate, network.part) = (10, KIB);
    let world = bodies().network(slow).run();
    world.assert_success();
    assert_eq!(world.checks.gathered, 0);
}

#[test]
fn a_server_that_hides_headers_is_read_part_by_part() {
    let hidden = |scenario: Scenario, _| {
        let scenario = scenario.and(16 * KIB);
        scenario.manner(|manner| manner.cross = Some(Exposes::Nothing))
    };
    let world = (0..20).fold(Scenario::new(), hidden).run();
    world.assert_success();
    assert_eq!(world.checks.gathered, 0);
}

#[test]
fn a_long_or_coded_body_is_read_part_by_part() {
    let world = bodies()
        .and(300 * KIB)
        .and(16 * KIB)
        .manner(|manner| manner.gzip = true)
        .and(16 * KIB)
        .manner(|manner| manner.partial = Some(5_000))
        .run();
    world.assert_success();
    assert_eq!(world.checks.gathered, bodies().run().checks.gathered);
}

/// A world in which the last of many bodies meets this once.
fn last_meets(act: Act) -> World {
    bodies().and(16 * KIB).acts([act]).run()
}

#[test]
fn one_that_drops_is_asked_for_again_and_read_part_by_part() {
    for act in [Act::Cut(5_000), Act::Short(5_000), Act::Stall(5_000)] {
        let world = last_meets(act.clone());
        world.assert_success();
        assert_eq!(world.checks.sent.len(), 22, "{act:?}");
        let last = world.checks.sent.last().expect("one was sent");
        assert_eq!(last.key.index.0, 20, "{act:?}");
    }
}

#[test]
fn one_that_is_longer_than_it_says_is_not_believed() {
    let world = last_meets(Act::Long(10));
    world.assert_success();
    assert_eq!(world.checks.sent.len(), 22);
}

#[test]
fn the_download_total_holds_to_the_byte() {
    let exact = 20 * 16 * KIB;
    bodies().total(exact).run().assert_success();
    let world = bodies().total(exact - 1).run();
    world.assert_failure(FailureReason::DownloadTotalExceeded);
}

#[test]
fn an_abort_or_a_pause_in_the_middle_ends_them() {
    let gathering = |world: &World| world.hands.values().any(|hand| hand.gathers && hand.open);
    let mut world = bodies().asked();
    world.run_until(gathering);
    world.deed(Deed::Pause(FIRST, true));
    assert!(!gathering(&world));
    world.deed(Deed::Pause(FIRST, false));
    world.finish();
    world.assert_success();

    let mut world = bodies().asked();
    world.run_until(gathering);
    world.deed(Deed::Abort(FIRST));
    assert!(!gathering(&world));
    world.finish();
    world.assert_failure(FailureReason::Aborted);
}

#[test]
fn empty_bodies_and_answers_to_head_end_like_others() {
    let world = bodies()
        .and(0)
        .and(16 * KIB)
        .request(|request| request.method = "HEAD".into());
    world.run().assert_success();
    fetch_of(0).run().assert_success();
}
