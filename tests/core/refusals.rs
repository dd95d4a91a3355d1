//! Servers that answer a probe and refuse the request: how long each is given the benefit of doubt, and
//! what a developer is told when bytes are lost.

use background_fetch_polyfill::core::{FailureReason, Warning};

use crate::availability::MINUTE;
use crate::checks::Sent;
use crate::headers::{Exposes, Manner, Tag};
use crate::scenario::{FIRST, MIB, Scenario, fetch_of};
use crate::server::Act;

const CUT: Act = Act::Cut(300_000);

fn across(length: u64) -> Scenario {
    fetch_of(length).manner(|manner| manner.cross = Some(Exposes::All))
}

/// How many requests a record takes until it counts as refused.
fn requests(scenario: Scenario) -> usize {
    let world = scenario.then(Act::Block).run();
    world.assert_failure(FailureReason::FetchError);
    world.requests().len()
}

#[test]
fn whoever_may_only_have_dropped_is_asked_more_often_than_a_stranger() {
    let stranger = requests(across(100));
    assert_eq!(requests(fetch_of(100)), stranger + 2);
    // With `integrity` the browser reports a drop like a refusal; but who would drop so soon?
    let checked = fetch_of(100).request(|request| request.integrity = true);
    let long = checked.clone().network(|network| network.latency = 3_000);
    assert_eq!(requests(checked), stranger);
    assert_eq!(requests(long), stranger + 2);
    // It answered once: coded, so that it is asked for all of it again.
    let known = across(300_000).manner(|manner| {
        manner.cross = Some(Exposes::All);
        manner.gzip = true;
    });
    assert_eq!(requests(known.acts([Act::Cut(200_000)])), stranger + 3);
}

#[test]
fn a_redirect_that_never_led_anywhere_is_a_refusal_and_one_that_did_is_an_outage() {
    for scenario in [fetch_of(100), across(100)] {
        let world = scenario.then(Act::Mislead).run();
        world.assert_failure(FailureReason::FetchError);
        assert_eq!(world.requests().len(), 4);
        assert!(world.now < 10_000, "took {} ms", world.now);
    }
    let cut = across(MIB).acts([Act::Cut(500_000)]);
    let world = cut.acts(std::iter::repeat_n(Act::Mislead, 12)).run();
    world.assert_success();
}

#[test]
fn a_warning_is_for_bytes_that_a_validator_would_have_saved() {
    let warnings = |scenario: Scenario| {
        let warning = |warning: &&Warning| matches!(warning, Warning::NoValidator(_));
        scenario
            .run()
            .checks
            .warnings
            .iter()
            .filter(warning)
            .count()
    };
    let bare = |length| {
        fetch_of(length).manner(|manner| {
            manner.tag = Tag::None;
            manner.age = None;
        })
    };
    assert_eq!(warnings(bare(300_000).acts([Act::Cut(200_000)])), 1);
    assert_eq!(
        warnings(bare(300_000).acts([Act::Cut(0)])),
        0,
        "nothing was lost"
    );
    let coded = fetch_of(300_000).manner(|manner| manner.gzip = true);
    assert_eq!(
        warnings(coded.acts([Act::Cut(200_000)])),
        0,
        "none would help"
    );
    let strong = fetch_of(300_000).acts([Act::Cut(200_000)]);
    assert_eq!(warnings(strong), 0, "it has one");
}

#[test]
fn a_restart_is_announced_at_once() {
    let cut = fetch_of(MIB).acts([Act::Cut(500_000), Act::NoRange]);
    let mut world = cut.then(Act::Refuse).stored(400_000);
    world.run_until(|world| world.core.state(FIRST).unwrap().downloaded == 0);
    let at = world.now;
    let announced = |world: &crate::world::World| *world.checks.announced[&FIRST].last().unwrap();
    world.run_until(|world| announced(world) >= at);
    assert!(world.now <= at + 100, "{} ms later", world.now - at);
}

#[test]
fn parts_that_drop_again_and_again_on_the_own_origin_keep_what_is_stored() {
    let cut = fetch_of(MIB).acts([Act::Cut(500_000)]);
    let refused = cut.acts(std::iter::repeat_n(Act::Refuse, 12).chain([Act::Hang]));
    let world = refused.run();
    world.assert_success();
    assert!(world.starts()[1..].iter().all(|&start| start == 500_000));
    assert_eq!(world.checks.probes, 0);
}

#[test]
fn cors_refuses_for_good() {
    let world = fetch_of(MIB)
        .manner(|manner| manner.cross = Some(Exposes::Nothing))
        .then(Act::Block)
        .run();
    world.assert_failure(FailureReason::FetchError);
    assert_eq!(world.requests().len(), 2);
    // A question and a second try, none of which has to wait.
    let took = world.requests()[1].at - world.requests()[0].at;
    assert!(took < 1_000, "{took} ms");
}

