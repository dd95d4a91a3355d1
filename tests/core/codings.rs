//! Bodies that are coded, as `Content-Encoding` says where CORS lets it: the middle of one cannot be decoded.

use background_fetch_polyfill::core::FailureReason;

use crate::availability::MINUTE;
use crate::headers::{Exposes, Manner};
use crate::scenario::{MIB, ONLY, Scenario, fetch_of};
use crate::server::Act;
use crate::world::World;

const CUT: Act = Act::Cut(300_000);

fn manner(set: impl FnOnce(&mut Manner)) -> Scenario {
    fetch_of(MIB).manner(set)
}

/// A server of another origin that codes what it sends, and whose coding CORS hides: a part of the coded
/// bytes fails at its first one. Its first connection is cut, the others of those that ask for everything
/// after so many bytes.
fn coded_in_secret(cut: u64) -> Scenario {
    manner(|manner| manner.cross = Some(Exposes::OnlyETag))
        .acts([CUT])
        .then(Act::CutParts(cut))
}

/// Until everything was asked for a second time.
fn found_out(scenario: Scenario) -> World {
    let mut world = scenario.asked();
    world.run_until(|world| world.starts().iter().filter(|&&start| start == 0).count() == 2);
    assert!(
        (10 * MINUTE..15 * MINUTE).contains(&world.now),
        "{} ms",
        world.now
    );
    world
}

#[test]
fn parts_that_fail_at_their_first_byte_where_a_coding_may_be_hidden_are_given_up_for_the_whole() {
    let mut world = found_out(coded_in_secret(0));
    world.resources.get_mut(&ONLY).unwrap().then = Act::Serve;
    world.finish();
    world.assert_success();
    assert_eq!(world.starts().last(), Some(&0));
}

#[test]
fn a_whole_that_fails_after_them_comes_to_an_end() {
    for then in [Act::CutParts(100_000), Act::Refuse, Act::Hang] {
        let mut world = found_out(coded_in_secret(0));
        world.resources.get_mut(&ONLY).unwrap().then = then;
        world.finish();
        world.assert_failure(FailureReason::FetchError);
        assert!(world.now < 4 * 60 * MINUTE, "{} ms", world.now);
        let requests = world.requests().len();
        assert!(requests < 400, "{requests} requests");
    }
}

#[test]
fn parts_that_gave_bytes_once_are_asked_for_again() {
    // Less than what is compared, all of it, and a byte more.
    for came in [30_000, 65_536, 65_537] {
        let world = coded_in_secret(0)
            .acts([Act::Serve, Act::Cut(came)])
            .acts(vec![Act::Cut(0); 30])
            .then(Act::Serve)
            .run();
        world.assert_success();
        assert!(world.now > 10 * MINUTE, "{} ms", world.now);
        assert_eq!(world.starts()[1..].iter().min(), Some(&234_464));
    }
}

#[test]
fn an_outage_after_such_parts_is_no_coding() {
    let mut world = coded_in_secret(0).asked();
    world.run_until(|world| world.requests().len() == 11);
    world.outage(30 * MINUTE);
    world.resources.get_mut(&ONLY).unwrap().then = Act::Serve;
    world.finish();
    world.assert_success();
    assert_eq!(world.starts()[1..].iter().min(), Some(&234_464));
}

#[test]
fn a_network_that_fails_is_no_coding() {
    let failures = [
        Act::Refuse,
        Act::Stall(0),
        Act::Cut(0),
        Act::Status(503, None),
    ];
    let failures = std::iter::repeat_n(failures, 7).flatten();
    let world = coded_in_secret(0).acts(failures).then(Act::Serve).run();
    world.assert_success();
    assert_eq!(world.starts()[1..].iter().min(), Some(&234_464));
}

#[test]
fn a_coded_206_to_a_plain_request_is_taken_if_it_is_everything() {
    let gzip = |manner: &mut Manner| (manner.gzip, manner.partial) = (true, Some(MIB));
    let world = manner(gzip).acts([CUT]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0]);
    let part = |manner: &mut Manner| manner.partial = Some(400_000);
    let world = manner(gzip).manner(part).run();
    world.assert_failure(FailureReason::FetchError);
    assert_eq!(world.starts(), [0]);
}
