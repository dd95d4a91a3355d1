//! "Retry now", from a page or from the platform: nobody waits for his own back-off any longer, and no
//! server is hammered for it.

use background_fetch_polyfill::core::FetchNo;

use crate::headers::Exposes;
use crate::scenario::{FIRST, KIB, MIB, ONLY, fetch_of};
use crate::server::Act;
use crate::world::{Deed, Happening, World};

const MINUTE: u64 = 60_000;

/// A world whose server has refused for five minutes, so that the back-off is long, and once more just now.
fn refusing() -> World {
    let mut world = fetch_of(MIB).then(Act::Refuse).asked();
    world.run_until(|world| world.now > 5 * MINUTE);
    let sent = world.requests().len();
    world.run_until(|world| world.requests().len() > sent);
    let at = world.now;
    world.run_until(|world| world.now > at);
    world
}

fn serve(world: &mut World) {
    world
        .resources
        .values_mut()
        .for_each(|of| of.then = Act::Serve);
}

/// How long after this moment the next request for the first record was sent.
fn next_request(world: &World, after: u64) -> u64 {
    let requests = world.requests();
    let next = requests.iter().find(|sent| sent.at >= after);
    next.expect("a request").at - after
}

#[test]
fn a_server_that_is_back_is_asked_within_two_seconds_of_a_retry() {
    for deed in [Deed::Retry(true), Deed::Retry(false), Deed::Online(true)] {
        let mut world = refusing();
        serve(&mut world);
        let at = world.now;
        world.deed(deed);
        world.finish();
        world.assert_success();
        let waited = next_request(&world, at);
        assert!(waited <= 2_000, "{waited} ms");
    }
}

#[test]
fn after_a_retry_the_request_itself_is_the_question() {
    let mut world = refusing();
    let (requests, probes) = (world.requests().len(), world.checks.probes);
    world.deed(Deed::Retry(true));
    world.run_until(|world| world.requests().len() > requests);
    assert_eq!(world.checks.probes, probes);
    serve(&mut world);
    world.finish();
}

#[test]
fn without_a_retry_the_back_off_goes_on() {
    let mut world = refusing();
    serve(&mut world);
    let at = world.now;
    world.finish();
    let waited = next_request(&world, at);
    assert!(waited > 2_000, "the test above shows nothing: {waited} ms");
}

#[test]
fn retries_without_end_ask_a_server_that_refuses_at_most_once_a_second() {
    let mut world = fetch_of(MIB).then(Act::Refuse).asked();
    for n in 0..3_000 {
        world.plan(n * 20, Happening::Do(Deed::Retry(n % 2 == 0)));
    }
    world.plan(MINUTE + 1, Happening::Do(Deed::Calm));
    // The checks watch the pace.
    world.finish();
    world.assert_success();
    assert!(world.requests().len() <= 62, "{}", world.requests().len());
}

#[test]
fn a_retry_does_not_hurry_a_server_that_named_a_time() {
    let mut world = fetch_of(MIB)
        .acts([Act::Cut(300_000), Act::Status(503, Some("60"))])
        .asked();
    world.plan(20_000, Happening::Do(Deed::Retry(true)));
    world.finish();
    world.assert_success();
    assert!(world.requests()[2].at >= MINUTE);
}

#[test]
fn a_retry_gives_up_a_connection_that_hears_nothing() {
    for act in [Act::Hang, Act::Stall(300 * KIB)] {
        let mut world = fetch_of(MIB).acts([act]).asked();
        world.plan(10_000, Happening::Do(Deed::Retry(true)));
        world.finish();
        world.assert_success();
        let waited = next_request(&world, 10_000);
        assert!(waited <= 2_000, "{waited} ms");
    }
}

#[test]
fn a_page_that_loads_leaves_a_server_that_thinks_its_time() {
    let mut world = fetch_of(MIB).acts([Act::Hang]).asked();
    world.plan(10_000, Happening::Do(Deed::Retry(false)));
    world.run_until(|world| world.requests().len() == 2);
    assert!(world.now >= 30_000, "{} ms", world.now);
}

#[test]
fn so_does_a_download_that_is_resumed() {
    let mut world = fetch_of(MIB).acts([Act::Hang]).asked();
    fetch_of(MIB).numbered(1).id("other").ask(&mut world);
    let other = FetchNo(2);
    world.plan(1_000, Happening::Do(Deed::Pause(other, true)));
    world.plan(10_000, Happening::Do(Deed::Pause(other, false)));
    world.run_until(|world| world.requests().len() == 2);
    assert!(world.now >= 30_000, "{} ms", world.now);
}

#[test]
fn nobody_is_to_blame_for_what_a_retry_cuts() {
    // One more request without an answer, and it counts as refused.
    let mut world = fetch_of(MIB)
        .manner(|manner| manner.cross = Some(Exposes::All))
        .network(|network| network.latency = 10_000)
        .acts([Act::Block])
        .asked();
    world.run_until(|world| world.requests().len() == 2);
    world.plan(3_000, Happening::Do(Deed::Retry(true)));
    world.finish();
    world.assert_success();
}

#[test]
fn a_retry_leaves_alone_what_hears_something() {
    let mut world = fetch_of(6 * MIB).stored(200 * KIB);
    world.deed(Deed::Retry(true));
    world.finish();
    world.assert_success();
    assert_eq!(world.starts(), [0]);
}

#[test]
fn a_retry_never_sends_again_what_may_be_sent_once() {
    let mut world = fetch_of(10)
        .request(|request| request.method = "POST".into())
        .network(|network| network.latency = 20_000)
        .asked();
    world.plan(10_000, Happening::Do(Deed::Retry(true)));
    world.finish();
    world.assert_success();
    assert_eq!(world.requests().len(), 1);
}

#[test]
fn a_retry_does_not_resume_what_is_paused() {
    let mut world = fetch_of(6 * MIB).stored(200 * KIB);
    world.deed(Deed::Pause(FIRST, true));
    world.run();
    let sent = world.requests().len();
    world.deed(Deed::Retry(true));
    world.run();
    assert_eq!(world.requests().len(), sent);
    assert!(world.stored_of(ONLY) < 6 * MIB);
}
