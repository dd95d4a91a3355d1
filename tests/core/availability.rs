//! [Temporarily unavailable](https://wicg.github.io/background-fetch/#infrastructure): waiting, asking
//! again, and giving up.

use background_fetch_polyfill::core::FailureReason;

use crate::headers::{Exposes, Manner, Tag};
use crate::scenario::{FIRST, KIB, MIB, ONLY, Scenario, fetch_of};
use crate::server::Act;
use crate::world::{Deed, Happening, Network, World};

const CUT: Act = Act::Cut(300_000);
pub const MINUTE: u64 = 60_000;
pub const DAY: u64 = 24 * 60 * MINUTE;

/// Between each request and the next, in milliseconds.
pub fn waits(world: &World) -> Vec<u64> {
    let sent: Vec<_> = world.requests().iter().map(|sent| sent.at).collect();
    sent.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn a_server_that_is_gone_for_a_while_is_asked_ever_more_rarely() {
    let world = fetch_of(MIB).acts(vec![Act::Refuse; 8]).run();
    world.assert_success();
    let waits = waits(&world);
    // Between two requests lies a probe and its own wait.
    assert!(
        waits.iter().all(|wait| (1_000..=125_000).contains(wait)),
        "{waits:?}"
    );
    assert!(
        waits[0] < 4_000 && waits.iter().any(|&wait| wait > 20_000),
        "{waits:?}"
    );
}

#[test]
fn a_record_that_comes_further_each_time_is_never_given_up() {
    // Each time it fails for minutes, but not for as often as it is given up after.
    let moment = [vec![Act::Cut(10_000)], vec![Act::Refuse; 5]].concat();
    let acts = std::iter::repeat_n(moment, 30).flatten();
    let world = fetch_of(MIB).acts(acts).run();
    world.assert_success();
    assert!(world.now > 10 * MINUTE, "{} ms", world.now);
}

#[test]
fn what_comes_of_a_new_version_is_progress_as_well() {
    // More drops, over more time, than a record is given up after; and none comes as far as the old version did.
    let drops = vec![Act::Cut(200_000); 16];
    let acts = [vec![Act::Cut(6 * MIB), Act::Change], drops].concat();
    let slow = |network: &mut Network| (network.rate, network.part) = (2, 4 * KIB);
    let mut world = fetch_of(7 * MIB).network(slow).acts(acts).asked();
    world.run_until(|world| world.requests().len() == 2);
    let changed = world.now;
    world.run_until(|world| world.now > changed + MINUTE);
    world.deed(Deed::Reset);
    world.finish();
    world.assert_success();
}

/// A download that was under way when its server went, a moment before `away`, which lasts 20 minutes; and it
/// takes five more until the server is back.
fn back_after(away: Deed, back: Deed) -> World {
    let mut world = fetch_of(9 * MIB).stored(MIB);
    world.deed(Deed::Down(true));
    let gone = world.now;
    world.run_until(|world| world.now > gone + 2_000);
    world.deed(away);
    world.plan(20 * MINUTE, Happening::Do(back));
    world.plan(25 * MINUTE, Happening::Do(Deed::Down(false)));
    world
}

#[test]
fn time_without_a_network_is_no_time_of_trying() {
    let mut world = back_after(Deed::Online(false), Deed::Online(true));
    // A network that comes and goes ends the waiting each time.
    for n in 1..30 {
        world.plan(20 * MINUTE + n * 2_000, Happening::Do(Deed::Online(true)));
    }
    world.finish();
    world.assert_success();
}

#[test]
fn nor_is_a_sleep_of_the_machine() {
    // Every call of the night comes in the morning, and the network a little later.
    let mut world = fetch_of(9 * MIB).stored(MIB);
    world.deed(Deed::Down(true));
    world.deed(Deed::Reset);
    let evening = world.now + 20 * MINUTE;
    world.run_until(|world| world.now > evening);
    world.now += 8 * 60 * MINUTE;
    world.plan(5 * MINUTE, Happening::Do(Deed::Down(false)));
    world.finish();
    world.assert_success();
}

#[test]
fn nor_is_a_pause() {
    let mut world = back_after(Deed::Pause(FIRST, true), Deed::Pause(FIRST, false));
    world.finish();
    world.assert_success();
}

#[test]
fn a_server_that_drops_at_the_same_byte_each_time_is_given_up() {
    let world = fetch_of(MIB)
        .manner(|manner| (manner.tag, manner.age) = (Tag::None, None))
        .then(CUT)
        .run();
    world.assert_failure(FailureReason::FetchError);
    assert!(world.now > 10 * MINUTE, "{} ms", world.now);
}

#[test]
fn so_is_one_that_drops_whatever_the_rest_of_it_is_answered_with() {
    let ranges = |manner: &mut Manner| manner.ranges = false;
    let weak = |manner: &mut Manner| manner.tag = Tag::Weak;
    let bare = |manner: &mut Manner| (manner.tag, manner.age) = (Tag::None, None);
    let hidden = |manner: &mut Manner| manner.cross = Some(Exposes::OnlyETag);
    for manner in [ranges, weak, bare, hidden] {
        for act in [
            Act::Cut(3 * MIB),
            Act::CutParts(3 * MIB),
            Act::Short(64 * KIB),
        ] {
            let cut = fetch_of(9 * MIB).manner(manner).acts([Act::Cut(3 * MIB)]);
            let mut world = cut.then(act.clone()).asked();
            world.run_until(|world| {
                world.checks.ends.contains_key(&FIRST) || world.now > 4 * 60 * MINUTE
            });
            assert!(world.now < 4 * 60 * MINUTE, "{act:?}: {} ms", world.now);
        }
    }
}

#[test]
fn many_records_that_fail_together_count_as_one_failure() {
    let mut scenario = Scenario::new();
    for _ in 0..6 {
        scenario = scenario.and(MIB).acts([Act::Cut(0)]);
    }
    let world = scenario.run();
    world.assert_success();
    assert!(world.now < 10_000, "{} ms", world.now);
}

#[test]
fn many_records_ask_a_server_that_refuses_at_most_once_a_second() {
    let mut scenario = Scenario::new();
    for _ in 0..50 {
        scenario = scenario.and(1_000).acts([Act::Refuse, Act::Refuse]);
    }
    // The checks watch the pace.
    let world = scenario.run();
    world.assert_success();
}

#[test]
fn a_server_that_says_when_is_asked_then() {
    for (value, wait) in [
        ("7", 7_000),
        ("0", 1_000),
        ("-1", 0),
        ("soon", 0),
        ("99999999", DAY),
    ] {
        let busy = Act::Status(503, Some(value));
        let world = fetch_of(MIB).acts([CUT, busy]).run();
        world.assert_success();
        assert_eq!(world.starts(), [0, 300_000, 300_000]);
        let waited = waits(&world)[1];
        match wait {
            0 => assert!((1_000..4_000).contains(&waited), "{value}: {waited}"),
            wait => assert!((wait..wait + 1_000).contains(&waited), "{value}: {waited}"),
        }
    }
}

#[test]
fn a_server_may_name_the_moment_as_a_date_by_its_own_clock() {
    // 20 s after the beginning of the world.
    let busy = Act::Status(429, Some("Fri, 15 Jan 2027 08:00:20 GMT"));
    let world = fetch_of(MIB).acts([CUT, busy]).run();
    world.assert_success();
    let asked = world.requests()[2].at;
    assert!((20_000..22_000).contains(&asked), "{asked}");
}

#[test]
fn the_statuses_of_a_bad_moment_keep_what_is_stored() {
    for status in [408, 425, 429, 500, 502, 503, 504, 511, 520, 522, 530, 599] {
        let world = fetch_of(MIB).acts([CUT, Act::Status(status, None)]).run();
        world.assert_success();
        assert_eq!(world.starts(), [0, 300_000, 300_000]);
    }
}

#[test]
fn a_bad_moment_after_a_good_answer_is_none_for_a_record_that_starts_over() {
    let world = fetch_of(MIB)
        .manner(|manner| manner.ranges = false)
        .manner(|manner| manner.gzip = true)
        .acts([CUT, Act::Status(503, None)])
        .run();
    world.assert_success();
    assert_eq!(world.starts(), [0, 0, 0]);
}

#[test]
fn a_server_that_stays_busy_has_the_last_word_after_eight_tries_and_ten_minutes() {
    // An hour where bytes would be lost.
    for (cut, minutes) in [(Act::Cut(0), 10), (CUT, 60)] {
        let world = fetch_of(MIB)
            .acts([cut])
            .then(Act::Status(503, Some("30")))
            .run();
        world.assert_failure(FailureReason::BadStatus);
        assert_eq!((world.seen().status, world.seen().length), (Some(503), 100));
        let requests = world.requests();
        assert!(requests.len() >= 9);
        let last = requests.last().unwrap().at;
        assert!(
            (minutes * MINUTE..(minutes + 2) * MINUTE).contains(&last),
            "{last}"
        );
    }
}

#[test]
fn a_server_that_stays_gone_is_given_up_after_eight_tries_and_ten_minutes() {
    for (acts, minutes) in [(vec![], 10), (vec![CUT], 60)] {
        let world = fetch_of(MIB).acts(acts).then(Act::Refuse).run();
        world.assert_failure(FailureReason::FetchError);
        let requests = world.requests();
        assert!(requests.len() >= 9);
        let last = requests.last().unwrap().at;
        assert!(
            (minutes * MINUTE..(minutes + 4) * MINUTE).contains(&last),
            "{last}"
        );
    }
}

#[test]
fn bytes_that_cannot_be_continued_buy_no_time() {
    // So many that some are stored at each drop.
    let world = fetch_of(9 * MIB)
        .manner(|manner| manner.gzip = true)
        .then(Act::Cut(8 * MIB))
        .run();
    world.assert_failure(FailureReason::FetchError);
    assert!(
        (10 * MINUTE..14 * MINUTE).contains(&world.now),
        "{} ms",
        world.now
    );
}

/// A record that starts over after an outage of 25 minutes, because of this answer, and then fails twice before
/// its first byte.
fn starts_over(scenario: Scenario, answer: Act) {
    let mut world = scenario.stored(MIB);
    world.outage(25 * MINUTE);
    let resource = world.resources.get_mut(&ONLY).unwrap();
    resource.acts = [answer.clone(), Act::Refuse, Act::Refuse].into();
    world.finish();
    world.assert_success();
    let starts = world.starts();
    assert!(starts.ends_with(&[0, 0, 0]), "{answer:?}: {starts:?}");
}

#[test]
fn who_starts_over_after_an_outage_has_time_for_it() {
    let large = fetch_of(9 * MIB);
    starts_over(large.clone(), Act::Range("bytes 7-{last}/{total}"));
    let weak = |manner: &mut Manner| manner.tag = Tag::Weak;
    starts_over(large.manner(weak), Act::Short(64 * KIB));
}

#[test]
fn progress_makes_patience_new() {
    let mut acts = Vec::new();
    for _ in 0..3 {
        acts.extend(vec![Act::Refuse; 7]);
        acts.push(Act::Cut(100));
    }
    let world = fetch_of(MIB).acts(acts).run();
    world.assert_success();
}

#[test]
fn no_network_at_the_start_is_waited_for() {
    let mut world = fetch_of(MIB).asked();
    world.deed(Deed::Down(true));
    world.deed(Deed::Online(false));
    world.plan(3 * MINUTE + 500, Happening::Do(Deed::Down(false)));
    world.plan(3 * MINUTE + 500, Happening::Do(Deed::Online(true)));
    world.finish();
    world.assert_success();
    let last = world.requests().last().unwrap().at;
    assert!((180_500..182_500).contains(&last), "{last}");
    // One a minute, because the platform may be wrong.
    assert!(world.requests().len() <= 4);
}

#[test]
fn a_platform_that_wrongly_says_offline_costs_a_minute() {
    let mut world = fetch_of(MIB).asked();
    world.deed(Deed::Online(false));
    world.finish();
    world.assert_success();
    assert!((60_000..63_000).contains(&world.now), "{}", world.now);
}

#[test]
fn a_network_that_comes_back_is_used_within_two_seconds() {
    let mut world = fetch_of(10 * MIB).stored(MIB);
    world.deed(Deed::Down(true));
    world.deed(Deed::Reset);
    let back = world.now + 5 * MINUTE;
    world.plan(5 * MINUTE, Happening::Do(Deed::Down(false)));
    world.plan(5 * MINUTE, Happening::Do(Deed::Online(true)));
    world.finish();
    world.assert_success();
    let after = world
        .requests()
        .into_iter()
        .find(|sent| sent.at >= back)
        .unwrap();
    assert!(after.at <= back + 2_000, "{} ms", after.at - back);
}

#[test]
fn being_offline_does_not_count_as_failures() {
    let mut world = fetch_of(MIB).asked();
    world.deed(Deed::Down(true));
    world.deed(Deed::Online(false));
    world.plan(12 * 60 * MINUTE, Happening::Do(Deed::Down(false)));
    world.finish();
    world.assert_success();
}

#[test]
fn what_must_not_be_sent_twice_waits_for_a_network() {
    let post = || fetch_of(1_000).request(|request| request.method = "POST".into());
    let mut world = post().asked();
    world.deed(Deed::Down(true));
    world.deed(Deed::Online(false));
    world.plan(3 * MINUTE, Happening::Do(Deed::Down(false)));
    world.plan(3 * MINUTE, Happening::Do(Deed::Online(true)));
    world.finish();
    world.assert_success();
    assert_eq!(world.requests().len(), 1);
    // Wherever the platform is wrong, a server that answers at all says so.
    let mut world = post().asked();
    world.deed(Deed::Online(false));
    world.finish();
    world.assert_success();
    assert_eq!(world.requests().len(), 1);
}

#[test]
fn a_platform_that_flaps_does_not_make_the_engine_flood() {
    let mut world = fetch_of(MIB).then(Act::Refuse).asked();
    for n in 0..3_000 {
        world.plan(n * 20, Happening::Do(Deed::Online(n % 2 == 0)));
    }
    world.plan(MINUTE + 1, Happening::Do(Deed::Calm));
    world.finish();
    world.assert_success();
    assert!(world.requests().len() <= 62, "{}", world.requests().len());
}

#[test]
fn an_origin_that_must_wait_holds_no_other_up() {
    let mut scenario = Scenario::new();
    for _ in 0..40 {
        scenario = scenario.and(1_000).then(Act::Refuse);
    }
    let scenario = scenario
        .and(2_000)
        .manner(|manner| manner.cross = Some(Exposes::All));
    let mut world = scenario.asked();
    let other = |world: &World| world.checks.sent.iter().any(|sent| sent.key.index.0 == 40);
    world.run_until(other);
    assert!(world.now < 100, "{} ms", world.now);
}
