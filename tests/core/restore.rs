//! The worker may die after any output, and with any of its transactions on the way: what comes after
//! is as if it had not.

use background_fetch_polyfill::core::{
    Core, Event, EventKind, FailureReason, FetchNo, FetchSnapshot, Id, Input, Output, RecordResult,
    RecordSnapshot, RequestHead, ResponseHead, ResponseSnapshot, Timestamp,
};

use crate::headers::{Exposes, Manner, Tag};
use crate::scenario::{FIRST, KIB, MIB, ONLY, Scenario, fetch_of};
use crate::server::Act;
use crate::world::{Deed, Happening, World};

/// Runs a world whose worker dies at each of its outputs in turn, with none, one or all of its
/// transactions stored, and the bytes of the last of them lost or not. Returns how many lives that were.
fn kill_everywhere(asked: impl Fn() -> World, after: impl Fn(&World)) -> usize {
    let mut whole = asked();
    whole.finish();
    after(&whole);
    for step in 1..=whole.steps {
        for (survivors, loses) in (0..=2).flat_map(|number| [(number, false), (number, true)]) {
            let mut world = asked();
            world.kills.at.push_back(step);
            world.kills.survivors.push_back(survivors);
            world.kills.losses.push_back(loses);
            world.finish();
            if !world.checks.started.is_empty() || world.checks.dispatched.contains_key(&FIRST) {
                after(&world);
            }
        }
    }
    whole.steps
}

/// Three chunks of each record: every part waits a second for the next one, in vain.
pub fn three_chunks(scenario: Scenario) -> Scenario {
    scenario.network(|network| (network.rate, network.part) = (50, 100_000))
}

fn is(kind: EventKind) -> impl Fn(&World) {
    move |world| {
        let events = world.events(FIRST);
        assert!(
            !events.is_empty() && events.iter().all(|&event| event == kind),
            "{events:?}"
        );
    }
}

#[test]
fn a_kill_after_any_output_of_a_failing_job_keeps_its_one_result() {
    let failing = |scenario: Scenario, reason| {
        let asked = move || scenario.clone().asked();
        kill_everywhere(asked, move |world| {
            is(EventKind::Fail)(world);
            world.assert_failure(reason);
        });
    };
    let page = fetch_of(5_000).then(Act::Status(404, None));
    failing(page.and(200_000), FailureReason::BadStatus);
    let total = three_chunks(fetch_of(300_000).and(290_000)).total(400_000);
    failing(total, FailureReason::DownloadTotalExceeded);
    let blocked = fetch_of(100).manner(|manner| manner.cross = Some(Exposes::Nothing));
    failing(
        blocked.then(Act::Block).and(70_000),
        FailureReason::FetchError,
    );
}

#[test]
fn a_kill_after_any_output_of_a_troubled_job_loses_nothing() {
    let jobs: [fn() -> Scenario; 7] = [
        || fetch_of(300_000).acts([Act::Cut(100_000), Act::Refuse, Act::Cut(1)]),
        || {
            fetch_of(300_000)
                .manner(|manner| manner.tag = Tag::Weak)
                .acts([Act::Cut(200_000)])
        },
        || {
            fetch_of(300_000)
                .manner(|manner| manner.gzip = true)
                .acts([Act::Cut(200_000)])
        },
        || fetch_of(300_000).acts([Act::Cut(200_000), Act::Change]),
        || fetch_of(10 * MIB).acts([Act::Serve, Act::Cut(500_000), Act::Cut(10)]),
        || {
            fetch_of(300_000)
                .manner(|manner| manner.length = false)
                .acts([Act::Cut(300_000)])
        },
        || fetch_of(0).and(1),
    ];
    for job in jobs {
        kill_everywhere(|| job().asked(), is(EventKind::Success));
    }
}

#[test]
fn a_kill_after_any_output_of_a_post_sends_it_no_second_time() {
    let post = || fetch_of(300_000).request(|request| request.method = "POST".into());
    let mut outcomes = [0, 0];
    let asked = || three_chunks(post()).asked();
    let mut whole = asked();
    whole.finish();
    for step in 1..=whole.steps {
        let mut world = asked();
        world.kills.at.push_back(step);
        world.finish();
        assert!(world.requests().len() <= 1);
        match world.checks.ends[&FIRST] {
            None => outcomes[0] += 1,
            Some(reason) => {
                assert_eq!(reason, FailureReason::FetchError);
                outcomes[1] += 1;
            }
        }
    }
    assert!(outcomes.iter().all(|&seen| seen > 3), "{outcomes:?}");
}

