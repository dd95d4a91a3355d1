//! [Complete a record](https://wicg.github.io/background-fetch/#complete-a-record-algorithm).

use background_fetch_polyfill::core::{EventKind, FailureReason, RecordResult};

use crate::headers::Exposes;
use crate::scenario::{FIRST, KIB, MIB, ONLY, fetch_of};
use crate::server::Act;

#[test]
fn a_small_resource_arrives_in_one_request_and_one_write() {
    let world = fetch_of(1_000).run();
    world.assert_success();
    assert_eq!(world.starts(), [0]);
    // Created, stored with its result, ended, due again, delivered.
    assert_eq!(world.checks.commits, 5);
}

#[test]
fn a_connection_that_drops_goes_on_from_the_last_byte_that_came() {
    for at in [
        1,
        65_536,
        300_000,
        4 * MIB - 1,
        4 * MIB,
        4 * MIB + 1,
        6 * MIB - 1,
    ] {
        let world = fetch_of(6 * MIB).acts([Act::Cut(at)]).run();
        world.assert_success();
        assert_eq!(world.starts(), [0, at]);
    }
}

#[test]
fn a_connection_that_drops_with_the_last_byte_needs_no_second_request() {
    let world = fetch_of(MIB).acts([Act::Cut(MIB)]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0]);
}

#[test]
fn a_connection_that_drops_before_the_first_byte_is_asked_anew() {
    let world = fetch_of(MIB).acts([Act::Cut(0), Act::Refuse]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0, 0]);
}

#[test]
fn a_body_that_ends_before_its_declared_length_is_a_drop() {
    let world = fetch_of(MIB).acts([Act::Short(300_000)]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 300_000]);
}

#[test]
fn a_body_without_declared_length_ends_where_it_ends() {
    let world = fetch_of(MIB).manner(|manner| manner.length = false).run();
    world.assert_success();
    assert_eq!(world.starts(), [0]);
}

#[test]
fn a_body_longer_than_declared_starts_over_and_fails_when_it_is_so_each_time() {
    let world = fetch_of(MIB).acts([Act::Long(10)]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0]);

    let world = fetch_of(MIB).then(Act::Long(10)).run();
    world.assert_failure(FailureReason::FetchError);
    assert_eq!(world.starts(), [0, 0, 0, 0]);
}

#[test]
fn an_empty_body_is_a_success() {
    let world = fetch_of(0).run();
    world.assert_success();
    assert_eq!(world.seen().status, Some(200));
}

#[test]
fn an_empty_body_keeps_its_response_while_another_record_is_written() {
    let world = fetch_of(0).and(5_000).run();
    assert_eq!(world.event(), EventKind::Success);
    assert_eq!(world.seen().status, Some(200));
}

#[test]
fn a_first_answer_that_is_not_ok_is_a_bad_status_with_its_page() {
    for status in [404, 410, 401, 403, 500, 503, 429] {
        let world = fetch_of(MIB).then(Act::Status(status, Some("1"))).run();
        assert_eq!(world.event(), EventKind::Fail);
        world.assert_failure(FailureReason::BadStatus);
        assert_eq!(
            (world.seen().status, world.seen().length),
            (Some(status), 100)
        );
        assert_eq!(world.starts(), [0]);
    }
}

#[test]
fn a_page_of_an_error_that_drops_is_asked_for_again() {
    let world = fetch_of(MIB)
        .acts([Act::CutStatus(404, 50)])
        .then(Act::Status(404, None))
        .run();
    world.assert_failure(FailureReason::BadStatus);
    assert_eq!(world.seen().length, 100);
    assert_eq!(world.starts(), [0, 0]);
}

#[test]
fn an_error_in_the_middle_replaces_what_was_stored_and_ends_the_record() {
    for status in [404, 410, 401, 403] {
        let acts = [Act::Cut(300_000), Act::Status(status, None)];
        let world = fetch_of(MIB).acts(acts).run();
        world.assert_failure(FailureReason::BadStatus);
        assert_eq!(
            (world.seen().status, world.seen().length),
            (Some(status), 100)
        );
        assert_eq!(world.starts(), [0, 300_000]);
    }
}

#[test]
fn statuses_without_a_body_are_complete_at_their_head() {
    for status in [204, 205] {
        let world = fetch_of(MIB).then(Act::Status(status, None)).run();
        assert_eq!(world.event(), EventKind::Success);
        assert_eq!(
            (world.seen().status, world.seen().length),
            (Some(status), 0)
        );
    }
    // The engine asks no conditional question; the application may.
    for status in [0, 304] {
        let world = fetch_of(MIB).then(Act::Status(status, None)).run();
        world.assert_failure(FailureReason::BadStatus);
        assert_eq!(
            (world.seen().status, world.seen().length),
            (Some(status), 0)
        );
    }
}

#[test]
fn the_answer_to_head_has_no_body_whatever_length_it_declares() {
    let world = fetch_of(MIB)
        .request(|request| request.method = "HEAD".into())
        .run();
    assert_eq!(world.event(), EventKind::Success);
    assert_eq!((world.seen().status, world.seen().length), (Some(200), 0));
    assert_eq!(world.starts(), [0]);
}

