//! [`abort()`](https://wicg.github.io/background-fetch/#background-fetch-registration-abort).

use background_fetch_polyfill::core::{EventKind, FailureReason, FetchResult};

use crate::scenario::{FIRST, KIB, MIB, Scenario, fetch_of};
use crate::server::Act;
use crate::world::{Deed, World};

fn abort(world: &mut World) {
    world.deed(Deed::Abort(FIRST));
}

#[test]
fn abort_ends_it_with_the_abort_event_and_nothing_else() {
    let mut world = fetch_of(6 * MIB).and(MIB).stored(100 * KIB);
    abort(&mut world);
    assert!(
        world.hands.values().all(|hand| !hand.open),
        "the network is quiet at once"
    );
    assert_eq!(
        world.core.state(FIRST).unwrap().result,
        FetchResult::Pending
    );
    world.finish();
    assert_eq!(world.event(), EventKind::Abort);
    world.assert_failure(FailureReason::Aborted);
}

#[test]
fn abort_frees_the_id_at_once() {
    let mut world = fetch_of(MIB).started();
    assert_eq!(world.no("season-2"), Some(FIRST));
    abort(&mut world);
    assert_eq!(world.no("season-2"), None);
    fetch_of(KIB).ask(&mut world);
    world.finish();
    assert_eq!(world.checks.started.len(), 2);
}

#[test]
fn abort_of_one_that_is_paused_or_waits_works_as_well() {
    let mut world = fetch_of(6 * MIB).stored(100 * KIB);
    world.deed(Deed::Pause(FIRST, true));
    abort(&mut world);
    world.finish();
    assert_eq!(world.event(), EventKind::Abort);

    let mut world = fetch_of(MIB).then(Act::Refuse).started();
    world.run_until(|world| world.now > 10_000);
    abort(&mut world);
    world.finish();
    assert_eq!(world.event(), EventKind::Abort);
}

#[test]
fn abort_is_false_before_the_start_and_after_the_end() {
    let at = background_fetch_polyfill::core::Timestamp::from_millis(1_000_000);
    let mut world = fetch_of(MIB).asked();
    assert_eq!(world.core.abort(at, FIRST), Ok(false));
    let mut world = fetch_of(MIB).ended();
    assert_eq!(world.core.abort(at, FIRST), Ok(false));
    let mut world = fetch_of(MIB).delivering();
    assert_eq!(world.core.abort(at, FIRST), Ok(false));
}

/// Every interleaving: abort after each step of a download that fails or succeeds, with and without a
/// kill right after it.
#[test]
fn abort_after_any_step_has_one_outcome() {
    let scenarios: [fn() -> Scenario; 4] = [
        || fetch_of(200 * KIB).and(100),
        || fetch_of(200 * KIB).and(100).then(Act::Status(404, None)),
        || fetch_of(200 * KIB).and(300 * KIB).total(400 * KIB),
        || fetch_of(200 * KIB).acts([Act::Cut(70_000), Act::Refuse]),
    ];
    for scenario in scenarios {
        let mut before = scenario().asked();
        loop {
            for killed in [false, true] {
                let mut world = before.clone();
                abort(&mut world);
                if killed {
                    world.kills.survivors.push_back(0);
                    world.kill();
                }
                world.finish();
            }
            if !before.step() {
                break;
            }
        }
    }
}

#[test]
fn what_was_on_its_way_to_the_store_does_not_come_back() {
    let mut world = fetch_of(3 * KIB)
        .network(|network| network.disk = 1_000)
        .asked();
    world.run_until(|world| !world.checks.started.is_empty() && !world.pending.is_empty());
    abort(&mut world);
    world.finish();
    assert_eq!(world.event(), EventKind::Abort);
}

#[test]
fn an_end_does_not_count_bytes_that_are_on_their_way_out() {
    let post = fetch_of(300_000).request(|request| request.method = "POST".into());
    let slow = post.acts([Act::Cut(200_000)]).network(|network| {
        (network.rate, network.part, network.disk) = (100, 50_000, 500);
    });
    let mut world = slow.stored(100_000);
    // The record has failed, which is not stored yet.
    world.run_until(|world| world.hands.is_empty());
    assert!(world.core.state(FIRST).unwrap().downloaded > 0);
    abort(&mut world);
    assert_eq!(world.core.state(FIRST).unwrap().downloaded, 0);
    world.finish();
    assert_eq!(world.event(), EventKind::Abort);
}