#[test]
fn an_unreachable_server_across_origins_is_not_taken_for_a_refusal() {
    let world = fetch_of(MIB)
        .manner(|manner| manner.cross = Some(Exposes::Nothing))
        .acts(vec![Act::Refuse; 12])
        .run();
    world.assert_success();
}

#[test]
fn the_own_origin_refuses_only_after_three_times() {
    let world = fetch_of(MIB)
        .acts([Act::Block, Act::Block, Act::Block])
        .run();
    world.assert_success();
    let world = fetch_of(MIB).then(Act::Block).run();
    world.assert_failure(FailureReason::FetchError);
    assert_eq!(world.requests().len(), 4);
}

#[test]
fn parts_that_cors_refuses_are_given_up_for_the_whole() {
    for set in [
        |manner: &mut Manner| manner.cross = Some(Exposes::All),
        |manner: &mut Manner| manner.redirected = Some(Exposes::All),
    ] {
        // Many drops are worth a question, and three that follow an answer are none.
        for (blocked, last) in [(9, 300_000), (10, 0)] {
            let mut acts = vec![CUT];
            acts.extend(vec![Act::Block; blocked]);
            let world = fetch_of(MIB).manner(set).acts(acts).run();
            world.assert_success();
            assert_eq!(world.starts().last(), Some(&last), "{blocked}");
        }
    }
}

#[test]
fn parts_that_came_once_are_not_given_up_for_the_whole() {
    let mut acts = vec![CUT, Act::Cut(200_000)];
    acts.extend(vec![Act::Block; 20]);
    let world = fetch_of(MIB)
        .manner(|manner| manner.cross = Some(Exposes::All))
        .acts(acts)
        .run();
    world.assert_success();
    let starts = world.starts();
    assert!(starts.iter().skip(1).all(|&start| start >= 300_000));
}

#[test]
fn an_answer_takes_back_what_a_refusal_made_believe() {
    let world = fetch_of(MIB)
        .manner(|manner| manner.cross = Some(Exposes::All))
        .acts([Act::Block, CUT, Act::Refuse])
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0, 300_000, 300_000]);
}

#[test]
fn a_probe_without_an_answer_counts_as_unreachable() {
    let mut world = fetch_of(MIB).acts([Act::Refuse, Act::Hang]).asked();
    world.run_until(|world| world.checks.probes > 0);
    world.forget_probes();
    world.finish();
    world.assert_success();
}

#[test]
fn windows_that_never_come_are_given_up_for_the_whole() {
    for (act, minutes) in [(Act::BlockParts, 2), (Act::HangParts, 20)] {
        for scenario in [fetch_of(9 * MIB), across(9 * MIB)] {
            let world = scenario.then(act.clone()).run();
            world.assert_success();
            assert!(world.now < minutes * MINUTE, "{} ms", world.now);
            let sent = world.requests();
            let parts = sent.iter().filter(|sent| sent.range.is_some()).count();
            assert!(parts < 16, "{parts}");
        }
    }
}

/// Whether a request is for a window.
fn bounded(sent: &Sent) -> bool {
    sent.range.is_some_and(|range| range.end.is_some())
}

#[test]
fn windows_that_have_come_are_not_given_up_for_the_whole() {
    for scenario in [fetch_of(9 * MIB), across(9 * MIB)] {
        let mut acts = vec![Act::Serve; 2];
        acts.extend(vec![Act::BlockParts; 24]);
        let world = scenario.acts(acts).run();
        world.assert_success();
        let sent = world.requests();
        assert!(sent[1..].iter().all(bounded), "windows to the end");
    }
}

#[test]
fn nor_are_those_of_an_earlier_life() {
    let mut acts = vec![Act::Serve; 6];
    acts.extend(vec![Act::BlockParts; 24]);
    let mut world = fetch_of(9 * MIB).acts(acts).stored(MIB);
    world.kill();
    let before = world.requests().len();
    world.finish();
    world.assert_success();
    let sent = &world.requests()[before..];
    assert!(sent.len() > 24);
    assert!(sent.iter().all(bounded));
}

#[test]
fn windows_are_not_given_up_for_an_outage() {
    for (down, busy) in [(60_000, 0), (120_000, 0), (0, 12)] {
        let mut acts = vec![Act::Serve];
        acts.extend(vec![Act::Status(503, None); busy]);
        let mut world = fetch_of(40 * MIB).acts(acts).asked();
        world.run_until(|world| world.requests().len() >= 2);
        if down > 0 {
            world.outage(down);
        }
        world.finish();
        world.assert_success();
        let sent = world.requests();
        assert!(sent.last().is_some_and(bounded), "{down} ms, {busy} times");
    }
}
