//! Checks of bodies: stored ones, the ones that applications get, and how much is in hand.

use std::ops::RangeInclusive;

use background_fetch_polyfill::core::{
    EventKind, FailureReason, FetchNo, RecordIndex, RecordKey, RecordResult, Take,
};

use crate::checks::{Checks, Seen};
use crate::headers::{BEGINNING, Exposes, Tag};
use crate::server::page;
use crate::store::RecordRow;
use crate::world::World;

pub fn records_of(no: FetchNo) -> RangeInclusive<RecordKey> {
    let key = |index| RecordKey {
        fetch: no,
        index: RecordIndex(index),
    };
    key(0)..=key(u32::MAX)
}

/// A row was written: its body is the beginning of one representation, as long as it says.
pub fn stored(checks: &Checks, world: &World, key: RecordKey) {
    let Some(row) = world.store.records.get(&key) else {
        return;
    };
    let of = row
        .body
        .beginning_of()
        .unwrap_or_else(|why| checks.fail(&format!("{key:?}: {why}")));
    if row.body.len() != row.stored {
        checks.fail(&format!(
            "{key:?} has {} bytes, not {}",
            row.body.len(),
            row.stored
        ));
    }
    if row.stored > 0 && row.head.is_none() {
        checks.fail(&format!("{key:?} has bytes without a response"));
    }
    let head = row.head.as_ref();
    let whole = |length: u64| row.body.len() == length;
    let complete = match row.result {
        None => true,
        Some(RecordResult::Success) => {
            let status = head.map_or(0, |head| head.status);
            let length = match of {
                Some(of) => world.resources[&key].length_of(of),
                None => Some(0),
            };
            let bodiless = world.request_of(key).method == "HEAD" || matches!(status, 204 | 205);
            let empty = world.resources[&key].was_empty() || bodiless;
            (200..300).contains(&status) && length.is_some_and(whole) && (of.is_some() || empty)
        }
        Some(RecordResult::Failure(FailureReason::BadStatus)) => {
            let status = head.map_or(200, |head| head.status);
            let page = of.is_none_or(|of| of == page(status));
            !(200..300).contains(&status) && page
        }
        Some(RecordResult::Failure(_)) => row.stored == 0 && head.is_none(),
    };
    let deceived = world.resources[&key].deceives;
    if !complete && !deceived {
        checks.fail(&format!("{key:?} ends as {row:?}"));
    }
}

/// What the application gets to see when its event comes.
pub fn seen(checks: &Checks, world: &World, no: FetchNo, kind: EventKind) -> Vec<Seen> {
    let Some(fetch) = world.store.fetches.get(&no) else {
        checks.fail("an event without rows");
    };
    let indexes = 0..fetch.requests.len() as u32;
    let seen: Vec<_> = indexes
        .map(|index| {
            let key = RecordKey {
                fetch: no,
                index: RecordIndex(index),
            };
            let row = world.store.records.get(&key);
            Seen {
                result: row.and_then(|row| row.result),
                status: row
                    .and_then(|row| row.head.as_ref())
                    .map(|head| head.status),
                length: row.map_or(0, |row| row.stored),
                of: row.and_then(|row| row.body.beginning_of().ok().flatten()),
            }
        })
        .collect();
    let all = seen
        .iter()
        .all(|seen| seen.result == Some(RecordResult::Success));
    if kind == EventKind::Success && !all {
        checks.fail(&format!("success with {seen:?}"));
    }
    seen
}

/// Whether a record's server shows what proves its parts, and has kept its word.
pub fn sound(checks: &Checks, world: &World, key: RecordKey, row: &RecordRow) -> bool {
    let request = world.request_of(key);
    let resource = &world.resources[&key];
    let manner = &resource.manner;
    let dated = resource.modified + 60 <= BEGINNING && manner.date;
    let strong = match manner.tag {
        Tag::Strong => true,
        Tag::Weak => false,
        Tag::None => manner.age.is_some() && dated,
    };
    let visible = manner.hides().is_none_or(|exposes| exposes == Exposes::All);
    strong
        && visible
        && manner.ranges
        && !manner.gzip
        && request.method == "GET"
        && !request.integrity
        && !matches!(row.result, Some(RecordResult::Failure(_)))
        && !resource.deceives
        && !checks.tainted.contains_key(&key)
}

/// What is in the driver's hands and on its way to the store is bounded.
pub fn bounded(checks: &Checks, world: &World) {
    let hands = world.hands.values();
    let held: u64 = hands.clone().map(|hand| hand.bytes.len()).sum();
    let pending = world.pending.iter().flat_map(|pending| &pending.taken);
    let pending: u64 = pending.map(|(_, bytes)| bytes.len()).sum();
    let allowed = hands.map(|hand| match hand.take {
        Take::Stream => (4 << 20) + world.network.part,
        Take::Whole => 16 << 20,
    });
    let bound = (48 << 20) + allowed.sum::<u64>();
    if held + pending > bound {
        checks.fail(&format!(
            "{held} bytes in hand and {pending} on their way to the store"
        ));
    }
    let open = world.hands.values().filter(|hand| hand.open).count();
    if open > 24 {
        checks.fail(&format!("{open} requests at once"));
    }
}
