//! [Validate a partial response](https://wicg.github.io/background-fetch/#validate-partial-response-algorithm):
//! bytes are joined only with proof.

use background_fetch_polyfill::core::{Event, FailureReason, Warning};

use crate::headers::{Exposes, Manner, Tag};
use crate::scenario::{KIB, MIB, ONLY, Scenario, fetch_of};
use crate::server::Act;

const CUT: Act = Act::Cut(300_000);

fn manner(set: impl FnOnce(&mut Manner)) -> Scenario {
    fetch_of(MIB).manner(set)
}

#[test]
fn a_strong_etag_continues_with_if_range_on_the_own_origin() {
    let world = fetch_of(MIB).acts([CUT]).run();
    world.assert_success();
    let requests = world.requests();
    assert_eq!(requests[1].if_range.as_deref(), Some("\"1000000\""));
    assert!(!requests[0].no_store && requests[1].no_store);
}

#[test]
fn a_date_continues_only_if_it_is_a_minute_old() {
    for (age, starts) in [(60, [0, 300_000]), (59, [0, 0])] {
        let dated = |manner: &mut Manner| {
            manner.tag = Tag::None;
            manner.age = Some(age);
        };
        let world = manner(dated).acts([Act::Cut(300_000)]).run();
        world.assert_success();
        assert_eq!(world.starts(), starts, "{age} s");
    }
}

#[test]
fn across_origins_a_range_goes_without_if_range() {
    for set in [
        |manner: &mut Manner| manner.cross = Some(Exposes::All),
        |manner: &mut Manner| manner.redirected = Some(Exposes::All),
    ] {
        let world = manner(set).acts([CUT]).run();
        world.assert_success();
        assert_eq!(world.starts(), [0, 300_000]);
        assert_eq!(world.requests()[1].if_range, None);
    }
}

#[test]
fn a_continuation_that_is_sent_on_to_another_origin_goes_without_if_range() {
    let world = fetch_of(MIB).acts([CUT]).then(Act::BlockConditional).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 300_000, 300_000, 300_000]);
    let conditions = world.requests();
    let conditions = conditions.iter().map(|request| request.if_range.is_some());
    assert_eq!(conditions.collect::<Vec<_>>(), [false, true, true, false]);
}

#[test]
fn without_any_proof_a_drop_starts_over_with_a_warning() {
    for tag in [Tag::None, Tag::Weak] {
        let unproven = |manner: &mut Manner| {
            manner.tag = tag;
            manner.age = None;
        };
        let world = manner(unproven).acts([CUT]).run();
        world.assert_success();
        assert_eq!(world.starts(), [0, 0]);
        assert_eq!(world.checks.warnings, [Warning::NoValidator(ONLY)]);
    }
}

#[test]
fn drops_on_a_server_that_proves_nothing_are_no_contradictions() {
    let unproven = |manner: &mut Manner| {
        manner.tag = Tag::None;
        manner.age = None;
    };
    let world = manner(unproven)
        .acts((1..=6).map(|n| Act::Cut(n * 100_000)))
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0; 7]);
}

#[test]
fn an_old_date_and_an_equal_overlap_continue_where_no_strong_validator_is_seen() {
    for set in [
        |manner: &mut Manner| manner.tag = Tag::Weak,
        |manner: &mut Manner| manner.cross = Some(Exposes::Nothing),
        // The ETag is seen, but not where the part begins.
        |manner: &mut Manner| manner.cross = Some(Exposes::OnlyETag),
    ] {
        let world = manner(set).acts([CUT]).run();
        world.assert_success();
        let last = world.requests().pop().unwrap();
        let start = last.range.unwrap().start;
        assert_eq!((start, last.overlap), (300_000 - 64 * KIB, 64 * KIB));
        assert_eq!(last.if_range, None);
    }
}

#[test]
fn everything_in_place_of_an_overlap_is_the_body() {
    let world = manner(|manner| manner.tag = Tag::Weak)
        .acts([CUT, Act::Whole])
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 300_000 - 64 * KIB]);
}

#[test]
fn an_overlap_needs_its_length_in_stored_bytes() {
    let world = manner(|manner| manner.tag = Tag::Weak)
        .acts([Act::Cut(64 * KIB - 1)])
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0]);
}