#[test]
fn a_kill_after_any_output_around_a_pause_and_an_abort_keeps_the_promises() {
    let paused = || {
        let mut world = three_chunks(fetch_of(300_000)).asked();
        world.plan(1_200, Happening::Do(Deed::Pause(FIRST, true)));
        // Said once more, because the first time may be lost with the worker.
        world.plan(20_000, Happening::Do(Deed::Pause(FIRST, false)));
        world.plan(60_000, Happening::Do(Deed::Pause(FIRST, false)));
        world
    };
    kill_everywhere(paused, is(EventKind::Success));
    let aborted = || {
        let mut world = three_chunks(fetch_of(300_000)).asked();
        world.plan(1_200, Happening::Do(Deed::Abort(FIRST)));
        world
    };
    // Killed before the abort is stored, it goes on; afterwards, never.
    kill_everywhere(aborted, |world| assert!(!world.events(FIRST).is_empty()));
}

#[test]
fn bytes_that_a_crash_took_are_fetched_again_and_no_others() {
    let mut world = three_chunks(fetch_of(600_000)).stored(200_000);
    let stored = world.stored_of(ONLY);
    world.kills.losses.push_back(true);
    world.kill();
    let intact = world.core.state(FIRST).unwrap().downloaded;
    assert!(intact > 0 && intact < stored, "{intact} of {stored}");
    world.finish();
    world.assert_success();
    assert_eq!(world.starts(), [0, intact]);
}

#[test]
fn a_record_that_was_complete_is_fetched_again_if_a_crash_took_it() {
    for after in [1, 400, 60_000] {
        let mut world = fetch_of(KIB).and(6 * MIB).started();
        world.run_until(|world| {
            world
                .store
                .records
                .get(&ONLY)
                .is_some_and(|row| row.stored > 0)
        });
        assert!(world.store.records[&ONLY].result.is_some());
        world.kills.losses.push_back(true);
        // That it is damaged must be known to all later lives, whatever was stored meanwhile.
        world.plan(after, Happening::Do(Deed::Kill));
        world.kill();
        world.finish();
        world.assert_success();
        assert!(world.starts().len() > 1);
    }
}

#[test]
fn a_prefix_of_a_body_is_never_taken_for_the_whole() {
    for set in [
        |_: &mut Manner| {},
        |manner: &mut Manner| manner.length = false,
        |manner: &mut Manner| manner.cross = Some(Exposes::Nothing),
        |manner: &mut Manner| manner.tag = Tag::None,
        |manner: &mut Manner| manner.gzip = true,
    ] {
        let mut world = three_chunks(fetch_of(600_000).manner(set)).stored(200_000);
        world.kill();
        world.finish();
        world.assert_success();
    }
}

#[test]
fn a_life_that_ends_between_the_last_byte_and_the_result_needs_no_request() {
    let mut world = three_chunks(fetch_of(300_000).acts([Act::Stall(300_000)])).stored(300_000);
    world.kill();
    world.finish();
    world.assert_success();
    assert_eq!(world.starts(), [0]);
}

#[test]
fn a_life_begins_where_the_last_one_ended() {
    let mut world = fetch_of(6 * MIB).stored(2 * MIB);
    let before = world.core.state(FIRST).unwrap();
    world.kill();
    assert_eq!(world.core.state(FIRST).unwrap(), before);
    assert_eq!(world.no("season-2"), Some(FIRST));
    assert_eq!(
        world.requests()[1].range.unwrap().start,
        world.stored_of(ONLY)
    );
    world.finish();
    world.assert_success();
}

#[test]
fn rows_that_lie_cost_their_own_record_at_most() {
    let lies: [fn(&mut crate::store::RecordRow); 4] = [
        |row| row.stored = u64::MAX / 4,
        |row| row.attempt = u32::MAX,
        |row| row.head = None,
        |row| row.head.as_mut().unwrap().content_length = Some("1".into()),
    ];
    for lie in lies {
        let mut world = fetch_of(6 * MIB).and(KIB).stored(2 * MIB);
        lie(world.store.records.get_mut(&ONLY).unwrap());
        world
            .checks
            .tainted
            .insert(ONLY, background_fetch_polyfill::core::TransferNo(0));
        world.kill();
        world.run();
        assert!(!world.events(FIRST).is_empty());
    }
}

