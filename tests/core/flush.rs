//! When bytes are written: what a kill may cost.

use crate::scenario::{FIRST, KIB, MIB, ONLY, Scenario, fetch_of};
use crate::server::Act;
use crate::world::{Deed, Network, World};

fn slow(network: &mut Network) {
    (network.rate, network.part) = (100, 10 * KIB);
}

/// The longest that a byte of the first record waits until it is stored, in milliseconds and bytes.
fn exposure(mut world: World) -> (u64, u64) {
    let (mut since, mut longest, mut most) = (None, 0, 0);
    while world.step() {
        let held = world
            .hands
            .values()
            .map(|hand| hand.bytes.len())
            .sum::<u64>();
        let pending = world
            .pending
            .iter()
            .flat_map(|all| &all.taken)
            .map(|(_, of)| of.len());
        let open = held + pending.sum::<u64>();
        most = most.max(open);
        since = (open > 0).then(|| since.unwrap_or(world.now));
        longest = longest.max(since.map_or(0, |since| world.now - since));
    }
    world.checks.at_rest(&world);
    (longest, most)
}

#[test]
fn a_slow_disk_holds_two_short_windows_and_no_more_than_two_are_on_their_way_to_it() {
    let most = |longest| {
        let mut world = fetch_of(60 * MIB)
            .network(|network| (network.rate, network.disk) = (100_000, 2_000))
            .asked();
        world.core.limit_windows(4, longest);
        exposure(world).1
    };
    assert!(most(2 * MIB) <= 8 * MIB, "{}", most(2 * MIB));
    assert!(most(16 * MIB) > 16 * MIB, "{}", most(16 * MIB));
}

#[test]
fn a_slow_body_is_written_every_second() {
    let (longest, _) = exposure(fetch_of(MIB).network(slow).asked());
    assert!((900..1_300).contains(&longest), "{longest}");
}

#[test]
fn a_fast_body_is_written_in_chunks() {
    let world = fetch_of(64 * MIB)
        .manner(|manner| manner.length = false)
        .network(|network| (network.rate, network.part) = (50_000, MIB))
        .run();
    world.assert_success();
    // Chunks of 4 MiB, and three writes around them.
    assert!(
        (16..=22).contains(&world.checks.commits),
        "{}",
        world.checks.commits
    );
}

#[test]
fn a_kill_costs_at_most_what_comes_in_a_second_or_a_window_of_it() {
    for rate in [100, 2_000, 30_000] {
        let mut world = fetch_of(60 * MIB)
            .network(|network| (network.rate, network.part) = (rate, 64 * KIB))
            .stored(MIB);
        let second = (rate * 1_000).max(MIB);
        for _ in 0..20 {
            let until = world.now + 3_333;
            world.run_until(|world| world.now > until || world.checks.ends.contains_key(&FIRST));
            if world.checks.ends.contains_key(&FIRST) {
                break;
            }
            let in_hand = world
                .hands
                .values()
                .map(|hand| hand.bytes.len())
                .sum::<u64>();
            assert!(in_hand <= second * 3 / 2, "{in_hand} at {rate} B/ms");
            world.kill();
        }
        world.finish();
        world.assert_success();
    }
}

#[test]
fn a_head_is_written_soon_though_no_byte_follows() {
    let mut world = fetch_of(MIB)
        .network(|network| network.pause = 5_000)
        .responded();
    let responded = world.now;
    world.run_until(|world| world.store.records.contains_key(&ONLY));
    assert!(world.now - responded < 100, "{} ms", world.now - responded);
    assert_eq!(world.stored_of(ONLY), 0);
    world.finish();
    world.assert_success();
}

#[test]
fn small_records_share_transactions() {
    let mut scenario = Scenario::new();
    for _ in 0..1_000 {
        scenario = scenario.and(16 * KIB);
    }
    let world = scenario.network(|network| network.disk = 50).run();
    world.assert_success();
    assert!(world.checks.commits < 200, "{}", world.checks.commits);
}

#[test]
fn small_records_wait_for_company_though_the_disk_is_swift() {
    let small = |scenario: Scenario, _| scenario.and(16 * KIB);
    let mut world = (0..1_000)
        .fold(Scenario::new(), small)
        .network(|network| network.disk = 2)
        .asked();
    world.turn = 2;
    world.finish();
    world.assert_success();
    assert!(world.checks.commits < 100, "{}", world.checks.commits);
}

/// How long after its last byte the first record is stored.
fn stored_after(mut world: World) -> u64 {
    world.run_until(|world| world.hands.values().any(|hand| !hand.bytes.is_empty()));
    let came = world.now;
    let settled = |world: &World| {
        let row = world.store.records.get(&ONLY);
        row.is_some_and(|row| row.result.is_some())
    };
    world.run_until(settled);
    world.now - came
}

#[test]
fn a_record_that_nothing_follows_waits_for_no_company() {
    let after = stored_after(fetch_of(KIB).asked());
    assert!(after < 10, "{after} ms");
}

#[test]
fn a_record_waits_briefly_for_others_that_never_come() {
    let after = stored_after(fetch_of(KIB).and(KIB).then(Act::Hang).asked());
    assert!((40..70).contains(&after), "{after} ms");
}

#[test]
fn what_a_pause_leaves_in_hand_is_written_at_once() {
    let mut world = fetch_of(MIB).network(slow).responded();
    world.run_until(|world| world.hands.values().any(|hand| !hand.bytes.is_empty()));
    world.deed(Deed::Pause(FIRST, true));
    let before = world.now;
    world.run();
    assert!(world.stored_of(ONLY) > 0 && world.now - before < 200);
}
