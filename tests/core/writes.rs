//! Transactions: what goes together, and what follows when one fails.

use background_fetch_polyfill::core::{
    EventKind, FailureReason, FetchNo, StoreFailure, TransferNo, Write,
};

use crate::headers::Manner;
use crate::scenario::{FIRST, KIB, MIB, ONLY, Scenario, fetch_of};
use crate::server::Act;
use crate::world::World;

const BROKEN: Option<StoreFailure> = Some(StoreFailure::Broken);
const QUOTA: Option<StoreFailure> = Some(StoreFailure::Quota);

#[test]
fn lost_writes_are_forgiven_for_a_while_and_their_bytes_come_again() {
    let mut world = fetch_of(6 * MIB).stored(MIB);
    let stored = world.stored_of(ONLY);
    let lost = world.now;
    world.store_faults.extend([BROKEN; 5]);
    world.finish();
    world.assert_success();
    let starts = world.starts();
    assert!(
        starts[1..].iter().all(|&start| start >= stored),
        "{starts:?} from {stored}"
    );
    assert_eq!(starts.len(), 6);
    // A database that is away for half a minute costs no download.
    assert!(world.now - lost > 30_000, "{} ms", world.now - lost);
}

#[test]
fn a_lost_first_write_starts_the_record_over() {
    let mut world = fetch_of(KIB).started();
    world.store_faults.push_back(BROKEN);
    world.finish();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0]);
}

#[test]
fn a_store_that_stays_broken_ends_the_record() {
    let mut world = fetch_of(6 * MIB).stored(MIB);
    world.store_faults.extend([BROKEN; 6]);
    world.finish();
    world.assert_failure(FailureReason::FetchError);
}

#[test]
fn a_record_of_which_more_is_stored_than_anybody_was_told_starts_over() {
    let mut world = fetch_of(6 * MIB).stored(MIB);
    world.store_faults.extend([Some(StoreFailure::Gap); 3]);
    world.checks.tainted.insert(ONLY, TransferNo(0));
    world.finish();
    world.assert_success();
    let starts = world.starts();
    assert!(starts[1] >= MIB && starts[2] >= MIB, "{starts:?}");
    assert_eq!(starts[3..], [0]);
}

#[test]
fn those_that_share_a_transaction_with_it_do_not() {
    let unknown = |manner: &mut Manner| manner.length = false;
    let two = fetch_of(6 * MIB)
        .manner(unknown)
        .and(6 * MIB)
        .manner(unknown);
    let mut world = two.network(|network| network.disk = 900).stored(MIB);
    let shared = |world: &World| {
        let last = world.pending.back().map(|last| &*last.commit.writes);
        matches!(last, Some([Write::Record(one), Write::Record(other)]) if one.key != other.key)
    };
    world.run_until(shared);
    world.pending.back_mut().unwrap().fails = Some(StoreFailure::Gap);
    // The checks see to the other one.
    world.finish();
    world.assert_success();
    assert!(world.starts()[1] >= MIB, "{:?}", world.starts());
}

#[test]
fn writes_that_follow_a_lost_one_fail_with_it_and_count_once() {
    let mut world = fetch_of(60 * MIB)
        .manner(|manner| manner.length = false)
        .network(|network| {
            (network.rate, network.part, network.disk) = (20_000, 64 * KIB, 1_000);
        })
        .stored(4 * MIB);
    world.run_until(|world| world.pending.len() == 2);
    world.store_faults.push_back(BROKEN);
    // The next is the one that fails, and the one after it does not continue what is stored.
    world.finish();
    world.assert_success();
}

#[test]
fn a_record_that_shares_a_lost_write_with_others_goes_on() {
    let mut scenario = Scenario::new();
    for _ in 0..40 {
        scenario = scenario.and(KIB);
    }
    let mut world = scenario.network(|network| network.disk = 200).started();
    world.store_faults.extend([None, None, BROKEN]);
    world.finish();
    world.assert_success();
}

#[test]
fn a_new_background_fetch_is_not_refused_for_the_bytes_of_another() {
    let mut world = fetch_of(6 * MIB)
        .network(|network| network.disk = 300)
        .stored(MIB);
    world.run_until(|world| world.hands.values().any(|hand| hand.bytes.len() > 64 * KIB));
    world.store.quota = Some(world.store.records[&ONLY].stored);
    fetch_of(0).id("another").ask(&mut world);
    world.finish();
    world.assert_failure(FailureReason::QuotaExceeded);
    assert_eq!(world.events(FetchNo(2)), [EventKind::Success]);
}

#[test]
fn a_full_storage_costs_another_background_fetch_no_success_that_it_had() {
    let mut world = fetch_of(KIB).network(|network| network.disk = 300).asked();
    fetch_of(6 * MIB).id("another").ask(&mut world);
    world.run_until(|world| world.checks.started.len() == 2);
    world.store.quota = Some(KIB);
    world.finish();
    assert_eq!(world.event(), EventKind::Success);
    assert_eq!(world.events(FetchNo(2)), [EventKind::Fail]);
}

#[test]
fn a_request_whose_mark_cannot_be_stored_is_never_sent() {
    for (why, reason) in [
        (QUOTA, FailureReason::QuotaExceeded),
        (BROKEN, FailureReason::FetchError),
    ] {
        let mut world = fetch_of(KIB)
            .request(|request| request.method = "POST".into())
            .asked();
        world.store_faults.push_back(why);
        world.finish();
        world.assert_failure(reason);
        assert!(world.requests().is_empty());
    }
}

#[test]
fn a_failure_at_any_transaction_ends_in_a_known_way() {
    let scenarios: [fn() -> World; 3] = [
        || fetch_of(200 * KIB).and(3 * MIB).asked(),
        || {
            fetch_of(5 * KIB)
                .then(Act::Status(404, None))
                .and(10)
                .asked()
        },
        || {
            fetch_of(10 * MIB)
                .acts([Act::Cut(2_000_000), Act::Serve, Act::Cut(70_000)])
                .asked()
        },
    ];
    for scenario in scenarios {
        let mut whole = scenario();
        whole.finish();
        for place in 0..whole.checks.commits {
            for why in [BROKEN, QUOTA] {
                for more in [vec![], vec![why]] {
                    let mut world = scenario();
                    world.store_faults.extend(vec![None; place]);
                    world.store_faults.push_back(why);
                    world.store_faults.extend(more);
                    world.finish();
                    let refused = !world.checks.refused.is_empty();
                    assert!(refused || !world.events(FIRST).is_empty());
                }
            }
        }
    }
}
