//! [Background fetch response](https://wicg.github.io/background-fetch/#background-fetch-response-concept):
//! the response of a record, its bytes as far as they are stored, and its result.

use super::http::ResponseHead;
use super::partial_response;

/// The response data of one attempt. A new attempt has new response data; the one before becomes
/// "redundant" and its bytes go with the first write of the new one.
#[derive(Clone, Debug, Default)]
pub(super) struct ResponseData {
    /// Which attempt, counted from 1; 0 before the first response.
    pub attempt: u32,
    /// The response without its body.
    pub head: Option<ResponseHead>,
    /// Whether a row of this attempt has been handed to the store.
    pub written: bool,
    /// Bytes handed to the store, contiguous from the start.
    pub queued: u64,
    /// Bytes stored: of these the application may know.
    pub stored: u64,
}

impl ResponseData {
    /// Response data for the next attempt.
    pub fn next(&self, head: ResponseHead) -> Self {
        Self { attempt: self.attempt + 1, head: Some(head), ..Self::default() }
    }

    /// Length of the whole body, if the response tells.
    pub fn total(&self) -> Option<u64> {
        let head = self.head.as_ref()?;
        match head.status {
            206 => partial_response::complete_length(head),
            _ => head.body_length(),
        }
    }

    /// Whether a later request can continue these bytes with proof that they belong together.
    pub fn resumable(&self) -> bool {
        self.head.as_ref().is_some_and(|head| {
            matches!(head.status, 200 | 206) && !head.coded() && head.strong_validator().is_some()
        })
    }
}
