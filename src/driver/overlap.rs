//! The overlap proof: bytes of an answer compared with those that are stored, one by one, before the
//! rest is appended. The one case in which bytes enter Wasm memory, 64 KiB at a time.

use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

use super::Driver;
use crate::core::{Event, Overlap, RecordKey, TransferNo};
use crate::store::{StoreError, value};

/// The beginning of an answer that must equal what is stored.
pub(super) struct Comparison {
    key: RecordKey,
    overlap: Overlap,
    from: u64,
    seen: Vec<u8>,
}

impl Comparison {
    pub fn new(key: RecordKey, overlap: Overlap, from: u64) -> Self {
        Self {
            key,
            overlap,
            from,
            seen: Vec::new(),
        }
    }

    /// Takes the bytes that are still to be compared out of `part`; gives the rest of it.
    fn take(&mut self, part: &JsValue) -> Option<JsValue> {
        let missing = self.overlap.length - self.seen.len() as u64;
        let length = value::length(part);
        let (bytes, rest) = if length > missing {
            let (bytes, rest) = value::split(part, missing);
            (bytes, Some(rest))
        } else {
            (part.clone(), None)
        };
        self.seen.extend(Uint8Array::new(&bytes).to_vec());
        rest
    }

    fn complete(&self) -> bool {
        self.seen.len() as u64 == self.overlap.length
    }
}

impl Driver {
    /// Takes a part of a body whose beginning is to be compared. What follows the overlap stays in the
    /// hand for the next read. `None` when there is nothing to compare in this transfer any more.
    pub(super) async fn compare(&self, no: TransferNo, part: &JsValue) -> Option<Event> {
        let comparison = {
            let mut hands = self.hands.borrow_mut();
            let hand = hands.get_mut(&no)?;
            let comparison = hand.comparison.as_mut()?;
            let rest = comparison.take(part);
            if !comparison.complete() {
                return Some(Event::Received {
                    transfer: no,
                    length: 0,
                });
            }
            hand.held_back = rest;
            hand.comparison.take()?
        };
        let Comparison {
            key,
            overlap,
            from,
            seen,
        } = comparison;
        let to = from + overlap.length;
        let stored = self.store.read(key, overlap.attempt, from, to).await;
        if let Err(StoreError::Connection(_)) = stored {
            // Nothing is known of the bytes. They are asked for once more.
            return Some(Event::Failed { transfer: no });
        }
        Some(Event::Compared {
            transfer: no,
            equal: stored.is_ok_and(|stored| stored == seen),
        })
    }
}
