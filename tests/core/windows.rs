//! Large bodies go on in bounded windows, as long as half a second each. How many there are at a time is
//! in `parallel`.

use background_fetch_polyfill::core::{EventKind, Range, Take};

use crate::headers::{Exposes, Manner};
use crate::scenario::{FIRST, KIB, MIB, ONLY, Scenario, fetch_of};
use crate::server::Act;
use crate::world::{Network, World};

fn fast(network: &mut Network) {
    network.rate = 100_000;
    network.part = MIB;
}

/// The ranges of the first record's requests after the first one.
fn ranges(world: &World) -> Vec<Range> {
    world
        .requests()
        .iter()
        .filter_map(|sent| sent.range)
        .collect()
}

#[test]
fn a_large_body_goes_on_in_windows_without_gap_or_overlap() {
    for (rate, part) in [(500, 64 * KIB), (3_000, 100_000), (100_000, MIB)] {
        let world = fetch_of(40 * MIB + 12_345)
            .network(|network| (network.rate, network.part) = (rate, part))
            .run();
        world.assert_success();
        let ranges = ranges(&world);
        assert!(ranges.len() > 2, "{ranges:?}");
        assert!(
            ranges
                .windows(2)
                .all(|pair| pair[0].end == Some(pair[1].start)),
            "{ranges:?}"
        );
        assert_eq!(ranges.last().unwrap().end, Some(40 * MIB + 12_345));
        let sizes: Vec<_> = ranges
            .iter()
            .map(|range| range.end.unwrap() - range.start)
            .collect();
        assert!(sizes.iter().all(|&size| size <= 16 * MIB), "{sizes:?}");
        assert!(
            sizes[..sizes.len() - 1].iter().all(|&size| size >= MIB / 4),
            "{sizes:?}"
        );
    }
}

#[test]
fn only_fast_windows_are_taken_whole() {
    let whole = |world: &World| world.hands.values().any(|hand| hand.take == Take::Whole);
    let mut world = fetch_of(40 * MIB).network(fast).started();
    world.run_until(whole);
    world.finish();
    world.assert_success();

    let mut world = fetch_of(20 * MIB)
        .network(|network| network.rate = 2_000)
        .started();
    while world.step() {
        assert!(!whole(&world));
    }
}

#[test]
fn small_bodies_and_unproven_ones_stay_one_stream() {
    let one = |scenario: Scenario| {
        let world = scenario.run();
        world.assert_success();
        assert_eq!(world.starts(), [0]);
    };
    one(fetch_of(8 * MIB - 1));
    for set in [
        |manner: &mut Manner| manner.ranges = false,
        |manner: &mut Manner| manner.tag = crate::headers::Tag::Weak,
        |manner: &mut Manner| manner.cross = Some(Exposes::Nothing),
        |manner: &mut Manner| manner.gzip = true,
        |manner: &mut Manner| manner.length = false,
    ] {
        one(fetch_of(20 * MIB).manner(set));
    }
}

#[test]
fn a_drop_in_a_window_costs_nothing_that_came() {
    for rate in [500, 100_000] {
        let mut acts = vec![Act::Serve];
        for n in 1..12 {
            acts.extend([Act::Cut(n * 50_000), Act::Serve]);
        }
        let network = |network: &mut Network| network.rate = rate;
        let world = fetch_of(20 * MIB).network(network).acts(acts).run();
        world.assert_success();
    }
}

#[test]
fn a_whole_window_that_drops_is_taken_by_reader_the_second_time() {
    let mut world = fetch_of(60 * MIB).network(fast).started();
    world.run_until(|world| world.hands.values().any(|hand| hand.take == Take::Whole));
    let lost = world.requests().last().unwrap().range;
    world.deed(crate::world::Deed::Reset);
    world.run_until(|world| {
        world
            .requests()
            .iter()
            .filter(|sent| sent.range == lost)
            .count()
            > 1
    });
    let again = world
        .hands
        .values()
        .filter(|hand| hand.open)
        .map(|hand| hand.take)
        .next_back();
    assert_eq!(again, Some(Take::Stream));
    world.finish();
    world.assert_success();
}

#[test]
fn a_window_that_has_all_its_bytes_may_fail_to_end() {
    let mut acts = vec![Act::Serve];
    acts.extend(vec![Act::Cut(384 * KIB); 10]);
    let world = fetch_of(20 * MIB).acts(acts).run();
    world.assert_success();
    let ranges = ranges(&world);
    assert!(ranges.iter().all(|range| range.end.unwrap() > range.start));
}

