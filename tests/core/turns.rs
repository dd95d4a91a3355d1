//! Who asks when not all can: records take turns at a server in trouble, and one that fails again and again
//! lets the others go first, but not for ever.

use background_fetch_polyfill::core::{FetchNo, ProbeAnswer, RecordIndex, RecordKey, RecordResult};

use crate::availability::MINUTE;
use crate::checks::Sent;
use crate::headers::Exposes;
use crate::scenario::{FIRST, KIB, MIB, ONLY, Scenario, fetch_of};
use crate::server::Act;
use crate::world::{Deed, Happening, Network, World};

/// So many records that take a while.
fn large(count: usize) -> Scenario {
    (0..count).fold(Scenario::new(), |scenario, _| scenario.and(9 * MIB))
}

fn downloaded(world: &World, no: FetchNo) -> u64 {
    world.core.state(no).map_or(0, |state| state.downloaded)
}

/// A record of the first background fetch.
fn record(index: u32) -> RecordKey {
    let (fetch, index) = (FIRST, RecordIndex(index));
    RecordKey { fetch, index }
}

fn elsewhere(scenario: Scenario) -> Scenario {
    scenario.manner(|manner| manner.cross = Some(Exposes::All))
}

#[test]
fn many_that_can_never_be_had_let_one_that_can_have_its_turn() {
    for (hopeless, limit) in [(1, 20_000), (6, 20_000), (12, MINUTE), (30, 15 * MINUTE)] {
        let none = |scenario: Scenario, _| scenario.and(KIB).then(Act::Cut(0));
        let mut world = (0..hopeless)
            .fold(Scenario::new(), none)
            .and(9 * MIB)
            .asked();
        let last = record(hopeless);
        world.run_until(|world| world.stored_of(last) == 9 * MIB || world.now > limit);
        assert!(world.now <= limit, "{hopeless}: more than {limit} ms");
    }
}

#[test]
fn a_record_that_was_unlucky_waits_for_no_other_background_fetch() {
    let mut world = fetch_of(KIB).acts(vec![Act::Refuse; 3]).asked();
    large(200).id("other").numbered(1_000).ask(&mut world);
    world.run_until(|world| world.checks.ends.contains_key(&FIRST));
    assert!(world.now < 20_000, "{} ms", world.now);
}

#[test]
fn after_an_outage_one_that_can_never_be_had_does_not_put_its_siblings_last() {
    for other_origin in [false, true] {
        let hopeless = fetch_of(KIB).then(Act::Cut(0));
        let hopeless = if other_origin {
            elsewhere(hopeless)
        } else {
            hopeless
        };
        let first = (0..6).fold(hopeless, |scenario, _| scenario.and(40 * MIB));
        let mut world = first.asked();
        large(60).id("other").numbered(100).ask(&mut world);
        world.run_until(|world| world.now >= 12_000);
        world.outage(10_000);
        let up = world.now;
        let stored = |world: &World| downloaded(world, FIRST);
        let before = stored(&world);
        world.run_until(|world| stored(world) > before);
        assert!(world.now - up < 30_000, "{} ms", world.now - up);
    }
}

#[test]
fn one_that_can_never_be_had_is_asked_for_a_few_times_in_a_minute() {
    for others in 0..7 {
        let hopeless = fetch_of(KIB).then(Act::Cut(0));
        let mut world = (0..others)
            .fold(hopeless, |scenario, _| {
                scenario
                    .and(200 * MIB)
                    .manner(|manner| manner.ranges = false)
            })
            .asked();
        while world.now < MINUTE && world.step() {}
        let asked = world.requests().len();
        assert!((2..=20).contains(&asked), "beside {others}: {asked} times");
    }
}

#[test]
fn so_is_one_whose_windows_never_go_on() {
    // Nothing comes, or what comes follows a gap.
    for second in [Act::Refuse, Act::Serve, Act::Hang] {
        let acts = [Act::Serve, Act::Cut(100_000), second];
        let mut world = fetch_of(9 * MIB)
            .acts(acts)
            .then(Act::Refuse)
            .and(400 * MIB)
            .manner(|manner| manner.ranges = false)
            .asked();
        while world.now < 5 * MINUTE && world.step() {}
        let asked = world.requests().len();
        assert!((4..=40).contains(&asked), "{asked} times");
    }
}

#[test]
fn who_was_answered_aside_is_asked_before_that_is_old() {
    let mut scenario = elsewhere(fetch_of(KIB)).acts(vec![Act::Refuse; 3]);
    for _ in 0..6 {
        scenario = elsewhere(scenario.and(KIB));
    }
    for _ in 0..10 {
        scenario = elsewhere(scenario.and(KIB)).then(Act::Cut(0));
    }
    let mut world = scenario.asked();
    world.run_until(|world| world.requests().len() == 3);
    let answered = |happening: &Happening| matches!(happening, Happening::Probed(key, ProbeAnswer::Server) if *key == ONLY);
    world.run_until(|world| world.agenda.values().any(answered));
    let late = world.now + 1_500;
    world.run_until(|world| world.now > late);
    assert_eq!(world.requests().len(), 4);
    world.finish();
    assert_eq!(world.seen().result, Some(RecordResult::Success));
}

