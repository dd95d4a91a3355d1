//! How many windows of one body are asked for at once: more than two only where it is faster.

use background_fetch_polyfill::core::{FetchNo, RecordIndex, RecordKey};

use crate::scenario::{FIRST, MIB, ONLY, fetch_of};
use crate::world::{Deed, Network, World};

/// What a run showed: how many requests of the first record were under way at once, for how long.
#[derive(Default)]
struct Seen {
    /// Milliseconds by number of requests.
    millis: [u64; 8],
    /// The most requests of all records at once.
    all: usize,
    /// Of the first record, when its last request was sent.
    at_last: usize,
}

impl Seen {
    fn most(&self) -> usize {
        self.millis
            .iter()
            .rposition(|&millis| millis > 0)
            .unwrap_or(0)
    }

    fn total(&self) -> u64 {
        self.millis.iter().sum()
    }

    /// Milliseconds with more than two.
    fn more_than_two(&self) -> u64 {
        self.millis[3..].iter().sum()
    }
}

fn open_of(world: &World, key: RecordKey) -> usize {
    let mine = |hand: &&crate::driver::Hand| hand.open && hand.key == key;
    world.hands.values().filter(mine).count()
}

fn watch(world: &mut World, until: impl Fn(&World) -> bool) -> Seen {
    let mut seen = Seen::default();
    let mut requests = world.requests().len();
    while !until(world) {
        let (before, open) = (world.now, open_of(world, ONLY));
        if !world.step() {
            break;
        }
        seen.millis[open] += world.now - before;
        let all = world.hands.values().filter(|hand| hand.open).count();
        seen.all = seen.all.max(all);
        if world.requests().len() > requests {
            requests = world.requests().len();
            seen.at_last = open_of(world, ONLY);
        }
    }
    seen
}

/// From the first request to the last byte in hand.
fn download(world: &mut World) -> Seen {
    world.run_until(|world| !world.requests().is_empty());
    let ended = |world: &World| world.hands.values().all(|hand| !hand.open);
    let seen = watch(world, ended);
    world.finish();
    world.assert_success();
    seen
}

fn on(set: impl FnOnce(&mut Network)) -> Seen {
    download(&mut fetch_of(40 * MIB).network(set).asked())
}

/// As many bytes in a millisecond as the link lets through, over however many connections.
fn shared(link: u64, each: u64) -> impl FnOnce(&mut Network) {
    move |network| {
        (network.link, network.rate, network.latency) = (link, each, 80);
        network.part = 16 << 10;
    }
}

#[test]
fn a_server_that_throttles_each_connection_is_asked_over_four() {
    for length in [12 * MIB, 40 * MIB] {
        let seen = download(&mut fetch_of(length).asked());
        assert_eq!((seen.most(), seen.all), (4, 4));
        // One connection would take a millisecond for each thousand bytes.
        assert!(seen.total() * 3 < length / 1_000, "{} ms", seen.total());
    }
}

#[test]
fn a_link_that_is_full_is_asked_over_two() {
    for link in [250, 2_500] {
        let seen = on(shared(link, 100_000));
        assert_eq!(seen.most(), 3, "one try");
        let length = 40 * MIB;
        assert!(
            seen.total() < length / link * 102 / 100 + 500,
            "{} ms",
            seen.total()
        );
        // A try now and then, of a second or a window.
        assert!(seen.more_than_two() * 5 < seen.total(), "{:?}", seen.millis);
    }
}

#[test]
fn two_windows_do_not_wait_for_their_answers_at_the_same_time() {
    for (length, link) in [
        (12, 2_500),
        (16, 2_500),
        (40, 2_500),
        (12, 1_000),
        (40, 5_000),
    ] {
        let length = length * MIB;
        let network = shared(link, 100_000);
        let seen = download(&mut fetch_of(length).network(network).asked());
        // One for the head, one for the first windows; what is more, the line was idle in the middle. A
        // third that is tried and given up may cost one.
        let idle = seen.total() - length / link;
        assert!(idle < 4 * 80, "{idle} ms without a byte");
    }
}

