//! [Background fetch response](https://wicg.github.io/background-fetch/#background-fetch-response-concept):
//! the response of a record, its bytes as far as they are stored, and its result.

use super::http::ResponseHead;
use super::input::ResponseSnapshot;
use super::partial_response;

/// The response data of one attempt. A new attempt has new response data; the one before becomes
/// "redundant" and its bytes go with the first write of the new one.
#[derive(Clone, Debug, Default)]
pub(super) struct ResponseData {
    /// Which attempt, counted from 1; 0 before the first response. Never used twice for a record.
    pub attempt: u32,
    /// The response without its body.
    pub head: Option<ResponseHead>,
    /// Whether a row of this attempt has been handed to the store.
    pub written: bool,
    /// Bytes handed to the store, contiguous from the start.
    pub queued: u64,
    /// Bytes stored: of these the application may know.
    pub stored: u64,
    /// Length of the whole body, as soon as it is declared or the body has ended.
    pub length: Option<u64>,
    /// Whether that length counts the bytes that we count: a coding that CORS hides makes
    /// `Content-Length` count others.
    pub length_sure: bool,
    /// Whether a content coding is applied, as far as is known.
    pub coded: bool,
}

impl ResponseData {
    /// Response data as the store remembers it.
    pub fn restored(snapshot: ResponseSnapshot) -> Self {
        let data = Self {
            attempt: snapshot.attempt,
            ..Self::default()
        };
        let data = match snapshot.head {
            Some(head) => data.with(head),
            None => data,
        };
        Self {
            written: true,
            queued: snapshot.stored,
            stored: snapshot.stored,
            // More bytes than declared: the declaration counted coded ones.
            coded: data.coded || data.length.is_some_and(|length| length < snapshot.stored),
            ..data
        }
    }

    /// The whole body is so long, for certain.
    pub fn ends_at(&mut self, length: u64) {
        self.length = Some(length);
        self.length_sure = true;
    }

    /// Response data for the next attempt, which begins with this response.
    pub fn next(&self, head: ResponseHead) -> Self {
        self.abandoned().with(head)
    }

    /// Response data before the next attempt has a response.
    pub fn abandoned(&self) -> Self {
        Self {
            attempt: self.attempt.saturating_add(1),
            ..Self::default()
        }
    }

    /// The same without its response and bytes, of which the stored ones go with the next write.
    pub fn failed(&self) -> Self {
        Self {
            queued: self.stored,
            stored: self.stored,
            ..self.abandoned()
        }
    }

    fn with(self, head: ResponseHead) -> Self {
        let (length, length_sure) = match head.status {
            206 if head.coded() => (None, false),
            206 => (partial_response::complete_length(&head), true),
            _ => (head.body_length(), head.same_origin),
        };
        Self {
            length,
            length_sure,
            coded: head.coded(),
            head: Some(head),
            ..self
        }
    }
}
