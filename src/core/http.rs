//! Request and response metadata, no bodies: what the core must know of HTTP.

use super::content_range::{self, ContentRange};
use super::date;

/// What the core knows of a request. The whole request stays in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestHead {
    /// The method, in capitals where the platform normalises it.
    pub method: String,
    /// The serialised origin of the URL; limits and waits count for an origin.
    pub origin: String,
    /// Whether `integrity` metadata is set: the browser then checks the whole body at once, so that
    /// such a record can only be fetched in one piece.
    pub integrity: bool,
    /// Length of the request's body in bytes; 0 where there is none.
    pub body_length: u64,
}

impl RequestHead {
    /// Whether the request may be sent again: repeating anything else could have side effects.
    pub(super) fn repeatable(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }
}

/// Whether an origin is [potentially trustworthy](https://w3c.github.io/webappsec-secure-contexts/#is-origin-trustworthy).
/// To pages of such an origin, everything from others is mixed content.
pub(super) fn trustworthy(origin: &str) -> bool {
    let Some(host) = origin.strip_prefix("http://") else {
        return true;
    };
    let before_port = host.trim_end_matches(|digit: char| digit.is_ascii_digit());
    let name = before_port.strip_suffix(':').unwrap_or(host);
    let loopback =
        name.starts_with("127.") && name.split('.').all(|part| part.parse::<u8>().is_ok());
    loopback || name == "[::1]" || name == "localhost" || name.ends_with(".localhost")
}

/// What the core knows of a response: its status and the headers that decide about its body. A header
/// that CORS hides is `None`, as if the server had not sent it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// The status; 0 for a response whose redirect was not followed.
    pub status: u16,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
    /// `Date`.
    pub date: Option<String>,
    /// `Content-Length`.
    pub content_length: Option<String>,
    /// `Content-Range`.
    pub content_range: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `Accept-Ranges`.
    pub accept_ranges: Option<String>,
    /// `Retry-After`.
    pub retry_after: Option<String>,
    /// Whether the response came, after redirects, from the engine's own origin: no header is hidden.
    pub same_origin: bool,
    /// When it arrived, by the clock of the platform, in seconds since 1970-01-01T00:00:00Z. CORS hides
    /// `Date`, and only an old `Last-Modified` means anything.
    pub arrived: Option<u64>,
}

impl ResponseHead {
    /// [Ok status](https://fetch.spec.whatwg.org/#ok-status): 200 to 299.
    pub(super) fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the status says that a later try may do better: it is the server's mistake (RFC 9110,
    /// section 15.6; delivery networks and portals have codes of their own, such as 520 to 530 and 511),
    /// or one of time (RFC 9110, section 15.5.9; RFC 6585, section 4; RFC 8470, section 5.2).
    pub(super) fn temporary(&self) -> bool {
        matches!(self.status, 408 | 425 | 429 | 500..=599)
    }

    pub(super) fn content_range(&self) -> Option<ContentRange> {
        content_range::extract_content_range_values(self.content_range.as_deref()?)
    }

    /// Length of the body, known only where no content coding stands between it and the bytes counted.
    pub(super) fn body_length(&self) -> Option<u64> {
        if self.coded() {
            return None;
        }
        content_range::integer(self.content_length.as_deref()?)
    }

    /// Whether a content coding is applied as far as one can see; offsets into the stored, decoded
    /// bytes mean nothing to the server then.
    pub(super) fn coded(&self) -> bool {
        self.content_encoding.as_deref().is_some_and(|coding| {
            let coding = coding.trim_ascii();
            !coding.is_empty() && !coding.eq_ignore_ascii_case("identity")
        })
    }

    pub(super) fn accepts_ranges(&self) -> bool {
        self.accept_ranges.as_deref().is_some_and(|units| {
            units
                .split(',')
                .any(|unit| unit.trim_ascii().eq_ignore_ascii_case("bytes"))
        })
    }

