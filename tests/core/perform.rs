//! [Perform a background fetch](https://wicg.github.io/background-fetch/#perform-a-background-fetch-algorithm):
//! from the first row to the last event.

use background_fetch_polyfill::core::{
    Core, Event, EventKind, FailureReason, FetchNo, FetchResult, Id, Input, NewFetch, RecordResult,
    StartError, StoreFailure, Timestamp, Warning,
};

use crate::headers::Exposes;
use crate::scenario::{FIRST, KIB, MIB, Scenario, fetch_of};
use crate::server::Act;
use crate::world::{Deed, World};

#[test]
fn nothing_is_sent_before_it_is_stored() {
    let world = fetch_of(KIB).asked();
    assert!(world.checks.sent.is_empty() && world.checks.started.is_empty());
}

#[test]
fn what_cannot_be_stored_is_refused_and_its_id_is_free() {
    for why in [StoreFailure::Quota, StoreFailure::Broken] {
        let mut world = World::new(Scenario::new().network, 1);
        world.store_faults.push_back(Some(why));
        fetch_of(KIB).ask(&mut world);
        world.finish();
        assert_eq!(world.checks.refused, [(FIRST, why)]);
        assert!(world.core.state(FIRST).is_none());
        fetch_of(KIB).ask(&mut world);
        world.finish();
        assert_eq!(world.events(FetchNo(2)), [EventKind::Success]);
    }
}

#[test]
fn an_id_is_taken_from_the_call_to_the_end_of_the_download() {
    let mut world = fetch_of(KIB).asked();
    let start = |world: &mut World| {
        let new = NewFetch {
            id: Id::from("season-2"),
            requests: vec![],
            download_total: 0,
        };
        world
            .core
            .clone()
            .start(Timestamp::from_millis(world.now), new)
    };
    assert_eq!(start(&mut world), Err(StartError::IdTaken));
    assert_eq!(
        world.no("season-2"),
        None,
        "but it is no active one before it is stored"
    );
    world.run_until(|world| !world.checks.started.is_empty());
    assert_eq!(start(&mut world), Err(StartError::IdTaken));
    assert_eq!(world.no("season-2"), Some(FIRST));
    world.run_until(|world| world.checks.ends.contains_key(&FIRST));
    assert_eq!(start(&mut world), Ok(FetchNo(2)));
    world.finish();
}

#[test]
fn ids_that_differ_in_any_code_unit_are_different() {
    let ids = ["", "a", "A", "\0", "é", "e\u{301}", "__proto__"];
    let mut world = World::new(Scenario::new().network, 1);
    for id in ids {
        fetch_of(KIB).id(id).ask(&mut world);
    }
    world.run_until(|world| world.checks.started.len() == ids.len());
    let active: Vec<_> = world.core.active().map(|no| no.0).collect();
    assert_eq!(active, [1, 2, 3, 4, 5, 6, 7]);
    world.finish();
    let lone: Id = [0xD800].into_iter().collect();
    let other: Id = [0xD801].into_iter().collect();
    assert!(lone != other && lone.units() == [0xD800]);
}

#[test]
fn pages_know_the_end_before_the_worker_and_both_only_once_it_is_stored() {
    let mut world = fetch_of(KIB).asked();
    world.run_until(|world| !world.pending.is_empty() && world.core.active().next().is_none());
    world.run_until(|world| world.checks.ends.contains_key(&FIRST));
    let state = world.core.state(FIRST).unwrap();
    assert_eq!(
        (state.result, state.records_available),
        (FetchResult::Success, true)
    );
    assert!(world.events(FIRST).is_empty());
    world.step();
    assert_eq!(world.events(FIRST), [EventKind::Success]);
    world.run_until(|world| !world.core.state(FIRST).unwrap().records_available);
    world.finish();
    world.deed(Deed::Online(true));
    assert!(
        world.core.state(FIRST).is_none(),
        "forgotten with the next input"
    );
}

#[test]
fn the_first_result_that_is_no_success_is_the_reason() {
    let missing = Act::Status(404, None);
    let world = fetch_of(MIB)
        .and(KIB)
        .then(missing)
        .and(MIB)
        .then(Act::Block)
        .run();
    world.assert_failure(FailureReason::BadStatus);
    let results: Vec<_> = world.checks.seen[&FIRST]
        .iter()
        .map(|seen| seen.result)
        .collect();
    let failure = |reason| Some(RecordResult::Failure(reason));
    assert_eq!(
        results,
        [
            Some(RecordResult::Success),
            failure(FailureReason::BadStatus),
            failure(FailureReason::FetchError)
        ]
    );
}

