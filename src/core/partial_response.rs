//! [Validate a partial response](https://wicg.github.io/background-fetch/#validate-partial-response-algorithm):
//! proof that a 206 continues the bytes that are stored.

use super::content_range::ContentRange;
use super::http::ResponseHead;

/// A partial response that may be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Offset after its last byte.
    pub end: u64,
}

/// Whether `partial` is the part from `expected_start` on of the representation whose first response
/// was `previous` (`None` for an unasked 206 to a plain request). `None` = invalid, do not append.
///
/// Deviation: the specification compares validators as strings where the first response had any; only
/// equal *strong* ones prove that the bytes belong together (`SPEC.md`, S5 and S6).
pub(super) fn validate_partial_response(
    expected_start: u64,
    partial: &ResponseHead,
    previous: Option<&ResponseHead>,
) -> Option<Part> {
    let ContentRange::Bytes { first, last, complete } = partial.content_range()? else {
        return None;
    };
    if first != expected_start {
        return None;
    }
    if let Some(previous) = previous {
        let validator = previous.strong_validator()?;
        let unchanged = partial.strong_validator() == Some(validator)
            // A 206 may leave Last-Modified out when the ETag is there (RFC 9110, section 15.3.7).
            && header_equality(&previous.etag, &partial.etag);
        if !unchanged || partial.coded() {
            return None;
        }
        let known = match previous.status {
            206 => complete_length(previous),
            _ => previous.body_length(),
        };
        if known.is_some_and(|known| complete.is_some_and(|complete| complete != known)) {
            return None;
        }
    }
    Some(Part { end: last + 1 })
}

/// [Header equality](https://wicg.github.io/background-fetch/#header-equality-algorithm).
fn header_equality(one: &Option<String>, other: &Option<String>) -> bool {
    one == other
}

/// The complete length that a partial response names.
pub(super) fn complete_length(head: &ResponseHead) -> Option<u64> {
    match head.content_range()? {
        ContentRange::Bytes { complete, .. } => complete,
        ContentRange::Unsatisfied { complete } => Some(complete),
    }
}
