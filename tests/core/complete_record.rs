//! [Complete a record](https://wicg.github.io/background-fetch/#complete-a-record-algorithm).

use background_fetch_polyfill::core::{EventKind, FailureReason};

use crate::scenario::{MIB, fetch_of};
use crate::server::Act;

#[test]
fn a_small_resource_arrives_in_one_request() {
    let world = fetch_of(1_000).run();
    world.assert_success();
    assert_eq!(world.starts(), [0]);
}

#[test]
fn a_cut_connection_goes_on_from_the_last_byte_that_came() {
    let world = fetch_of(MIB).acts([Act::Cut(300_000)]).run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 300_000]);
}

#[test]
fn a_first_answer_of_404_is_a_bad_status_with_its_page() {
    let world = fetch_of(MIB).then(Act::Status(404, None)).run();
    assert_eq!(world.event(), EventKind::Fail);
    world.assert_failure(FailureReason::BadStatus);
    assert_eq!((world.seen().status, world.seen().length), (Some(404), 100));
}
