//! What a server says about a representation, and what CORS lets through.

/// The simulated worlds begin at this moment, in seconds since 1970-01-01T00:00:00Z.
pub const BEGINNING: u64 = 1_800_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    Strong,
    Weak,
    None,
}

/// What a server across origins exposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposes {
    All,
    OnlyETag,
    Nothing,
}

/// What a server can do and says.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Whether it answers a range with a part.
    pub ranges: bool,
    pub tag: Tag,
    /// Seconds that the first version is old at the beginning; `None`: no `Last-Modified`.
    pub age: Option<u64>,
    pub date: bool,
    /// Whether it declares `Content-Length`.
    pub length: bool,
    /// Whether it gives the complete length as `*`.
    pub star: bool,
    /// The most bytes it gives in one part.
    pub slice: Option<u64>,
    /// Answers even a plain request with the first so many bytes and a 206.
    pub partial: Option<u64>,
    pub gzip: bool,
    /// On another origin, with these headers exposed.
    pub cross: Option<Exposes>,
    /// On the own origin, but the request is redirected to another, which exposes these.
    pub redirected: Option<Exposes>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            ranges: true,
            tag: Tag::Strong,
            age: Some(1_000),
            date: true,
            length: true,
            star: false,
            slice: None,
            partial: None,
            gzip: false,
            cross: None,
            redirected: None,
        }
    }
}

impl Manner {
    /// The exposed headers where CORS hides the others.
    pub fn hides(&self) -> Option<Exposes> {
        self.cross.or(self.redirected)
    }
}

/// The form of RFC 9110, section 5.6.7.
pub fn http_date(seconds: u64) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [(&str, u64); 12] = [
        ("Jan", 31),
        ("Feb", 28),
        ("Mar", 31),
        ("Apr", 30),
        ("May", 31),
        ("Jun", 30),
        ("Jul", 31),
        ("Aug", 31),
        ("Sep", 30),
        ("Oct", 31),
        ("Nov", 30),
        ("Dec", 31),
    ];
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let weekday = DAYS[(seconds / 86_400 % 7) as usize];
    let (mut year, mut day) = (1970, seconds / 86_400);
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 0;
    loop {
        let length = MONTHS[month].1 + u64::from(month == 1 && leap(year));
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    let (day, month) = (day + 1, MONTHS[month].0);
    format!("{weekday}, {day:02} {month} {year} {hour:02}:{minute:02}:{second:02} GMT")
}

#[test]
fn http_dates_have_the_preferred_form() {
    assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(http_date(1_709_208_000), "Thu, 29 Feb 2024 12:00:00 GMT");
}