#[test]
fn a_coded_body_starts_over_when_it_drops() {
    let coded = |manner: &mut crate::headers::Manner| manner.gzip = true;
    let world = fetch_of(MIB).manner(coded).acts([Act::Cut(300_000)]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0]);
    assert!(
        world.checks.warnings.is_empty(),
        "no validator would have helped"
    );
}

#[test]
fn a_coding_that_cors_hides_does_not_cut_the_body_at_the_coded_length() {
    let world = fetch_of(MIB)
        .manner(|manner| {
            manner.gzip = true;
            manner.cross = Some(Exposes::Nothing);
        })
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0]);
}

#[test]
fn a_coding_that_cors_hides_and_that_makes_longer_is_believed_the_second_time() {
    // 10 bytes are 24 when they are coded.
    let world = fetch_of(10)
        .manner(|manner| {
            manner.gzip = true;
            manner.cross = Some(Exposes::Nothing);
        })
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0]);
}

#[test]
fn a_body_of_which_much_is_missing_was_cut_whatever_cors_hides() {
    for method in ["GET", "POST"] {
        for length in [100_000, 9 * MIB] {
            let world = fetch_of(length)
                .manner(|manner| {
                    manner.cross = Some(Exposes::Nothing);
                    manner.age = None;
                })
                .request(|request| request.method = method.into())
                .then(Act::Short(length / 2))
                .run();
            world.assert_failure(FailureReason::FetchError);
        }
    }
}

#[test]
fn a_request_that_is_not_safe_is_marked_before_it_is_sent_and_sent_once() {
    let post = || fetch_of(MIB).request(|request| request.method = "POST".into());
    let mut world = post().started();
    assert!(world.requests().is_empty());
    world.run_until(|world| !world.requests().is_empty());
    assert!(world.store.records.contains_key(&ONLY));
    world.finish();
    world.assert_success();

    for act in [
        Act::Refuse,
        Act::Cut(300_000),
        Act::Short(300_000),
        Act::Hang,
    ] {
        let world = post().acts([act]).run();
        world.assert_failure(FailureReason::FetchError);
        assert_eq!(world.starts(), [0]);
    }
}

#[test]
fn the_body_of_a_request_counts_as_uploaded_once_it_is_answered() {
    let mut world = fetch_of(MIB)
        .request(|request| {
            request.method = "PUT".into();
            request.body_length = 5_000;
        })
        .started();
    assert_eq!(world.core.state(FIRST).unwrap().uploaded, 0);
    world.run_until(|world| world.core.state(FIRST).unwrap().uploaded > 0);
    assert_eq!(world.core.state(FIRST).unwrap().uploaded, 5_000);
    world.finish();
    world.assert_success();
}

#[test]
fn a_record_with_integrity_is_only_ever_asked_for_whole() {
    let world = fetch_of(MIB)
        .request(|request| request.integrity = true)
        .acts([Act::Cut(300_000), Act::Refuse])
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0, 0]);
}

#[test]
fn exactly_the_download_total_is_allowed_and_one_byte_more_is_not() {
    let two = || fetch_of(300_000).and(200_000);
    let world = two().total(500_000).run();
    world.assert_success();

    let world = two().total(499_999).run();
    world.assert_failure(FailureReason::DownloadTotalExceeded);
    let results: Vec<_> = world.checks.seen[&FIRST]
        .iter()
        .map(|seen| seen.result)
        .collect();
    let exceeded = Some(RecordResult::Failure(FailureReason::DownloadTotalExceeded));
    assert!(results.contains(&exceeded), "{results:?}");
}

#[test]
fn bytes_that_came_twice_count_once_towards_the_download_total() {
    let world = fetch_of(MIB)
        .manner(|manner| manner.gzip = true)
        .acts([Act::Cut(900_000), Act::Cut(900_000)])
        .total(MIB)
        .run();
    world.assert_success();
}

#[test]
fn reads_wait_when_the_store_is_slow() {
    let world = fetch_of(100 * MIB)
        .manner(|manner| manner.length = false)
        .network(|network| {
            network.rate = 1_000_000;
            network.disk = 2_000;
            network.part = 64 * KIB;
        })
        .run();
    world.assert_success();
}

#[test]
fn a_record_over_the_total_stops_the_others_at_once() {
    // The other one has a part that counts, and would keep its connection for ever.
    let other = fetch_of(200_000).and(MIB).acts([Act::Stall(20_000)]);
    let mut world = other.total(100_000).delivering();
    assert!(world.now < 1_000, "{} ms", world.now);
    world.finish();
    world.assert_failure(FailureReason::DownloadTotalExceeded);
    let exceeded = RecordResult::Failure(FailureReason::DownloadTotalExceeded);
    let [first, other] = world.checks.seen[&FIRST].as_slice() else {
        panic!("two records");
    };
    assert_eq!((first.result, first.length), (Some(exceeded), 0));
    assert_eq!(
        other.result, None,
        "it counts as aborted, which is not stored"
    );
    assert_eq!(world.checks.sent.len(), 2);
}

#[test]
fn a_slow_store_is_no_stalled_server() {
    let world = fetch_of(60 * MIB)
        .manner(|manner| manner.length = false)
        .network(|network| {
            network.rate = 100_000;
            network.disk = 40_000;
        })
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0]);
}