#[test]
fn a_window_given_in_slices_is_asked_for_until_it_is_whole() {
    let world = fetch_of(12 * MIB)
        .manner(|manner| manner.slice = Some(300_000))
        .run();
    world.assert_success();
}

#[test]
fn a_window_longer_than_asked_is_cut_where_it_must_end() {
    let world = fetch_of(12 * MIB)
        .acts([Act::Serve, Act::Long(5_000), Act::Long(5_000)])
        .run();
    world.assert_success();
}

#[test]
fn a_server_that_gives_all_the_rest_for_a_window_is_read_as_one_stream() {
    let mut world = fetch_of(60 * MIB).network(fast).started();
    world.run_until(|world| world.hands.values().any(|hand| hand.take == Take::Whole));
    world.resources.get_mut(&ONLY).unwrap().then = Act::OpenEnded;
    world.finish();
    world.assert_success();
    let taken_whole = |hand: &&crate::driver::Hand| hand.take == Take::Whole;
    assert!(world.hands.values().filter(taken_whole).count() <= 4);
    assert_eq!(world.requests().last().unwrap().range.unwrap().end, None);
}

#[test]
fn a_resource_that_changes_is_not_taken_whole_in_place_of_a_window() {
    let mut world = fetch_of(60 * MIB).network(fast).started();
    world.run_until(|world| world.hands.values().any(|hand| hand.take == Take::Whole));
    let acts = &mut world.resources.get_mut(&ONLY).unwrap().acts;
    acts.clear();
    acts.push_back(Act::Change);
    world.finish();
    world.assert_success();
    let plain = world
        .requests()
        .iter()
        .filter(|sent| sent.range.is_none())
        .count();
    assert_eq!(plain, 2);
}

#[test]
fn a_resource_that_changes_between_windows_starts_over_as_one_stream() {
    let crossing = |manner: &mut Manner| manner.cross = Some(Exposes::All);
    for scenario in [fetch_of(12 * MIB), fetch_of(12 * MIB).manner(crossing)] {
        let world = scenario
            .acts([Act::Serve, Act::Serve, Act::Serve, Act::Change])
            .run();
        world.assert_success();
    }
}

#[test]
fn an_error_in_a_window_is_the_result_of_the_record() {
    let acts = [Act::Serve, Act::Serve, Act::Status(404, None)];
    let world = fetch_of(12 * MIB).acts(acts).run();
    assert_eq!(world.event(), EventKind::Fail);
    assert_eq!((world.seen().status, world.seen().length), (Some(404), 100));
}

#[test]
fn windows_go_on_after_a_restart_and_follow_the_first_bytes() {
    let mut world = fetch_of(40 * MIB).stored(10 * MIB);
    world.kill();
    let next = world.requests().last().unwrap().range.unwrap();
    assert!(next.end.is_some());
    world.finish();
    world.assert_success();

    let world = fetch_of(40 * MIB).acts([Act::Cut(0)]).run();
    world.assert_success();
    assert_eq!(world.starts()[..2], [0, 0]);
    let first = ranges(&world)[0];
    assert_eq!(
        first.end,
        Some(first.start + 256 * KIB),
        "before the speed is known"
    );
}

#[test]
fn a_slow_first_window_holds_the_second_one_back() {
    let mut world = fetch_of(60 * MIB).network(fast).started();
    world.run_until(|world| world.stored_of(ONLY) > 20 * MIB);
    // The checks bound what is in hand.
    world
        .resources
        .get_mut(&ONLY)
        .unwrap()
        .acts
        .extend([Act::Stall(0), Act::Stall(5_000)]);
    world.finish();
    assert_eq!(world.events(FIRST), [EventKind::Success]);
}

#[test]
fn a_server_that_promises_ranges_and_gives_none_is_read_as_one_stream() {
    // Only where If-Range is sent does the whole say that the file has changed.
    for set in [
        |_: &mut Manner| {},
        |manner: &mut Manner| {
            manner.cross = Some(Exposes::All);
        },
    ] {
        let world = fetch_of(20 * MIB).manner(set).then(Act::Whole).run();
        world.assert_success();
        assert!(world.requests().len() <= 4, "{:?}", world.requests());
    }
}

#[test]
fn a_large_body_is_not_read_before_its_windows() {
    let world = fetch_of(20 * MIB).run();
    world.assert_success();
    assert_eq!(ranges(&world)[0].start, 0);
}

#[test]
fn what_comes_after_a_window_is_not_waited_for() {
    let usual = fetch_of(20 * MIB).run();
    let world = fetch_of(20 * MIB)
        .acts([Act::Serve])
        .then(Act::Long(10))
        .run();
    world.assert_success();
    assert!(world.now < usual.now + 5_000, "{} ms", world.now);
}
