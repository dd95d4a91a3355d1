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
            Continuation::Contradiction if record.trust.unsatisfied => {
                Continuation::Replace { changed: false }
            }
            other => {
                record.trust.unsatisfied |= other == Continuation::Contradiction;
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

#[cfg(test)]
mod tests {
    use super::super::http::RequestHead;
    use super::super::input::{RecordSnapshot, ResponseSnapshot};
    use super::*;

    const OLD: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const NOW: &str = "Sun, 06 Nov 1994 09:49:37 GMT";
    const OVERLAP: u64 = 10;

    fn some(text: &str) -> Option<String> {
        Some(text.into())
    }

    /// A first response of 300 bytes, of which 100 are stored.
    fn first(etag: &str) -> ResponseHead {
        ResponseHead {
            status: 200,
            etag: some(etag),
            last_modified: some(OLD),
            date: some(NOW),
            content_length: some("300"),
            same_origin: true,
            ..ResponseHead::default()
        }
    }

    fn record(head: ResponseHead) -> Record {
        let request = RequestHead {
            method: "GET".into(),
            ..RequestHead::default()
        };
        let response = Some(ResponseSnapshot {
            attempt: 1,
            head: Some(head),
            stored: 100,
            result: None,
        });
        Record::restored(RecordSnapshot { request, response }, 0)
    }

    /// An answer to a request for the bytes from 100 on, with an overlap or without.
    fn answer(first: &ResponseHead, status: u16, range: &str) -> ResponseHead {
        ResponseHead {
            status,
            content_range: some(range),
            ..first.clone()
        }
    }

    fn judge(first: &ResponseHead, overlap: u64, answer: &ResponseHead) -> Continuation {
        continuation(&mut record(first.clone()), 100, overlap, answer)
    }

    const WHOLE_REST: Continuation = Continuation::Append {
        end: 300,
        length: Some(300),
    };

    #[test]
    fn a_part_without_the_first_ones_strong_validator_proves_nothing() {
        let strong = first("\"a\"");
        let part = answer(&strong, 206, "bytes 100-299/300");
        assert_eq!(judge(&strong, 0, &part), WHOLE_REST);
        let bare = ResponseHead {
            etag: None,
            date: None,
            ..part
        };
        assert_eq!(judge(&strong, 0, &bare), Continuation::Unproven);
        let weak = first("W/\"a\"");
        let part = answer(&weak, 206, "bytes 100-299/300");
        assert_eq!(judge(&weak, 0, &part), Continuation::Unproven);
    }

    #[test]
    fn a_comparison_needs_an_old_date_on_both_sides_and_a_length() {
        let weak = first("W/\"a\"");
        let part = answer(&weak, 206, "bytes 90-299/300");
        assert_eq!(judge(&weak, OVERLAP, &part), WHOLE_REST);
        let undated = ResponseHead {
            last_modified: None,
            ..part.clone()
        };
        assert_eq!(judge(&weak, OVERLAP, &undated), Continuation::Unproven);
        let star = answer(&weak, 206, "bytes 90-299/*");
        assert_eq!(judge(&weak, OVERLAP, &star), Continuation::Unproven);
        let young = ResponseHead {
            date: some(OLD),
            ..weak
        };
        assert_eq!(judge(&young, OVERLAP, &part), Continuation::Unproven);
    }

    #[test]
    fn an_unsatisfied_range_proves_completeness_or_nothing() {
        let strong = first("\"a\"");
        let unknown = ResponseHead {
            content_length: None,
            ..strong.clone()
        };
        let done = answer(&unknown, 416, "bytes */100");
        assert_eq!(judge(&unknown, 0, &done), Continuation::Complete);
        // Not when stored bytes were asked for, when more are known of, or of something else.
        assert_eq!(judge(&unknown, OVERLAP, &done), Continuation::Contradiction);
        assert_eq!(judge(&strong, 0, &done), Continuation::Contradiction);
        let other = ResponseHead {
            etag: some("\"b\""),
            ..done.clone()
        };
        assert_eq!(judge(&unknown, 0, &other), Continuation::Contradiction);
        let longer = answer(&unknown, 416, "bytes */101");
        assert_eq!(judge(&unknown, 0, &longer), Continuation::Contradiction);
        let silent = ResponseHead {
            content_range: None,
            ..done
        };
        assert_eq!(judge(&unknown, 0, &silent), Continuation::Contradiction);
        let hidden = ResponseHead {
            same_origin: false,
            ..silent
        };
        assert_eq!(judge(&unknown, 0, &hidden), Continuation::Unproven);
    }

    #[test]
    fn a_whole_answer_is_another_version_unless_a_validator_says_otherwise() {
        let changed = |changed| Continuation::Replace { changed };
        for etag in ["\"a\"", "W/\"a\""] {
            let first = first(etag);
            assert_eq!(judge(&first, 0, &first), changed(false), "{etag}");
            let other = ResponseHead {
                etag: some("\"b\""),
                last_modified: some(NOW),
                ..first.clone()
            };
            assert_eq!(judge(&first, 0, &other), changed(true), "{etag}");
            let gone = ResponseHead {
                status: 404,
                ..other
            };
            assert_eq!(judge(&first, 0, &gone), changed(false), "{etag}");
        }
    }

    #[test]
    fn a_first_part_says_where_it_ends_and_how_long_the_whole_is() {
        let part = answer(&first("\"a\""), 206, "bytes 0-9/300");
        assert_eq!(
            (first_part(&part), complete_length(&part)),
            (Some(10), Some(300))
        );
        let later = answer(&part, 206, "bytes 1-9/300");
        assert_eq!(first_part(&later), None);
    }
}
