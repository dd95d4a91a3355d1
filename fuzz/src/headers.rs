//! The headers on which it hangs what belongs together and when to come back.

#[path = "../../src/core/content_range.rs"]
#[allow(dead_code)]
mod content_range;
#[path = "../../src/core/date.rs"]
#[allow(dead_code)]
mod date;
#[path = "../../src/core/http.rs"]
#[allow(dead_code)]
mod http;

use content_range::{ContentRange, extract_content_range_values};
use http::{ResponseHead, Validator};

/// Two lines: the first is what one server says, the second another.
fn lines(data: &[u8]) -> (String, Option<String>) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(2, '\n').map(str::to_owned);
    (lines.next().unwrap_or_default(), lines.next())
}

/// What is read is possible, and written in the preferred form it reads the same.
pub fn content_range(data: &[u8]) {
    let (value, _) = lines(data);
    let Some(range) = extract_content_range_values(&value) else {
        return;
    };
    let written = match range {
        ContentRange::Bytes {
            first,
            last,
            complete,
        } => {
            assert!(first <= last && last < u64::MAX, "{range:?}");
            assert!(complete.is_none_or(|complete| last < complete), "{range:?}");
            let complete = complete.map_or("*".into(), |complete| complete.to_string());
            format!("bytes {first}-{last}/{complete}")
        }
        ContentRange::Unsatisfied { complete } => format!("bytes */{complete}"),
    };
    assert_eq!(extract_content_range_values(&written), Some(range));
}

/// Seconds are seconds, dates are never before themselves, and nothing else is a wait.
pub fn retry_after(data: &[u8]) {
    let (value, date) = lines(data);
    let wait = date::parse_retry_after(&value, date.as_deref());
    let digits = value.trim_ascii();
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        // JavaScript could not hold more.
        let seconds = digits
            .parse()
            .ok()
            .filter(|&seconds: &u64| seconds < 1 << 53);
        assert_eq!(wait, seconds.map(|seconds| seconds * 1_000));
    } else if wait.is_some() {
        let later = date::parse_http_date(&value).expect("else there is no wait");
        let now = date.as_deref().and_then(date::parse_http_date);
        let now = now.expect("else there is no wait");
        let millis = u64::try_from(later - now).unwrap_or(0) * 1_000;
        assert_eq!(wait, Some(millis));
    }
    if let Some(seconds) = date::parse_http_date(&value) {
        // Years have four digits.
        assert!(
            (-62_200_000_000..253_500_000_000).contains(&seconds),
            "{value}"
        );
        assert_eq!(date::parse_retry_after(&value, Some(&value)), Some(0));
    }
}

/// What proves that bytes belong together is never a weak validator, nor a date of this very minute.
pub fn validators(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut fields = text.split('\n').map(str::to_owned);
    let mut field = || fields.next().filter(|field| field != "-");
    let head = ResponseHead {
        status: 200,
        etag: field(),
        last_modified: field(),
        date: field(),
        content_length: field(),
        content_range: field(),
        content_encoding: field(),
        accept_ranges: field(),
        arrived: field().and_then(|seconds| seconds.parse().ok()),
        ..ResponseHead::default()
    };
    if let Some(Validator::ETag(tag)) = head.strong_validator() {
        assert!(
            tag.starts_with('"') && tag.ends_with('"') && tag.len() >= 2,
            "{tag}"
        );
    }
    if let Some(Validator::LastModified(date)) = head.strong_validator() {
        assert!(head.etag.is_none() && head.dated());
        assert!(date::parse_http_date(date).is_some(), "{date}");
    }
    if head.dated() {
        assert!(head.last_modified.is_some() && (head.date.is_some() || head.arrived.is_some()));
    }
    assert!(head.body_length().is_none() || head.content_length.is_some() && !head.coded());
    if head.accepts_ranges() {
        assert!(head.accept_ranges.is_some());
    }
}