#[test]
fn an_overlap_that_differs_starts_over() {
    let weak = |manner: &mut Manner| manner.tag = Tag::Weak;
    let world = manner(weak)
        .acts([CUT, Act::ChangeInSecret, Act::Cut(500_000)])
        .run();
    world.assert_success();
    // And is not tried again for this record.
    assert_eq!(world.starts(), [0, 300_000 - 64 * KIB, 0, 0]);
}

#[test]
fn an_overlap_that_drops_is_asked_for_again() {
    let weak = |manner: &mut Manner| manner.tag = Tag::Weak;
    let start = 300_000 - 64 * KIB;
    let world = manner(weak)
        .acts([CUT, Act::Cut(30_000), Act::Refuse])
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0, start, start, start]);
}

#[test]
fn an_overlap_with_another_length_or_date_starts_over() {
    let weak = |manner: &mut Manner| manner.tag = Tag::Weak;
    for act in [Act::Change, Act::Range("bytes {first}-{last}/9999999")] {
        let world = manner(weak).acts([CUT, act]).run();
        world.assert_success();
        assert_eq!(world.starts().last(), Some(&0));
    }
}

#[test]
fn an_overlap_under_another_etag_starts_over() {
    let weak = |manner: &mut Manner| manner.tag = Tag::Weak;
    let world = manner(weak).acts([CUT, Act::Relabel]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 300_000 - 64 * KIB, 0]);
}

#[test]
fn a_part_that_is_not_the_one_asked_for_starts_over() {
    for form in [
        "bytes 0-{last}/{total}",
        "bytes 299999-{last}/{total}",
        "bytes 300001-{last}/{total}",
        "bytes={first}-{last}/{total}",
        "items {first}-{last}/{total}",
        "bytes {last}-{first}/{total}",
        "bytes {first}-{last}/{last}",
        "bytes {first}-{last}/9999999",
        "bytes */{total}",
        "",
    ] {
        let world = fetch_of(MIB).acts([CUT, Act::Range(form)]).run();
        world.assert_success();
        assert_eq!(world.starts(), [0, 300_000, 0], "{form:?}");
    }
    let world = fetch_of(MIB).acts([CUT, Act::NoRange]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 300_000, 0]);
}

#[test]
fn a_server_that_contradicts_itself_each_time_is_given_up() {
    let mut acts = Vec::new();
    for _ in 0..10 {
        acts.extend([CUT, Act::NoRange]);
    }
    let world = fetch_of(MIB).acts(acts).run();
    world.assert_failure(FailureReason::FetchError);
    assert_eq!(
        world.starts().iter().filter(|&&start| start == 0).count(),
        4
    );
}

#[test]
fn a_resource_that_changed_is_fetched_anew_from_its_first_byte() {
    let world = fetch_of(MIB).acts([CUT, Act::Change]).run();
    world.assert_success();
    // If-Range makes the server send the whole new one at once.
    assert_eq!(world.starts(), [0, 300_000]);

    let crossing = |manner: &mut Manner| manner.cross = Some(Exposes::All);
    let world = manner(crossing).acts([CUT, Act::Change]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 300_000, 0]);
}

#[test]
fn a_resource_that_changes_each_time_is_given_up() {
    let world = fetch_of(MIB).acts([CUT]).then(Act::Change).run();
    world.assert_success();
    let mut acts = vec![CUT];
    for _ in 0..5 {
        acts.extend([Act::Change, CUT]);
    }
    let world = fetch_of(MIB).acts(acts).run();
    world.assert_success();

    let crossing = |manner: &mut Manner| manner.cross = Some(Exposes::All);
    let mut acts = Vec::new();
    for _ in 0..5 {
        acts.extend([CUT, Act::Change]);
    }
    let world = manner(crossing).acts(acts).run();
    world.assert_failure(FailureReason::FetchError);
}

#[test]
fn a_server_that_ignores_ranges_may_do_so_as_often_as_it_likes() {
    let world = manner(|manner| manner.ranges = false)
        .acts((1..=6).map(|n| Act::Cut(n * 100_000)))
        .run();
    world.assert_success();
}

#[test]
fn a_comparison_that_nobody_asked_for_changes_nothing() {
    let mut world = fetch_of(MIB).responded();
    let transfer = *world.hands.keys().next().unwrap();
    world.input(Event::Compared {
        transfer,
        equal: false,
    });
    world.finish();
    world.assert_success();
    assert_eq!(world.starts(), [0]);
}

