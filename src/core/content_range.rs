//! [Extract content-range values](https://wicg.github.io/background-fetch/#extract-content-range-values-algorithm)
//! and the [header syntax](https://wicg.github.io/background-fetch/#header-syntax) behind it.

/// A parsed `Content-Range` of one range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentRange {
    /// `bytes first-last/complete`; `complete` is `None` for `*`, a length the server does not know.
    Bytes {
        /// Offset of the first byte.
        first: u64,
        /// Offset of the last byte, included.
        last: u64,
        /// Length of the whole representation.
        complete: Option<u64>,
    },
    /// `bytes */complete`, the answer of a 416.
    Unsatisfied {
        /// Length of the whole representation.
        complete: u64,
    },
}

/// Reads a `Content-Range` value by the grammar of RFC 9110, section 14.4. `None` for anything invalid:
/// another unit, a last byte before the first, a complete length that the range exceeds.
///
/// Deviation: the specification's grammar starts with `bytes=`; no server sends that, the RFC has
/// `bytes ` (`SPEC.md`, S1).
pub fn extract_content_range_values(value: &str) -> Option<ContentRange> {
    let value = value.trim_matches([' ', '\t']);
    let (unit, rest) = value.split_once(' ')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (range, complete) = rest.split_once('/')?;
    let complete = match complete {
        "*" => None,
        digits => Some(integer(digits)?),
    };
    if range == "*" {
        return Some(ContentRange::Unsatisfied {
            complete: complete?,
        });
    }
    let (first, last) = range.split_once('-')?;
    let (first, last) = (integer(first)?, integer(last)?);
    if last < first || complete.is_some_and(|complete| complete <= last) {
        return None;
    }
    Some(ContentRange::Bytes {
        first,
        last,
        complete,
    })
}

/// `1*DIGIT`, at most 2^53 − 1: JavaScript could not hold a larger length.
pub(super) fn integer(digits: &str) -> Option<u64> {
    const MAX_SAFE: u64 = (1 << 53) - 1;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|&value| value <= MAX_SAFE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_form_of_the_rfc() {
        let range = ContentRange::Bytes {
            first: 0,
            last: 9,
            complete: Some(10),
        };
        assert_eq!(extract_content_range_values("bytes 0-9/10"), Some(range));
        assert_eq!(extract_content_range_values(" Bytes 0-9/10\t"), Some(range));
    }

    #[test]
    fn an_asterisk_is_a_length_nobody_knows() {
        let range = ContentRange::Bytes {
            first: 5,
            last: 5,
            complete: None,
        };
        assert_eq!(extract_content_range_values("bytes 5-5/*"), Some(range));
        let none = ContentRange::Unsatisfied { complete: 47 };
        assert_eq!(extract_content_range_values("bytes */47"), Some(none));
    }

    #[test]
    fn refuses_what_must_not_be_combined() {
        for value in [
            "",
            "bytes",
            "bytes ",
            "bytes=0-9/10",
            "items 0-9/10",
            "bytes 9-0/10",
            "bytes 0-9/9",
            "bytes 0-9",
            "bytes -9/10",
            "bytes 0-/10",
            "bytes 0-9/",
            "bytes +0-9/10",
            "bytes 0-9/1e1",
            "bytes */*",
            "bytes 0-9/10, 20-29/30",
            "bytes  0-9/10",
            "bytes 0-99999999999999999999/*",
            "bytes 0-9007199254740992/*",
            "bytes 0 - 9/10",
            "bytes ٠-٩/10",
        ] {
            assert_eq!(extract_content_range_values(value), None, "{value:?}");
        }
    }
}
