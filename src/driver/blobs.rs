//! Where the browser keeps the Blobs of responses, which only its name tells (as in `js/transfer.js`).
//!
//! Firefox writes them to files. Chromium and WebKit hold them in the memory of another process for as
//! long as their JavaScript objects live, even when they are stored long since. WebKit's collector runs
//! often enough; Chromium's, which sees a few bytes, lets hundreds live. No probe shows where the bytes
//! are.

use js_sys::{ArrayBuffer, JsString};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::clock::scope;

/// Bytes of the longest window. In Firefox a Blob is a file, and fewer of them are faster; in WebKit
/// short ones are faster, too, and everywhere else several are in memory at a time.
pub(super) fn longest_window() -> u64 {
    // The others say "like Gecko".
    if named("Gecko/") {
        16 << 20
    } else if named("Chrome/") {
        8 << 20
    } else {
        4 << 20
    }
}

/// Shows Chromium's collector what a Blob weighs: it counts buffers, even one that is dropped at once
/// and of which no page was ever touched. After 64 MiB of them it runs, and so after 16 MiB of Blobs.
/// Not in WebKit, which fills buffers with zeros: that would cost more than it frees.
pub(super) fn weigh(bytes: &JsValue) {
    if let Some(blob) = bytes.dyn_ref::<Blob>()
        && named("Chrome/")
    {
        // A window is 8 MiB at most; a body without windows may come in longer pieces.
        ArrayBuffer::new(4 * blob.size().min(16_777_216.0) as u32);
    }
}

fn named(name: &str) -> bool {
    let agent = scope().navigator().user_agent();
    agent.is_ok_and(|agent| JsString::from(agent).includes(name, 0))
}