#[test]
fn a_record_that_goes_on_is_not_given_up_for_what_was_thrown_away() {
    let acts = [
        vec![Act::Serve; 3],
        vec![Act::Cut(0), Act::Serve],
        vec![Act::Cut(0); 3],
        vec![Act::Cut(200_000); 400],
    ];
    let fast = |network: &mut Network| network.rate = 50_000;
    let mut world = fetch_of(40 * MIB).acts(acts.concat()).network(fast).asked();
    world.run_until(|world| world.requests().len() >= 8);
    // A later window is whole by now. A pause throws it away.
    world.deed(Deed::Pause(FetchNo(1), true));
    world.deed(Deed::Pause(FetchNo(1), false));
    (world.network.rate, world.network.part) = (10, 16 * KIB);
    world.finish();
    world.assert_success();
}

#[test]
fn windows_are_asked_for_after_any_number_of_failures() {
    for refused in 0..12 {
        fetch_of(9 * MIB)
            .acts(vec![Act::Refuse; refused])
            .run()
            .assert_success();
    }
}

/// When the last record came, whose server does not let those before it be read, or is silent for them.
fn last_after(others: u32, act: &Act) -> u64 {
    let more = |scenario: Scenario, _| elsewhere(scenario.and(KIB)).then(act.clone());
    let mut world = elsewhere((0..others).fold(Scenario::new(), more).and(KIB)).asked();
    let last = record(others);
    world.run_until(|world| world.stored_of(last) == KIB || world.now > 10 * 60 * MINUTE);
    world.now
}

#[test]
fn a_question_is_asked_in_the_turn_of_what_it_is_about() {
    for others in [1, 10, 60] {
        let millis = last_after(others, &Act::Block);
        assert!(millis <= u64::from(others) * 5_000, "{others}: {millis} ms");
    }
}

#[test]
fn those_that_are_never_answered_let_one_that_is_have_its_turn() {
    for others in [1, 5, 6, 12] {
        let millis = last_after(others, &Act::Hang);
        assert!(millis < 6 * MINUTE, "{others}: {millis} ms");
    }
}

/// A record that may be silent for an hour, before the head and all of the body come together.
fn silent() -> Scenario {
    let checked = fetch_of(MIB).request(|request| request.integrity = true);
    checked.then(Act::Hang)
}

/// When the last of these came, beside a silent one.
fn last_beside_a_silent_one(others: impl Fn(Scenario) -> Scenario) -> u64 {
    let mut world = others(silent()).asked();
    let last = *world.resources.keys().last().expect("there are some");
    let length = world.resources[&last].length;
    world.run_until(|world| world.stored_of(last) == length || world.now > 60 * MINUTE);
    world.now
}

#[test]
fn a_rest_ends_by_itself() {
    for other in 12..=24 {
        let refused = |silent: Scenario| {
            let flowing = silent.and(other * MIB);
            flowing.and(KIB).acts(vec![Act::Refuse; 7])
        };
        let millis = last_beside_a_silent_one(refused);
        assert!(millis < MINUTE, "{other} MiB: {millis} ms");
    }
}

#[test]
fn a_silent_request_keeps_nobody_from_a_server_in_trouble() {
    for refused in 1..6 {
        let small = |silent: Scenario| silent.and(KIB).acts(vec![Act::Refuse; refused]);
        let millis = last_beside_a_silent_one(small);
        assert!(millis < 2 * MINUTE, "{refused}: {millis} ms");
    }
}

#[test]
fn they_take_turns_beside_a_silent_request() {
    for hopeless in [1, 3, 6] {
        let others = |silent: Scenario| {
            let more = |scenario: Scenario, _| scenario.and(KIB).then(Act::Refuse);
            let many = (0..hopeless).fold(silent, more);
            many.and(KIB).acts([Act::Refuse])
        };
        let millis = last_beside_a_silent_one(others);
        assert!(millis < 3 * MINUTE, "{hopeless}: {millis} ms");
    }
}

#[test]
fn an_answer_aside_does_not_grow_old_beside_a_silent_request() {
    let silent = elsewhere(silent());
    let refused =
        |scenario: Scenario| elsewhere(scenario.and(KIB)).acts([Act::Refuse, Act::Refuse]);
    let mut world = refused(refused(silent)).asked();
    let answered = |world: &World| {
        world.agenda.values().find_map(|happening| match happening {
            Happening::Probed(key, ProbeAnswer::Server) => Some(*key),
            _ => None,
        })
    };
    world.run_until(|world| answered(world).is_some());
    let key = answered(&world).expect("a question was answered");
    let asked = |world: &World| {
        world
            .checks
            .sent
            .iter()
            .filter(|sent| sent.key == key)
            .count()
    };
    let (before, at) = (asked(&world), world.now);
    world.run_until(|world| asked(world) > before);
    assert!(world.now - at < 2_500, "{} ms", world.now - at);
}