    /// The strong validator of the representation, if it has a visible one. Only a strong one allows
    /// parts to be combined (RFC 9110, section 15.3.7.3).
    pub(super) fn strong_validator(&self) -> Option<Validator<'_>> {
        if let Some(etag) = self.etag.as_deref() {
            let etag = etag.trim_ascii();
            // A weak ETag also rules out the date: the server says itself that it cannot tell.
            return (is_entity_tag(etag)).then_some(Validator::ETag(etag));
        }
        let sent = date::parse_http_date(self.date.as_deref()?)?;
        // RFC 9110, section 8.8.2.2.
        let last_modified = self
            .last_modified
            .as_deref()
            .filter(|_| self.old_at(sent))?;
        Some(Validator::LastModified(last_modified.trim_ascii()))
    }

    /// Whether the resource had been left alone for a while when this response was made, so that an
    /// equal `Last-Modified` later says that it still is the same. Not a strong validator unless the
    /// server's own clock says so, and worth nothing without a look at the bytes.
    pub(super) fn dated(&self) -> bool {
        let date = self.date.as_deref().and_then(date::parse_http_date);
        let arrived = self.arrived.and_then(|arrived| i64::try_from(arrived).ok());
        date.or(arrived).is_some_and(|sent| self.old_at(sent))
    }

    /// Whether the last modification was a minute before `sent` or more: a margin for clocks that
    /// differ and for two changes within a second.
    fn old_at(&self, sent: i64) -> bool {
        let modified = self
            .last_modified
            .as_deref()
            .and_then(date::parse_http_date);
        modified.is_some_and(|modified| sent >= modified + 60)
    }

    /// Whether the response to a request with this method has no body, whatever its headers say: they
    /// may describe the body that it would have (RFC 9110, sections 6.4.1 and 9.3.2). The status 0 is
    /// that of a redirect that was not followed.
    pub(super) fn bodiless(&self, method: &str) -> bool {
        method == "HEAD" || matches!(self.status, 0 | 100..=199 | 204 | 205 | 304)
    }
}

/// A strong validator, in the form in which `If-Range` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validator<'a> {
    /// A strong entity tag, quotes included.
    ETag(&'a str),
    /// A modification date that is strong by RFC 9110, section 8.8.2.2.
    LastModified(&'a str),
}

impl<'a> Validator<'a> {
    /// The field value.
    pub fn value(self) -> &'a str {
        match self {
            Self::ETag(value) | Self::LastModified(value) => value,
        }
    }
}

/// A strong entity tag by the grammar of RFC 9110, section 8.8.3.
fn is_entity_tag(value: &str) -> bool {
    let quoted = value.strip_prefix('"');
    let tag = quoted.and_then(|rest| rest.strip_suffix('"'));
    tag.is_some_and(|tag| !tag.bytes().any(|byte| matches!(byte, b'"' | b' ' | 0x7f)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(etag: Option<&str>, modified: Option<&str>, date: Option<&str>) -> ResponseHead {
        ResponseHead {
            etag: etag.map(Into::into),
            last_modified: modified.map(Into::into),
            date: date.map(Into::into),
            ..Default::default()
        }
    }

    #[test]
    fn only_a_coding_that_changes_bytes_counts_as_one() {
        for (coding, coded) in [
            ("", false),
            (" identity", false),
            ("Identity", false),
            ("gzip", true),
        ] {
            let head = ResponseHead {
                content_encoding: Some(coding.into()),
                ..Default::default()
            };
            assert_eq!(head.coded(), coded, "{coding}");
        }
    }

    #[test]
    fn a_quoted_tag_is_strong_and_a_weak_one_is_not() {
        assert!(
            head(Some("\"v1\""), None, None)
                .strong_validator()
                .is_some()
        );
        for weak in ["W/\"v1\"", "v1", "\"", "", "\"a\"b\"", "\"a b\""] {
            assert_eq!(
                head(Some(weak), None, None).strong_validator(),
                None,
                "{weak:?}"
            );
        }
    }

    #[test]
    fn a_date_is_strong_a_minute_after_the_modification() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let modified = Some(date);
        let strong = head(None, modified, Some("Sun, 06 Nov 1994 08:50:37 GMT"));
        assert_eq!(
            strong.strong_validator(),
            Some(Validator::LastModified(date))
        );
        let weak = head(None, modified, Some("Sun, 06 Nov 1994 08:50:36 GMT"));
        assert_eq!(weak.strong_validator(), None);
        assert_eq!(head(None, modified, None).strong_validator(), None);
    }

    #[test]
    fn a_weak_tag_is_not_made_up_for_by_a_date() {
        let both = head(
            Some("W/\"v1\""),
            Some("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some("Mon, 07 Nov 1994 08:49:37 GMT"),
        );
        assert_eq!(both.strong_validator(), None);
    }

    #[test]
    fn a_coded_body_has_no_known_length() {
        let mut head = ResponseHead {
            content_length: Some("12".into()),
            ..Default::default()
        };
        assert_eq!(head.body_length(), Some(12));
        head.content_encoding = Some("gzip".into());
        assert_eq!(head.body_length(), None);
    }

    #[test]
    fn only_loopback_is_trustworthy_without_encryption() {
        for origin in [
            "https://example.com",
            "http://127.0.0.1",
            "http://127.0.0.1:8080",
            "http://127.8.9.10:1",
            "http://[::1]",
            "http://[::1]:8080",
            "http://localhost:8080",
            "http://a.localhost",
            "null",
        ] {
            assert!(trustworthy(origin), "{origin}");
        }
        for origin in [
            "http://example.com",
            "http://example.com:8080",
            "http://127.0.0.1.example",
            "http://127.example",
            "http://192.168.0.1",
            "http://[::2]:80",
            "http://notlocalhost",
        ] {
            assert!(!trustworthy(origin), "{origin}");
        }
    }
}
