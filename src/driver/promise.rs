//! Promises that are settled from here, and what they are rejected with.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::*;

/// The two ends of a promise.
pub struct Settlers {
    resolve: Function,
    reject: Function,
}

impl Settlers {
    /// A promise and what settles it.
    pub fn promise() -> (Self, Promise) {
        let mut settlers = None;
        let promise = Promise::new(&mut |resolve, reject| {
            settlers = Some(Self { resolve, reject });
        });
        (
            settlers.expect("a promise calls its executor at once"),
            promise,
        )
    }

    /// Fulfils the promise.
    pub fn resolve(self, value: &JsValue) {
        let _ = self.resolve.call1(&JsValue::UNDEFINED, value);
    }

    /// Rejects the promise.
    pub fn reject(self, reason: &JsValue) {
        let _ = self.reject.call1(&JsValue::UNDEFINED, reason);
    }
}

/// A `DOMException`.
pub fn dom_exception(message: &str, name: &str) -> JsValue {
    let exception = web_sys::DomException::new_with_message_and_name(message, name);
    exception
        .map_or_else(|error| error, JsValue::from)
        .unchecked_into()
}
