//! What takes too long: bodies that stall, heads that do not come, two weeks without progress.

use background_fetch_polyfill::core::{EventKind, FailureReason};

use crate::availability::{DAY, MINUTE, waits};
use crate::scenario::{FIRST, KIB, MIB, fetch_of};
use crate::server::Act;
use crate::world::Deed;

#[test]
fn a_body_that_stalls_is_dropped_after_half_a_minute() {
    let world = fetch_of(MIB).acts([Act::Stall(300_000)]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 300_000]);
    assert!(
        (30_000..33_000).contains(&waits(&world)[0]),
        "{:?}",
        waits(&world)
    );
}

#[test]
fn a_drip_is_progress_and_no_stall() {
    let world = fetch_of(20)
        .network(|network| {
            network.part = 1;
            network.pause = 20_000;
        })
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0]);
}

#[test]
fn a_server_that_thinks_long_is_given_more_time_with_each_try() {
    let world = fetch_of(MIB).acts(vec![Act::Hang; 4]).run();
    world.assert_success();
    let waits = waits(&world);
    assert!(waits[0] < 35_000 && waits[3] > 200_000, "{waits:?}");
}

#[test]
fn sending_a_large_body_is_no_stall() {
    let world = fetch_of(10)
        .request(|request| {
            request.method = "POST".into();
            request.body_length = 100 * MIB;
        })
        .network(|network| network.latency = 60 * MINUTE)
        .run();
    world.assert_success();
}

#[test]
fn a_large_body_is_not_waited_for_for_ever() {
    let upload = fetch_of(10).request(|request| {
        request.method = "POST".into();
        request.body_length = 100 * MIB;
    });
    let world = upload.acts([Act::Hang]).run();
    world.assert_failure(FailureReason::FetchError);
    assert!(world.now < DAY, "{} ms", world.now);
}

#[test]
fn two_weeks_without_progress_are_the_end() {
    let mut world = fetch_of(6 * MIB).stored(200 * KIB);
    world
        .resources
        .values_mut()
        .for_each(|of| of.then = Act::Status(503, Some("86400")));
    world.deed(Deed::Reset);
    world.deed(Deed::Down(true));
    world.deed(Deed::Online(false));
    world.finish();
    assert_eq!(world.event(), EventKind::Fail);
    world.assert_failure(FailureReason::FetchError);
    assert!(
        (14 * DAY..15 * DAY).contains(&world.now),
        "{} days",
        world.now / DAY
    );
}

#[test]
fn the_two_weeks_are_counted_across_lives_of_the_worker() {
    let mut world = fetch_of(6 * MIB).stored(200 * KIB);
    world.deed(Deed::Down(true));
    world.deed(Deed::Online(false));
    world.deed(Deed::Reset);
    for _ in 0..10 {
        world.now += 2 * DAY;
        world.kill();
    }
    world.finish();
    world.assert_failure(FailureReason::FetchError);
}

#[test]
fn who_comes_back_after_weeks_has_a_try() {
    let mut world = fetch_of(6 * MIB).stored(200 * KIB);
    world.now += 15 * DAY;
    world.kill();
    world.finish();
    world.assert_success();
}

#[test]
fn so_has_who_wakes_after_weeks() {
    let mut world = fetch_of(6 * MIB).stored(200 * KIB);
    world.now += 15 * DAY;
    world.finish();
    world.assert_success();
}

#[test]
fn weeks_asleep_count_for_who_is_without_a_network_before_and_after() {
    let mut world = fetch_of(6 * MIB).stored(200 * KIB);
    world.deed(Deed::Down(true));
    world.deed(Deed::Online(false));
    world.now += 15 * DAY;
    let back = world.now;
    world.finish();
    world.assert_failure(FailureReason::FetchError);
    let tried = world.now - back;
    assert!((60 * MINUTE..62 * MINUTE).contains(&tried), "{tried} ms");
}

#[test]
fn that_try_lasts_an_hour() {
    let mut world = fetch_of(6 * MIB).stored(200 * KIB);
    world.deed(Deed::Down(true));
    world.deed(Deed::Online(false));
    world.now += 15 * DAY;
    world.kill();
    let back = world.now;
    world.finish();
    world.assert_failure(FailureReason::FetchError);
    let tried = world.now - back;
    assert!((60 * MINUTE..62 * MINUTE).contains(&tried), "{tried} ms");
}

#[test]
fn a_body_with_integrity_is_waited_for_for_an_hour() {
    // Four gigabytes may take longer than that, and than the next one.
    let checked = fetch_of(MIB).request(|request| request.integrity = true);
    let world = checked.acts([Act::Hang, Act::Hang]).run();
    world.assert_success();
    assert_eq!(waits(&world).len(), 2);
    for (waited, hours) in waits(&world).into_iter().zip([1, 2]) {
        let expected = hours * 60 * MINUTE;
        assert!(
            (expected..expected + 2 * MINUTE).contains(&waited),
            "{waited} ms"
        );
    }
}

#[test]
fn a_paused_background_fetch_does_not_grow_old() {
    let mut world = fetch_of(6 * MIB).stored(200 * KIB);
    world.deed(Deed::Pause(FIRST, true));
    world.run();
    world.now += 30 * DAY;
    world.kill();
    world.run();
    world.deed(Deed::Pause(FIRST, false));
    world.kill();
    world.finish();
    world.assert_success();
}