#[test]
fn a_life_that_ends_between_the_total_exceeded_and_the_end_asks_for_nothing_more() {
    let other = fetch_of(200_000).and(MIB).acts([Act::Stall(20_000)]);
    let mut world = other.total(100_000).started();
    let exceeded = |row: &crate::store::RecordRow| row.result.is_some();
    world.run_until(|world| world.store.records.get(&ONLY).is_some_and(exceeded));
    let sent = world.checks.sent.len();
    world.kills.survivors.push_back(0);
    world.kill();
    world.finish();
    world.assert_failure(FailureReason::DownloadTotalExceeded);
    assert_eq!(world.checks.sent.len(), sent);
}

#[test]
fn redundant_bytes_that_come_back_do_not_count_towards_the_total() {
    let first = fetch_of(300_000).acts([Act::Cut(200_000), Act::NoRange]);
    // The other one arrives while the first, whose bytes are redundant, waits for its server.
    let other = first.then(Act::Refuse).and(350_000);
    let other = other.manner(|manner| manner.cross = Some(Exposes::All));
    let late = other.acts([Act::Stall(0)]).total(400_000);
    let mut world = three_chunks(late).started();
    let stored =
        |world: &World| -> u64 { world.store.records.values().map(|row| row.stored).sum() };
    world.run_until(|world| stored(world) > 400_000);
    assert!(world.core.state(FIRST).unwrap().downloaded < 400_000);
    let resource = world.resources.get_mut(&ONLY).unwrap();
    resource.become_another(40_000);
    resource.then = Act::Serve;
    world.kill();
    world.finish();
    world.assert_success();
    assert_eq!(world.checks.seen[&FIRST][1].length, 350_000);
}

#[test]
fn a_body_that_was_sent_counts_in_the_next_life_too() {
    let post = |request: &mut RequestHead| {
        (request.method, request.body_length) = ("POST".into(), 7);
    };
    let mut world = fetch_of(KIB).request(post).and(MIB).stored(KIB);
    assert_eq!(world.core.state(FIRST).unwrap().uploaded, 7);
    world.kill();
    assert_eq!(world.core.state(FIRST).unwrap().uploaded, 7);
    world.finish();
}

#[test]
fn stored_bytes_above_the_total_are_those_of_unfinished_records() {
    let record = |stored, result| RecordSnapshot {
        request: RequestHead {
            method: "GET".into(),
            ..RequestHead::default()
        },
        response: Some(ResponseSnapshot {
            attempt: 1,
            head: Some(ResponseHead {
                status: 200,
                ..ResponseHead::default()
            }),
            stored,
            result,
        }),
    };
    let mut core = Core::new("https://own.example", FetchNo(2), 1);
    let snapshot = FetchSnapshot {
        no: FIRST,
        id: Id::from("season-2"),
        download_total: 5 * MIB,
        paused: false,
        idle: 0,
        end: None,
        records: vec![
            record(2 * MIB, Some(RecordResult::Success)),
            record(4 * MIB, None),
        ],
    };
    core.restore(Timestamp::from_millis(0), snapshot).unwrap();
    assert_eq!(core.state(FIRST).unwrap().downloaded, 2 * MIB);
    let outputs: Vec<_> = std::iter::from_fn(|| core.poll_output()).collect();
    let mut requests = outputs.iter().filter_map(|output| match output {
        Output::Request(transfer) => Some(transfer),
        _ => None,
    });
    let request = requests.next().expect("the second is asked for");
    let (transfer, at) = (request.no, Timestamp::from_millis(1));
    assert_eq!((request.key.index.0, request.range), (1, None));
    // There is room for three more mebibytes.
    let head = ResponseHead {
        status: 200,
        ..ResponseHead::default()
    };
    let mut hear = |event| {
        core.handle(Input { at, event }).unwrap();
        std::iter::from_fn(|| core.poll_output()).collect::<Vec<_>>()
    };
    hear(Event::Responded { transfer, head });
    let length = 3 * MIB + 1;
    let outputs = hear(Event::Received { transfer, length });
    let over = |output: &Output| matches!(output, Output::Drop(dropped) if *dropped == transfer);
    assert!(outputs.iter().any(over), "{outputs:?}");
}

#[test]
fn a_body_that_is_longer_than_it_said_is_coded_in_the_next_life_too() {
    let mut world = fetch_of(MIB)
        .manner(|manner| {
            manner.gzip = true;
            manner.cross = Some(Exposes::Nothing);
        })
        .network(|network| (network.rate, network.part) = (100, 10 * KIB))
        .stored(600 * KIB);
    world.kill();
    world.finish();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0]);
}
