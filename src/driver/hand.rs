//! A request on the network and the bytes of it that are in our hands.

use std::collections::VecDeque;

use wasm_bindgen::JsValue;
use web_sys::{AbortController, ReadableStreamDefaultReader, Response};

use crate::core::Take;
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
    /// Whether nothing more is to be reported of it.
    pub closed: bool,
    parts: VecDeque<JsValue>,
}

impl Hand {
    pub fn new(take: Take, controller: AbortController) -> Self {
        Self {
            take,
            controller,
            response: None,
            reader: None,
            meta: None,
            closed: false,
            parts: VecDeque::new(),
        }
    }

    /// Keeps bytes that arrived.
    pub fn push(&mut self, part: JsValue) {
        self.parts.push_back(part);
    }

    /// Takes the next bytes, oldest first.
    pub fn take(&mut self, mut length: u64) -> Vec<JsValue> {
        let mut taken = Vec::new();
        while length > 0 {
            let Some(part) = self.parts.pop_front() else { break };
            let size = value::length(&part);
            if size > length {
                let (first, rest) = value::split(&part, length);
                self.parts.push_front(rest);
                taken.push(first);
                break;
            }
            length -= size;
            taken.push(part);
        }
        taken
    }

    /// Whether nothing is left that anybody could ask for.
    pub fn spent(&self) -> bool {
        self.closed && self.parts.is_empty()
    }

    /// Gives up the request; what arrived stays.
    pub fn abort(&self) {
        self.controller.abort();
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        if !self.closed {
            self.controller.abort();
        }
    }
}
