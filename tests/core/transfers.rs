//! What the core may ask of transfers, and when: its contract with the driver.

use std::collections::{BTreeMap, BTreeSet};

use background_fetch_polyfill::core::{Commit, Output, TransferNo, Write};

use crate::checks::Checks;
use crate::driver::Hand;
use crate::world::{OWN, World};

pub fn check(checks: &mut Checks, world: &World, output: &Output) {
    let hand = |transfer: &TransferNo| -> &Hand {
        match world.hands.get(transfer) {
            Some(hand) => hand,
            None => checks.fail(&format!("{output:?}: the transfer is gone")),
        }
    };
    match output {
        Output::Gather(transfer) if hand(transfer).fruitful => {
            checks.fail(&format!("{output:?} is not all of a body"));
        }
        Output::Read(transfer) | Output::Gather(transfer) => {
            let hand = hand(transfer);
            if !hand.open || hand.reading || hand.head.is_none() {
                checks.fail(&format!("{output:?} of {hand:?}"));
            }
        }
        Output::Stop(transfer) if !hand(transfer).open => {
            checks.fail(&format!("{output:?}: it is over"));
        }
        Output::Drop(transfer) => _ = hand(transfer),
        Output::Commit(commit) => check_commit(checks, world, commit),
        Output::Request(transfer) => {
            let request = world.request_of(transfer.key);
            let before = checks.sent.iter().any(|sent| sent.key == transfer.key);
            if before && !matches!(request.method.as_str(), "GET" | "HEAD") {
                checks.fail("a request that must not be repeated is sent again");
            }
            if transfer
                .range
                .is_some_and(|range| range.end.is_some_and(|end| end <= range.start))
            {
                checks.fail("an empty range");
            }
            if transfer.if_range.is_some() && request.origin != OWN {
                checks.fail("If-Range across origins costs a preflight");
            }
            committed_bytes_stay(checks, world, transfer);
        }
        _ => {}
    }
}

/// Whether a promise, an event or a request hangs on a write: that it is sent, and never again, is all that
/// such a record says.
fn hangs_on(write: &Write) -> bool {
    match write {
        Write::Create(_) | Write::End { .. } | Write::Due(..) => true,
        Write::Record(record) => (record.head, record.chunk, record.result) == (None, None, None),
        Write::Paused(..) | Write::Delivered(_) => false,
    }
}

/// A transaction takes what is in hand, and nothing in it undoes another part of it.
fn check_commit(checks: &Checks, world: &World, commit: &Commit) {
    if world.pending.len() >= 2 {
        checks.fail("more than two transactions at once");
    }
    if commit.strict != commit.writes.iter().any(hangs_on) {
        checks.fail("a transaction that must reach the disk does not, or one need not and does");
    }
    let mut taken: BTreeMap<TransferNo, u64> = BTreeMap::new();
    let mut keys = BTreeSet::new();
    for write in &commit.writes {
        let Write::Record(write) = write else {
            if commit.writes.len() > 1 && !matches!(write, Write::Paused(..)) {
                checks.fail("a write that must be alone is not");
            }
            continue;
        };
        if !keys.insert(write.key) && write.first {
            // WebKit corrupts Blobs that one transaction puts and deletes.
            checks.fail("a transaction deletes what it has put");
        }
        if let Some(chunk) = write.chunk {
            if chunk.length == 0 {
                checks.fail("a chunk without a byte");
            }
            *taken.entry(chunk.transfer).or_default() += chunk.length;
        }
        let head = |head| world.hands.get(&head).and_then(|hand| hand.head.as_ref());
        if write.head.is_some_and(|transfer| head(transfer).is_none()) {
            checks.fail("a head that has not come");
        }
    }
    for (transfer, length) in taken {
        let in_hand = world
            .hands
            .get(&transfer)
            .map_or(0, |hand| hand.bytes.len());
        if in_hand < length {
            checks.fail("a chunk of bytes that are not in hand");
        }
    }
}

/// What is stored of a provable response is never asked for again.
fn committed_bytes_stay(
    checks: &Checks,
    world: &World,
    transfer: &background_fetch_polyfill::core::Transfer,
) {
    let key = transfer.key;
    let Some(row) = world.store.records.get(&key) else {
        return;
    };
    let start = transfer.range.map_or(0, |range| range.start);
    let good = row
        .head
        .as_ref()
        .is_some_and(|head| matches!(head.status, 200 | 206));
    if good && start < row.stored && crate::bodies::sound(checks, world, key, row) {
        checks.fail(&format!(
            "{} bytes of {key:?} are stored and asked for again",
            row.stored
        ));
    }
}