#[test]
fn nobody_rests_while_nothing_else_is_left() {
    for other in 12..=16 {
        let refused = fetch_of(KIB).acts(vec![Act::Refuse; 9]);
        let mut world = refused.and(other * MIB).asked();
        let second = record(1);
        world.run_until(|world| world.stored_of(second) == other * MIB);
        let end = world.now;
        world.run_until(|world| world.now > end + 500);
        let sent = world.requests();
        let near = |sent: &Sent| sent.at.abs_diff(end) < 100;
        assert!(sent.iter().any(near), "{other} MiB, {end}: {sent:?}");
    }
}

#[test]
fn after_an_outage_siblings_go_on_together() {
    for down in [20_000, 60_000, 120_000, 600_000] {
        let mut world = fetch_of(400 * MIB).asked();
        fetch_of(400 * MIB)
            .id("other")
            .numbered(100)
            .ask(&mut world);
        world.run_until(|world| world.now >= 3_000);
        world.outage(down);
        let taken = |world: &World, no| downloaded(world, FetchNo(no));
        let stored = [taken(&world, 1), taken(&world, 2)];
        world.run_until(|world| taken(world, 1) > stored[0] || taken(world, 2) > stored[1]);
        let first = world.now;
        world.run_until(|world| taken(world, 1) > stored[0] && taken(world, 2) > stored[1]);
        assert!(
            world.now - first < 3_000,
            "{down}: {} ms",
            world.now - first
        );
    }
}

#[test]
fn a_reason_to_try_ends_every_rest() {
    let refused = fetch_of(KIB).acts(vec![Act::Refuse; 9]).and(200 * MIB);
    let mut world = refused.manner(|manner| manner.ranges = false).asked();
    world.run_until(|world| world.requests().len() == 7);
    let resting = world.now + 2_000;
    world.run_until(|world| world.now > resting);
    assert_eq!(world.requests().len(), 7);
    let before = world.now;
    world.deed(Deed::Retry(false));
    world.run_until(|world| world.requests().len() == 8);
    assert!(world.now - before < 100, "{} ms", world.now - before);
}

#[test]
fn who_was_answered_aside_does_not_rest() {
    let refused = fetch_of(KIB).acts(vec![Act::Refuse; 7]).and(200 * MIB);
    let mut world = refused.manner(|manner| manner.ranges = false).asked();
    world.run_until(|world| world.requests().len() == 7);
    let failed = world.now;
    world.run_until(|world| world.stored_of(ONLY) == KIB);
    assert!(world.now - failed < 1_000, "{} ms", world.now - failed);
}

#[test]
fn a_server_in_trouble_is_asked_for_no_more_while_it_may_still_answer() {
    let hanging = |scenario: Scenario, _| scenario.and(MIB).then(Act::Hang);
    let refused = (0..3)
        .fold(Scenario::new(), hanging)
        .and(KIB)
        .then(Act::Refuse);
    let mut world = refused.asked();
    world.run_until(|world| world.now > 31_000);
    let early = |sent: &&Sent| sent.at < 30_000;
    assert_eq!(world.checks.sent.iter().filter(early).count(), 4);
    assert!(world.checks.sent.len() > 4);
}

/// How long another background fetch takes that meets this once, begun so long after one that never ends.
fn beside(hopeless: &Scenario, wait: u64, act: Act) -> u64 {
    let mut world = hopeless.clone().asked();
    world.run_until(|world| world.now >= wait);
    let start = world.now;
    let other = fetch_of(MIB).numbered(50).id("other").acts([act]);
    other.ask(&mut world);
    world.run_until(|world| world.checks.ends.contains_key(&FetchNo(2)));
    world.now - start
}

#[test]
fn a_record_that_can_never_be_had_holds_up_no_other_background_fetch() {
    let small = fetch_of(KIB).then(Act::Cut(0));
    let windows = fetch_of(40 * MIB).acts([Act::Serve]).then(Act::Cut(0));
    for hopeless in [small, windows] {
        for wait in [0, 10_000, 100_000] {
            for act in [Act::Cut(300_000), Act::Refuse] {
                let millis = beside(&hopeless, wait, act.clone());
                assert!(millis < 20_000, "{act:?} after {wait}: {millis} ms");
            }
        }
    }
}

#[test]
fn a_record_that_can_never_be_had_lets_those_after_it_go_first() {
    // Now and then it fails after the other one, and would be the first from then on.
    let cuts = (1..10).map(|part| Act::Cut(part * 100_000));
    let unlucky = fetch_of(MIB).acts(cuts).and(KIB).then(Act::Cut(0));
    let far = |network: &mut crate::world::Network| network.latency = 300;
    let mut world = unlucky.network(far).asked();
    world.run_until(|world| world.stored_of(ONLY) == MIB);
    assert!(world.now < 2 * MINUTE, "{} ms", world.now);
}
