//! A request on the network and the bytes of it that are in our hands.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, ReadableStreamDefaultReader, Response};

use super::overlap::Comparison;
use crate::core::Take;
use crate::queue::Queue;
use crate::store::value;

/// One transfer. Dropping it aborts the request if it is still under way.
pub(super) struct Hand {
    pub take: Take,
    controller: AbortController,
    /// The response whose body is not yet being read.
    pub response: Option<Response>,
    /// The reader of its body.
    pub reader: Option<ReadableStreamDefaultReader>,
    /// The response as its row holds it, from the head on.
    pub meta: Option<JsValue>,
    /// What its beginning must equal, until that has been seen.
    pub comparison: Option<Comparison>,
    /// Bytes that arrived together with the end of the comparison, for the next read.
    pub held_back: Option<JsValue>,
    /// Whether nothing more is to be reported of it.
    pub closed: bool,
    parts: Queue<JsValue>,
}

impl Hand {
    pub fn new(take: Take, controller: AbortController) -> Self {
        Self {
            take,
            controller,
            response: None,
            reader: None,
            meta: None,
            comparison: None,
            held_back: None,
            closed: false,
            parts: Queue::new(),
        }
    }

    /// Keeps bytes that arrived.
    pub fn push(&mut self, part: JsValue) {
        self.parts.push_back(part);
    }

    /// Takes the next bytes, oldest first; `None` when there are not that many.
    pub fn take(&mut self, mut length: u64) -> Option<Vec<JsValue>> {
        let mut taken = Vec::new();
        while length > 0 {
            let part = self.parts.pop_front()?;
            let size = value::length(&part);
            if size > length {
                let (first, rest) = value::split(&part, length);
                self.parts.insert(0, rest);
                taken.push(first);
                break;
            }
            length -= size;
            taken.push(part);
        }
        Some(taken)
    }

    /// Gives up the request; what arrived stays.
    pub fn abort(&self) {
        if let Some(reader) = &self.reader {
            // WebKit may keep the connection of a body that is being read when only its request is
            // aborted.
            let cancelled = JsFuture::from(reader.cancel());
            spawn_local(async move { _ = cancelled.await });
        }
        self.controller.abort();
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        if !self.closed {
            self.abort();
        }
    }
}
