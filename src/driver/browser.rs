//! What only a browser's name tells: no probe shows where it keeps its bytes, or which of its threads they
//! pass.
//!
//! Firefox writes the Blobs of responses to files. Chromium and WebKit hold them in the memory of another
//! process for as long as their JavaScript objects live, even when they are stored long since. WebKit's
//! collector runs often enough; Chromium's, which sees a few bytes, lets hundreds live.

use js_sys::JsString;
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::clock::scope;

#[wasm_bindgen]
extern "C" {
    /// With the error that js-sys takes for impossible.
    type ArrayBuffer;

    #[wasm_bindgen(constructor, catch)]
    fn new(length: u32) -> Result<ArrayBuffer, JsValue>;
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Browser {
    Chromium,
    Firefox,
    Other,
}

impl Browser {
    /// The one that runs this worker. Asked once: Firefox asks its main thread.
    pub fn of_this_worker() -> Self {
        let agent = scope().navigator().user_agent();
        let named = |name| {
            let agent = agent.as_ref();
            agent.is_ok_and(|agent| JsString::from(agent.as_str()).includes(name, 0))
        };
        // The others say "like Gecko".
        if named("Gecko/") {
            Self::Firefox
        } else if named("Chrome/") {
            Self::Chromium
        } else {
            Self::Other
        }
    }

    /// Bytes of the longest window. In Firefox a Blob is a file, and fewer of them are faster; in WebKit
    /// short ones are faster, too, and everywhere else several are in memory at a time.
    pub fn longest_window(self) -> u64 {
        match self {
            Self::Firefox => 16 << 20,
            Self::Chromium => 8 << 20,
            Self::Other => 3 << 20,
        }
    }

    /// Whether short bodies are read in the parts in which they come. Firefox takes a body that is asked
    /// for as a buffer through its main thread and back; in Chromium the reader is the slower way.
    pub fn reads_by_parts(self) -> bool {
        self == Self::Firefox
    }

    /// Shows Chromium's collector what a Blob weighs: it counts buffers, even one that is dropped at once
    /// and of which no page was ever touched. After 64 MiB of them it runs, and so after 16 MiB of Blobs.
    /// Not in WebKit, which fills buffers with zeros: that would cost more than it frees.
    pub fn weigh(self, bytes: &JsValue) {
        if let Some(blob) = bytes.dyn_ref::<Blob>()
            && self == Self::Chromium
        {
            // A window is 8 MiB at most; a body without windows may come in longer pieces.
            // Where there is no room for it, nothing can be shown.
            let _ = ArrayBuffer::new(4 * blob.size().min(16_777_216.0) as u32);
        }
    }
}
