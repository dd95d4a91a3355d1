//! [Validate a partial response](https://wicg.github.io/background-fetch/#validate-partial-response-algorithm):
//! proof that a 206 continues the bytes that are stored, and what every other answer to a request for
//! the rest of a body means.

use super::content_range::ContentRange;
use super::date;
use super::http::ResponseHead;
use super::record::Record;

/// What a response to a request for the rest of a body means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continuation {
    /// It continues the stored bytes up to this offset of a body of this length, if it tells.
    Append { end: u64, length: Option<u64> },
    /// Every byte is stored already.
    Complete,
    /// The server cannot answer now; the stored bytes stay.
    Later { retry_after: Option<u64> },
    /// It is the whole resource, perhaps another version of it, or an error in its place: a new
    /// attempt begins with it.
    Replace { changed: bool },
    /// It may continue the stored bytes, but shows too little to tell.
    Unproven,
    /// It contradicts the request or the first response.
    Contradiction,
}

/// What `head` means, the answer to a request for the bytes from `start` on, with `overlap` bytes
/// before them to compare.
pub(super) fn continuation(
    record: &mut Record,
    start: u64,
    overlap: u64,
    head: &ResponseHead,
) -> Continuation {
    let Some(first) = &record.data.head else {
        return Continuation::Contradiction;
    };
    match head.status {
        206 => validate_partial_response(
            start - overlap,
            overlap > 0,
            head,
            first,
            record.data.length,
        ),
        416 => match unsatisfied(start, overlap > 0, head, first, record.data.length) {
            Continuation::Contradiction if record.patience.unsatisfied => {
                Continuation::Replace { changed: false }
            }
            other => {
                record.patience.unsatisfied |= other == Continuation::Contradiction;
                other
            }
        },
        _ if head.temporary() => Continuation::Later {
            retry_after: retry_after(head),
        },
        _ => {
            let both = (first.strong_validator(), head.strong_validator());
            let same = match both {
                (Some(first), Some(now)) => first == now,
                (None, _) => first.last_modified == head.last_modified,
                (Some(_), None) => false,
            };
            let changed = head.ok() && !same;
            Continuation::Replace { changed }
        }
    }
}

/// Whether `partial` is the part from `expected_start` on of the representation whose first response
/// was `first` and whose length is `length`, as far as it is known. With `compared` the bytes
/// themselves will be compared, so that less is asked of its head.
///
/// Deviation: the specification compares validators as strings where the first response had any; only
/// equal *strong* ones prove that the bytes belong together (`SPEC.md`, S5 and S6).
fn validate_partial_response(
    expected_start: u64,
    compared: bool,
    partial: &ResponseHead,
    first: &ResponseHead,
    length: Option<u64>,
) -> Continuation {
    if partial.coded() || differ(&first.etag, &partial.etag) {
        return Continuation::Contradiction;
    }
    if compared && differ(&first.last_modified, &partial.last_modified) {
        return Continuation::Contradiction;
    }
    let hidden = !partial.same_origin && partial.content_range.is_none();
    let (end, complete) = match partial.content_range() {
        Some(ContentRange::Bytes {
            first,
            last,
            complete,
        }) if first == expected_start => (last + 1, complete),
        // CORS hides the range. The bytes themselves will show where it begins, its length where it
        // ends.
        None if hidden && compared => {
            let rest = length.map(|length| length - expected_start);
            if partial.body_length() != rest {
                return Continuation::Unproven;
            }
            (length.unwrap_or_default(), length)
        }
        None if hidden => return Continuation::Unproven,
        _ => return Continuation::Contradiction,
    };
    if differ(&length, &complete) {
        return Continuation::Contradiction;
    }
    let validator = first.strong_validator();
    let same = validator.is_some() && partial.strong_validator() == validator;
    let dated = first.dated() && first.last_modified == partial.last_modified;
    match same || compared && dated && complete.is_some() {
        true => Continuation::Append {
            end,
            length: complete,
        },
        false => Continuation::Unproven,
    }
}

/// What a 416 means: a length that is exactly what is stored says that nothing is missing. A request
/// that repeats stored bytes always has something to give, though.
fn unsatisfied(
    start: u64,
    compared: bool,
    head: &ResponseHead,
    first: &ResponseHead,
    length: Option<u64>,
) -> Continuation {
    let hidden = !head.same_origin && head.content_range.is_none();
    match head.content_range() {
        Some(ContentRange::Unsatisfied { complete })
            if complete == start
                && !compared
                && !differ(&length, &Some(start))
                && !differ(&first.etag, &head.etag) =>
        {
            Continuation::Complete
        }
        None if hidden => Continuation::Unproven,
        _ => Continuation::Contradiction,
    }
}

/// How long the server asks to wait, in milliseconds.
pub(super) fn retry_after(head: &ResponseHead) -> Option<u64> {
    date::parse_retry_after(head.retry_after.as_deref()?, head.date.as_deref())
}

/// Where the part ends that answers a plain request with a 206; `None` unless it is the beginning.
pub(super) fn first_part(head: &ResponseHead) -> Option<u64> {
    match head.content_range()? {
        ContentRange::Bytes { first: 0, last, .. } => Some(last + 1),
        _ => None,
    }
}

/// The complete length that a partial response names.
pub(super) fn complete_length(head: &ResponseHead) -> Option<u64> {
    match head.content_range()? {
        ContentRange::Bytes { complete, .. } => complete,
        ContentRange::Unsatisfied { complete } => Some(complete),
    }
}

/// Whether both are known and not equal.
fn differ<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    one.is_some() && other.is_some() && one != other
}
