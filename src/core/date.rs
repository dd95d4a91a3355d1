//! HTTP dates (RFC 9110, section 5.6.7) and `Retry-After` (section 10.2.3).

use super::content_range::integer;

/// Seconds since 1970-01-01T00:00:00Z for an IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// The two obsolete forms are not read: a validator or a wait may always be treated as absent, and no
/// server in use sends them.
pub(super) fn parse_http_date(value: &str) -> Option<i64> {
    let rest = value.trim_ascii().split_once(',')?.1.strip_prefix(' ')?;
    let mut fields = rest.split(' ');
    let day = number(fields.next()?, 2)?;
    let month = month(fields.next()?)?;
    let year = number(fields.next()?, 4)?;
    let mut clock = fields.next()?.split(':');
    let (hour, minute, second) = (
        number(clock.next()?, 2)?,
        number(clock.next()?, 2)?,
        number(clock.next()?, 2)?,
    );
    let sound = (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    if fields.next() != Some("GMT") || fields.next().is_some() || clock.next().is_some() || !sound {
        return None;
    }
    Some(days_since_epoch(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Milliseconds to wait for a `Retry-After`. A date counts from the `Date` of the same response, so
/// that the server's clock is compared with itself; without one it cannot be read.
pub(super) fn parse_retry_after(value: &str, date: Option<&str>) -> Option<u64> {
    let value = value.trim_ascii();
    if let Some(seconds) = integer(value) {
        return Some(seconds.saturating_mul(1_000));
    }
    let wait = parse_http_date(value)? - parse_http_date(date?)?;
    Some(u64::try_from(wait).unwrap_or(0).saturating_mul(1_000))
}

fn number(digits: &str, length: usize) -> Option<i64> {
    if digits.len() != length {
        return None;
    }
    integer(digits).and_then(|value| i64::try_from(value).ok())
}

fn month(name: &str) -> Option<i64> {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    NAMES
        .iter()
        .position(|&known| known == name)
        .map(|index| index as i64 + 1)
}

/// Days from the epoch to a date of the proleptic Gregorian calendar, years starting in March so that
/// the leap day comes last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    const MARCH_1_OF_YEAR_0: i64 = -719_468;
    year * 365 + leap_days + day_of_year + MARCH_1_OF_YEAR_0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_preferred_form() {
        assert_eq!(parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(
            parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777)
        );
        assert_eq!(
            parse_http_date("Thu, 29 Feb 2024 12:00:00 GMT"),
            Some(1_709_208_000)
        );
    }

    #[test]
    fn reads_nothing_else() {
        for value in [
            "",
            "0",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT x",
        ] {
            assert_eq!(parse_http_date(value), None, "{value:?}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(parse_retry_after("120", None), Some(120_000));
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(
            parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", date),
            Some(10_000)
        );
        assert_eq!(
            parse_retry_after("Sun, 06 Nov 1994 08:49:07 GMT", date),
            Some(0)
        );
        assert_eq!(
            parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", None),
            None
        );
        assert_eq!(parse_retry_after("soon", date), None);
        assert_eq!(parse_retry_after("-1", date), None);
    }
}
