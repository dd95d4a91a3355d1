//! What may go wrong, drawn at random, and many worlds at once in which it does.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use background_fetch_polyfill::core::StoreFailure;

use crate::rng::Rng;
use crate::server::Act;

/// What a server does to a request.
pub fn act(chance: &mut Rng, length: u64) -> Act {
    if chance.one_in(2) {
        return Act::Serve;
    }
    let at = chance.below(length + 2);
    match chance.below(40) {
        0..=3 => Act::Refuse,
        4..=15 => Act::Cut(at),
        16 => Act::Cut(0),
        17 => Act::Short(at),
        18 => Act::Short(0),
        19 => Act::Stall(at),
        20 => Act::Hang,
        21..=24 => Act::Status(
            503,
            chance.pick(&[None, Some("2"), Some("0"), Some("soon")]),
        ),
        25 => Act::Status(429, Some("30")),
        26 => Act::CutStatus(500, 20),
        27 => Act::Whole,
        28 => Act::Range(chance.pick(&[
            "bytes 0-{last}/{total}",
            "bytes 1-{last}/{total}",
            "bytes={first}-{last}/{total}",
            "items {first}-{last}/{total}",
            "bytes {last}-{first}/{total}",
            "bytes {first}-{last}/{first}",
            "bytes {first}-{last}/9007199254740991",
            "bytes */{total}",
        ])),
        29 => Act::NoRange,
        // A length that is never just what is stored: such a lie nobody could tell from the truth.
        30 => Act::Unsatisfied(chance.pick(&[None, Some("bytes */*"), Some("bytes */0")])),
        31 => Act::Long(chance.between(1, 100_000)),
        32 => Act::Change,
        33 => Act::Block,
        34 if chance.one_in(4) => Act::Status(404, None),
        35 if chance.one_in(8) => Act::CutStatus(404, 50),
        36 => Act::Mislead,
        37 => Act::BlockParts,
        _ => Act::Cut(chance.below(70_000)),
    }
}

/// Whether a transaction fails.
pub fn store_failure(chance: &mut Rng) -> Option<StoreFailure> {
    match chance.below(1_000) {
        0..=4 => Some(StoreFailure::Broken),
        5 => Some(StoreFailure::Quota),
        _ => None,
    }
}

/// Plays worlds from one seed each, on all processors, until `count` things have been seen. What is
/// played returns how many it saw, and something else to sum up.
pub fn many(count: usize, play: impl Fn(&mut Rng) -> (usize, usize) + Sync) -> usize {
    let (seeds, seen, sum) = (AtomicU64::new(1), AtomicUsize::new(0), AtomicUsize::new(0));
    let broken = Mutex::new(Vec::new());
    let until_broken = || {
        while seen.load(Ordering::Relaxed) < count && broken.lock().expect("no panic").is_empty() {
            let seed = seeds.fetch_add(1, Ordering::Relaxed);
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                play(&mut Rng::new(seed))
            })) {
                Ok((more, other)) => {
                    seen.fetch_add(more, Ordering::Relaxed);
                    sum.fetch_add(other, Ordering::Relaxed);
                }
                Err(_) => broken.lock().expect("no panic").push(seed),
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| _ = scope.spawn(until_broken)));
    let broken = broken.into_inner().expect("no panic");
    assert!(broken.is_empty(), "seed {broken:?}");
    sum.into_inner()
}