#[test]
fn what_the_third_brought_and_the_fourth_did_not_is_three() {
    let seen = on(shared(3_000, 1_000));
    assert_eq!(seen.most(), 4);
    assert!(seen.millis[3] * 2 > seen.total(), "{:?}", seen.millis);
}

#[test]
fn a_fast_link_is_asked_over_two() {
    let seen = on(|network| (network.rate, network.part) = (100_000, MIB));
    assert_eq!(seen.most(), 2);
}

#[test]
fn a_slow_store_needs_no_more_than_two() {
    let slow = |network: &mut Network| (network.rate, network.disk) = (4_000, 4_000);
    let mut world = fetch_of(200 * MIB).network(slow).asked();
    watch(&mut world, |world| world.stored_of(ONLY) > 40 * MIB);
    let seen = watch(&mut world, |world| world.stored_of(ONLY) > 120 * MIB);
    // It is tried again now and then.
    assert!(seen.more_than_two() * 4 < seen.total(), "{:?}", seen.millis);
    world.finish();
    world.assert_success();
}

#[test]
fn records_that_wait_come_before_a_third_window() {
    let mut scenario = fetch_of(12 * MIB);
    for _ in 0..9 {
        scenario = scenario.and(12 * MIB);
    }
    let mut world = scenario.asked();
    world.run_until(|world| !world.requests().is_empty());
    let last = RecordKey {
        fetch: FIRST,
        index: RecordIndex(9),
    };
    let seen = watch(&mut world, |world| open_of(world, last) > 0);
    assert_eq!((seen.most(), seen.all), (2, 6));
    let rest = watch(&mut world, |_| false);
    assert!(rest.all <= 6, "{}", rest.all);
    world.checks.at_rest(&world);
}

#[test]
fn records_of_two_background_fetches_share_six_connections() {
    let mut world = fetch_of(20 * MIB).asked();
    fetch_of(20 * MIB).numbered(1).id("other").ask(&mut world);
    let seen = watch(&mut world, |_| false);
    assert_eq!((seen.most(), seen.all), (4, 6));
    assert_eq!(world.events(FetchNo(2)).len(), 1);
}

#[test]
fn it_can_be_turned_off() {
    for most in [1, 2, 3] {
        let mut world = fetch_of(20 * MIB).asked();
        world.core.limit_windows(most, 16 * MIB);
        assert_eq!(download(&mut world).most(), most);
    }
}

#[test]
fn a_server_that_refuses_one_more_is_left_at_two_or_at_one() {
    for most in [1, 2, 3] {
        let scenario = fetch_of(400 * MIB).network(|network| network.most = most);
        let world = scenario.run();
        world.assert_success();
        // A connection brings a MiB in a second, and each refusal is a minute in which nothing is asked for.
        let alone = 400 * MIB / 1_000 / most.min(2) as u64;
        assert!(world.now < alone + 130_000, "{most}: {} ms", world.now);
    }
}

#[test]
fn a_restart_begins_with_two_again() {
    let mut world = fetch_of(40 * MIB).stored(10 * MIB);
    assert_eq!(open_of(&world, ONLY), 4);
    world.kill();
    assert_eq!(open_of(&world, ONLY), 2);
    assert_eq!(download(&mut world).most(), 4);
}

#[test]
fn a_server_that_drops_four_gets_one_request_at_a_time() {
    let mut world = fetch_of(40 * MIB).stored(10 * MIB);
    world.deed(Deed::Reset);
    world.run_until(|world| open_of(world, ONLY) == 0);
    let sent = world.requests().len();
    world.run_until(|world| world.requests().len() > sent);
    assert_eq!(open_of(&world, ONLY), 1);
    assert_eq!(download(&mut world).most(), 4);
}

#[test]
fn a_kill_costs_a_mebibyte_or_a_second() {
    for rate in [50, 200, 1_000, 4_000] {
        let slow = |network: &mut Network| network.rate = rate;
        let mut world = fetch_of(20 * MIB).network(slow).started();
        let mut worst = 0;
        while world.step() {
            let unstored = world.hands.values().map(|hand| hand.bytes.len()).sum();
            worst = u64::max(worst, unstored);
        }
        assert!(
            worst <= MIB.max(4 * rate * 1_000),
            "{worst} bytes at {rate} in a millisecond"
        );
    }
}
