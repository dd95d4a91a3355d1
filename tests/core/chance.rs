//! What may go wrong, drawn at random.

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
        30 => Act::Unsatisfied(chance.pick(&[None, Some("bytes */*"), Some("bytes */7")])),
        31 => Act::Long(chance.between(1, 100_000)),
        32 => Act::Change,
        33 => Act::Block,
        34 if chance.one_in(4) => Act::Status(404, None),
        35 if chance.one_in(8) => Act::CutStatus(404, 50),
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