#[test]
fn a_full_storage_ends_the_whole_background_fetch_and_frees_what_it_can() {
    for fits in [0, 100 * KIB, 3 * MIB] {
        let mut world = fetch_of(6 * MIB).and(2 * MIB).and(KIB).started();
        world.store.quota = Some(fits);
        world.finish();
        assert_eq!(world.event(), EventKind::Fail);
        world.assert_failure(FailureReason::QuotaExceeded);
    }
}

#[test]
fn an_end_that_does_not_fit_is_stored_without_the_bodies() {
    let mut world = fetch_of(KIB).asked();
    world.run_until(|world| world.core.active().next().is_some());
    world.store_faults.extend([None, Some(StoreFailure::Quota)]);
    world.finish();
    world.assert_failure(FailureReason::QuotaExceeded);
    assert_eq!(world.event(), EventKind::Fail);
}

#[test]
fn an_end_that_cannot_be_stored_is_told_all_the_same() {
    let mut world = fetch_of(KIB).asked();
    world.run_until(|world| world.core.active().next().is_some());
    world.store_faults.push_back(None);
    world.store_faults.extend([Some(StoreFailure::Broken); 3]);
    world.finish();
    assert_eq!(world.event(), EventKind::Success);

    let mut world = fetch_of(KIB).asked();
    world.run_until(|world| world.core.active().next().is_some());
    world
        .store_faults
        .extend([None, Some(StoreFailure::Broken), Some(StoreFailure::Broken)]);
    world.finish();
    world.assert_success();
    assert_eq!(world.checks.ends[&FIRST], None);
}

#[test]
fn an_id_whose_end_could_not_be_stored_can_be_taken_and_belongs_to_the_later_one() {
    let mut world = fetch_of(MIB).id("season").then(Act::Stall(KIB)).started();
    world.store_faults.extend([Some(StoreFailure::Broken); 4]);
    world.deed(Deed::Abort(FIRST));
    world.run_until(|world| !world.events(FIRST).is_empty());
    fetch_of(MIB).id("season").ask(&mut world);
    let second = FetchNo(2);
    world.run_until(|world| world.no("season") == Some(second));
    world.kill();
    world.run_until(|world| world.events(FIRST).len() == 2);
    assert_eq!(world.events(FIRST), [EventKind::Abort; 2]);
    assert_eq!(world.no("season"), Some(second));
    world.finish();
    assert_eq!(world.events(second), [EventKind::Success]);
}

#[test]
fn an_end_is_tried_three_times() {
    for why in [StoreFailure::Broken, StoreFailure::Quota] {
        let mut world = fetch_of(KIB).asked();
        world.run_until(|world| world.core.active().next().is_some());
        world.store_faults.push_back(None);
        world.store_faults.extend([Some(why); 20]);
        world.run_until(|world| world.store_faults.len() == 20);
        let before = world.checks.commits;
        world.run_until(|world| !world.events(FIRST).is_empty());
        // With the event one more is written, that it is on its way.
        assert_eq!(world.checks.commits - before, 3 + 1, "{why:?}");
        world.store_faults.clear();
        world.finish();
    }
}

#[test]
fn a_record_whose_failure_cannot_be_stored_fails_all_the_same() {
    let mut world = fetch_of(KIB).then(Act::Block).started();
    world.store_faults.push_back(Some(StoreFailure::Broken));
    world.finish();
    world.assert_failure(FailureReason::FetchError);
    let stored = fetch_of(KIB).then(Act::Block).run();
    assert_eq!(world.starts(), stored.starts(), "and is not asked again");
}

#[test]
fn an_event_that_the_worker_dies_in_comes_again_but_not_for_ever() {
    let mut world = fetch_of(KIB).delivering();
    for deliveries in 1..=3 {
        assert_eq!(world.events(FIRST).len(), deliveries);
        // The handler kills the worker, when the store knows that it has begun.
        world.run_until(|world| world.pending.is_empty());
        world.kill();
        if deliveries < 3 {
            world.run_until(|world| world.events(FIRST).len() > deliveries);
        }
    }
    world.finish();
    assert_eq!(world.events(FIRST), [EventKind::Success; 3]);
    assert_eq!(world.checks.warnings, [Warning::Undelivered(FIRST)]);
}