#[test]
fn a_416_with_the_stored_length_says_that_nothing_is_missing() {
    let unknown = |manner: &mut Manner| manner.length = false;
    let world = manner(unknown).acts([Act::Cut(MIB)]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, MIB]);
}

#[test]
fn a_416_that_does_not_fit_starts_over_once_and_is_a_bad_status_then() {
    for range in [None, Some("bytes */7"), Some("bytes */*")] {
        let world = fetch_of(MIB).acts([CUT, Act::Unsatisfied(range)]).run();
        world.assert_success();
        assert_eq!(world.starts(), [0, 300_000, 0]);

        let twice = [CUT, Act::Unsatisfied(range), CUT, Act::Unsatisfied(range)];
        let world = fetch_of(MIB).acts(twice).run();
        world.assert_failure(FailureReason::BadStatus);
        assert_eq!(world.seen().status, Some(416));
    }
}

#[test]
fn a_true_416_after_a_total_that_was_wrong_does_not_fit_either() {
    let parts = |manner: &mut Manner| {
        manner.partial = Some(400_000);
        manner.slice = Some(400_000);
        manner.star = true;
    };
    let wrong = Act::Range("bytes {first}-{last}/9007199254740991");
    let end = [wrong, Act::Serve, Act::Long(1000)];
    let once = [&[Act::Serve], &end[..]].concat();
    let world = manner(parts).acts(once).run();
    world.assert_success();
    let whole = [0, 400_000, 800_000, MIB];
    assert_eq!(world.starts(), [whole, whole].concat());

    let odd = [Act::Serve, Act::Unsatisfied(Some("bytes */7")), Act::Serve];
    let twice = [&odd[..], &end[..]].concat();
    let world = manner(parts).acts(twice).run();
    world.assert_failure(FailureReason::BadStatus);
    assert_eq!(world.seen().status, Some(416));
}

#[test]
fn a_length_that_the_server_does_not_know_ends_with_its_416() {
    let unknown = |manner: &mut Manner| {
        manner.length = false;
        manner.star = true;
        manner.slice = Some(400_000);
    };
    let world = manner(unknown).acts([CUT]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 300_000, 700_000, MIB]);
}

#[test]
fn slices_are_progress_until_the_whole_is_there() {
    let world = manner(|manner| manner.slice = Some(100_000))
        .acts([Act::Cut(900_000)])
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 900_000, MIB - MIB % 100_000]);
}

#[test]
fn a_206_to_a_plain_request_is_taken_if_it_is_the_beginning() {
    let world = manner(|manner| manner.partial = Some(400_000)).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 400_000]);
    assert_eq!(world.seen().status, Some(206));

    let unknown = |manner: &mut Manner| {
        manner.partial = Some(400_000);
        manner.star = true;
    };
    let world = manner(unknown).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 400_000, MIB]);
}

#[test]
fn a_206_to_a_plain_request_that_is_not_the_beginning_is_given_up() {
    let odd = |manner: &mut Manner| manner.partial = Some(400_000);
    let world = manner(odd).then(Act::Range("bytes 5-{last}/{total}")).run();
    world.assert_failure(FailureReason::FetchError);
    assert_eq!(world.starts(), [0]);
}

#[test]
fn parts_without_proof_of_a_206_to_a_plain_request_are_given_up() {
    let world = manner(|manner| {
        manner.partial = Some(40_000);
        manner.tag = Tag::None;
        manner.age = None;
    })
    .run();
    world.assert_failure(FailureReason::FetchError);
    assert_eq!(world.starts(), [0; 4]);
}

#[test]
fn parts_that_bring_what_is_compared_and_no_more_are_given_up_for_the_whole() {
    let world = fetch_of(400 * KIB)
        .manner(|manner| {
            manner.tag = Tag::Weak;
            manner.slice = Some(64 * KIB);
        })
        .acts([CUT])
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 300_000 - 64 * KIB, 0]);
}

#[test]
fn parts_without_a_byte_are_failures_and_come_to_an_end() {
    let world = fetch_of(MIB).acts([CUT]).then(Act::Short(0)).run();
    world.assert_failure(FailureReason::FetchError);
    let requests = world.requests();
    assert!(requests.len() < 150, "{} requests", requests.len());
}