#[test]
fn deaths_before_the_event_do_not_use_it_up() {
    let mut world = fetch_of(KIB).ended();
    for _ in 0..20 {
        world.kill();
        world.step();
    }
    world.finish();
    assert!(!world.events(FIRST).is_empty());
}

#[test]
fn an_event_that_comes_again_carries_its_own_background_fetch_though_its_id_is_taken() {
    let mut world = fetch_of(KIB).delivering();
    fetch_of(40 * MIB).ask(&mut world);
    world.run_until(|world| world.checks.started.len() == 2);
    world.kill();
    assert_eq!(world.no("season-2"), Some(FetchNo(2)));
    world.finish();
    assert_eq!(world.events(FIRST), [EventKind::Success; 2]);
    assert_eq!(world.events(FetchNo(2)), [EventKind::Success]);
}

#[test]
fn numbers_are_never_given_twice() {
    let mut world = fetch_of(KIB).asked();
    world.finish();
    world.kill();
    fetch_of(KIB).ask(&mut world);
    world.finish();
    assert_eq!(world.events(FetchNo(2)), [EventKind::Success]);
}

#[test]
fn background_fetches_share_the_network_in_the_order_of_their_start() {
    let mut world = World::new(Scenario::new().network, 1);
    for id in ["one", "two", "three"] {
        let mut scenario = Scenario::new().id(id);
        for _ in 0..4 {
            scenario = scenario.and(MIB);
        }
        scenario.ask(&mut world);
    }
    world.finish();
    let order: Vec<_> = world
        .checks
        .sent
        .iter()
        .map(|sent| sent.key.fetch.0)
        .collect();
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn ten_thousand_records_share_transactions() {
    let mut scenario = Scenario::new();
    for place in 0..10_000 {
        scenario = scenario.and(place % 700);
        if place % 3 == 0 {
            scenario = scenario.manner(|manner| manner.cross = Some(Exposes::All));
        }
    }
    let world = scenario.run();
    assert_eq!(world.event(), EventKind::Success);
    assert!(
        world.checks.commits < 10_000 / 4,
        "{} commits",
        world.checks.commits
    );
}

#[test]
fn the_driver_is_told_when_it_breaks_the_one_rule() {
    let mut world = fetch_of(KIB).started();
    let at = Timestamp::from_millis(world.now);
    assert_eq!(world.core.abort(at, FIRST), Ok(true));
    assert!(world.core.abort(at, FIRST).is_err());
    while world.core.poll_output().is_some() {}
    assert_eq!(world.core.abort(at, FIRST), Ok(false));
}

#[test]
fn what_answers_no_question_changes_nothing() {
    let world = fetch_of(MIB).started();
    let transfer = *world.hands.keys().next().unwrap();
    let head = || world.hands[&transfer].head.clone().unwrap();
    let at = Timestamp::from_millis(world.now);
    let quiet = |core: &mut Core, event: Event| {
        core.handle(Input { at, event }).unwrap();
        let output = core.poll_output();
        assert_eq!(output, None);
        assert_eq!(core.state(FIRST).unwrap().downloaded, 0);
    };
    // Parts, before there is a response.
    let mut core = world.core.clone();
    let length = 64 * KIB;
    quiet(&mut core, Event::Received { transfer, length });
    quiet(&mut core, Event::Ended { transfer });
    let equal = true;
    quiet(&mut core, Event::Compared { transfer, equal });
    // The same response once more; the first one is followed by a read.
    let event = Event::Responded {
        transfer,
        head: head(),
    };
    core.handle(Input { at, event }).unwrap();
    while core.poll_output().is_some() {}
    quiet(
        &mut core,
        Event::Responded {
            transfer,
            head: head(),
        },
    );
}

#[test]
fn the_worker_is_kept_alive_as_long_as_anything_is_under_way() {
    let mut world = fetch_of(6 * MIB).started();
    while world.step() {
        let active = world.core.active().next().is_some();
        assert!(world.busy || !active, "at {}", world.now);
    }
    world.checks.at_rest(&world);
    assert!(!world.busy);
}

#[test]
fn results_and_reasons_have_the_names_of_the_interface() {
    let results = [
        FetchResult::Pending,
        FetchResult::Success,
        FetchResult::Failure,
    ];
    assert_eq!(results.map(FetchResult::as_str), ["", "success", "failure"]);
    let reasons = [
        "aborted",
        "bad-status",
        "fetch-error",
        "quota-exceeded",
        "download-total-exceeded",
    ];
    assert_eq!(FailureReason::ALL.map(FailureReason::as_str), reasons);
}
