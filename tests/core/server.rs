//! Servers whose behaviour is a script: what they do to the next requests, one act for each.

use std::collections::{BTreeMap, VecDeque};

use background_fetch_polyfill::core::{Range, ResponseHead};

use crate::bytes::Bytes;
use crate::headers::{BEGINNING, Exposes, Manner, Tag, http_date};
use crate::world::{OTHER, OWN};

/// What a server does to one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Answers as well as it can.
    Serve,
    /// The connection fails before anything comes.
    Refuse,
    /// A network error for the request, while a probe would be answered: CORS.
    Block,
    /// The same for what asks for a range only.
    BlockParts,
    /// The same for what comes with `If-Range` only: it is sent on to where CORS must be asked first.
    BlockConditional,
    /// Never answers what asks for a range.
    HangParts,
    /// A redirect to nowhere.
    Mislead,
    /// Never answers.
    Hang,
    /// Resets the connection after so many bytes of the body.
    Cut(u64),
    /// Resets the connection after the head of a part, and after so many bytes of a whole.
    CutParts(u64),
    /// Ends the body there as if it were whole.
    Short(u64),
    /// Sends nothing more from there on, and keeps the connection open.
    Stall(u64),
    /// Sends so many bytes more than it said, and keeps the connection open.
    Long(u64),
    /// A status with a body of its own; `Retry-After` as given.
    Status(u16, Option<&'static str>),
    /// A status whose body is cut after so many bytes.
    CutStatus(u16, u64),
    /// Answers a range with the whole body.
    Whole,
    /// Answers a range with all that comes from its start on.
    OpenEnded,
    /// 206 with this `Content-Range`, whatever was asked; `{first}`, `{last}` and `{total}` are filled in.
    Range(&'static str),
    /// 206 without `Content-Range`.
    NoRange,
    /// 416 with this `Content-Range`.
    Unsatisfied(Option<&'static str>),
    /// The resource changes, then this request is served.
    Change,
    /// The resource changes; validators and length stay.
    ChangeInSecret,
    /// The resource stays, but its `ETag` changes, and nothing else.
    Relabel,
}

/// One resource and its server.
#[derive(Clone, Debug)]
pub struct Resource {
    pub manner: Manner,
    /// The number of the representation; counts up by one for each version.
    pub version: u64,
    /// What `ETag` and `Last-Modified` say.
    pub label: u64,
    pub modified: u64,
    pub length: u64,
    pub acts: VecDeque<Act>,
    /// After the script.
    pub then: Act,
    /// Whether a body may be cut without anybody being able to see it.
    pub deceives: bool,
    lengths: BTreeMap<u64, u64>,
    last: Act,
}

/// A request as the server sees it.
pub struct Asked<'a> {
    pub method: &'a str,
    pub range: Option<Range>,
    pub if_range: Option<&'a str>,
    /// In milliseconds since the beginning.
    pub now: u64,
}

#[derive(Clone, Debug)]
pub enum Answer {
    Fails,
    Hangs,
    Head(Box<ResponseHead>, Body),
}

/// A body on its way.
#[derive(Clone, Debug)]
pub struct Body {
    pub rest: Bytes,
    pub end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Clean,
    Reset,
    Stall,
}

impl Resource {
    /// A resource of `length` bytes; `number` tells its representations from those of others.
    pub fn new(number: u64, length: u64, manner: Manner) -> Self {
        let modified = BEGINNING - manner.age.unwrap_or_default();
        let version = number * 1_000_000;
        Self {
            manner,
            version,
            label: version,
            modified,
            length,
            acts: VecDeque::new(),
            then: Act::Serve,
            deceives: false,
            lengths: BTreeMap::from([(version, length)]),
            last: Act::Serve,
        }
    }

    /// The origin of its URL.
    pub fn origin(&self) -> &'static str {
        match self.manner.cross {
            Some(_) => OTHER,
            None => OWN,
        }
    }

    /// The length of one of its representations, if it is one.
    pub fn length_of(&self, version: u64) -> Option<u64> {
        self.lengths.get(&version).copied()
    }

    /// Whether one of its representations is empty.
    pub fn was_empty(&self) -> bool {
        self.lengths.values().any(|&length| length == 0)
    }

    /// Whether the last act must have made believe that CORS hides the range.
    pub fn blinded(&self) -> bool {
        let unseen = matches!(self.last, Act::NoRange | Act::Unsatisfied(None));
        unseen && self.manner.hides().is_some()
    }

    /// Whether the last act allows to fetch again what is stored.
    pub fn broke_its_word(&self, now: u64) -> bool {
        match self.last {
            Act::Serve | Act::Refuse | Act::Hang | Act::Cut(_) | Act::Short(_) | Act::Stall(_) => {
                false
            }
            // In the end, patience with a busy server is over.
            Act::Status(429 | 503, _) => now > 3_600_000,
            _ => true,
        }
    }

    /// The resource becomes another one, of so many bytes.
    pub fn become_another(&mut self, length: u64) {
        self.version += 1;
        self.label = self.version;
        self.length = length;
        self.lengths.insert(self.version, self.length);
    }

    /// The resource becomes another one, a little longer.
    pub fn change(&mut self, now: u64) {
        self.become_another(self.length + 7);
        self.modified = BEGINNING + now / 1_000;
    }

    /// Answers the next request.
    pub fn answer(&mut self, asked: &Asked) -> Answer {
        let act = self.acts.pop_front().unwrap_or_else(|| self.then.clone());
        self.last = act.clone();
        match act {
            Act::Refuse | Act::Block | Act::Mislead => return Answer::Fails,
            Act::BlockParts if asked.range.is_some() => return Answer::Fails,
            Act::BlockConditional if asked.if_range.is_some() => return Answer::Fails,
            Act::Hang => return Answer::Hangs,
            Act::HangParts if asked.range.is_some() => return Answer::Hangs,
            Act::Status(status, retry_after) => return self.error(asked, status, retry_after),
            Act::CutStatus(status, at) => {
                return limit(self.error(asked, status, None), at, End::Reset);
            }
            Act::Unsatisfied(range) => return self.unsatisfied(asked, range.map(Into::into)),
            Act::Change => self.change(asked.now),
            Act::Relabel => self.label += 1,
            Act::ChangeInSecret => {
                self.version += 1;
                self.lengths.insert(self.version, self.length);
            }
            _ => {}
        }
        // Nobody can tell that a body is short whose length is not declared, or may count coded bytes.
        let told = self.manner.length && !self.manner.gzip;
        let declared = told && self.manner.hides().is_none();
        // No coding makes bytes longer by more than that.
        let little = |at: u64| self.length <= at + 1_024 + at / 64;
        self.deceives |= match act {
            Act::Short(at) => !declared && (!told || little(at)),
            _ => false,
        };
        let act = match act {
            Act::Long(_) if !declared => Act::Serve,
            act => act,
        };
        let range = asked
            .range
            .filter(|_| self.manner.ranges && act != Act::Whole)
            .map(|range| Range {
                end: range.end.filter(|_| act != Act::OpenEnded),
                ..range
            });
        let if_range = asked
            .if_range
            .is_none_or(|validator| self.validators().contains(&validator.into()));
        let answer = match range.filter(|_| if_range) {
            Some(range) if range.start >= self.length => {
                let total = format!("bytes */{}", self.length);
                self.unsatisfied(asked, Some(total))
            }
            Some(range) => self.part(asked, range, &act),
            None => match self.manner.partial.filter(|_| self.length > 0) {
                Some(length) => self.part(
                    asked,
                    Range {
                        start: 0,
                        end: Some(length),
                    },
                    &act,
                ),
                None => self.whole(asked),
            },
        };
        match act {
            Act::CutParts(_) if asked.range.is_some() => limit(answer, 0, End::Reset),
            Act::Cut(at) | Act::CutParts(at) => limit(answer, at, End::Reset),
            Act::Short(at) => limit(answer, at, End::Clean),
            Act::Stall(at) => limit(answer, at, End::Stall),
            Act::Long(more) => self.longer(answer, more),
            _ => answer,
        }
    }

    fn whole(&self, asked: &Asked) -> Answer {
        let mut head = self.head(asked, 200);
        head.content_length = Some(self.length.to_string());
        if self.manner.gzip {
            head.content_encoding = Some("gzip".into());
            head.content_length = Some((self.length * 2 / 5 + 20).to_string());
        }
        head.content_length = head.content_length.filter(|_| self.manner.length);
        if self.manner.ranges {
            head.accept_ranges = Some("bytes".into());
        }
        let length = if asked.method == "HEAD" {
            0
        } else {
            self.length
        };
        self.finish(head, Bytes::of(self.version, 0, length))
    }

    fn part(&self, asked: &Asked, range: Range, act: &Act) -> Answer {
        let longest = self.manner.slice.unwrap_or(u64::MAX);
        let end = range.end.unwrap_or(u64::MAX).min(self.length);
        let end = end
            .min(range.start.saturating_add(longest))
            .max(range.start + 1);
        let mut head = self.head(asked, 206);
        let gzip = self.manner.gzip && asked.range.is_none();
        head.content_encoding = gzip.then(|| "gzip".into());
        // Its range counts coded bytes, of which there are more where there is little to code.
        let size = |length: u64| if gzip { length + 20 } else { length };
        let total = if self.manner.star {
            "*".into()
        } else {
            size(self.length).to_string()
        };
        let fill = |form: &str| {
            let form = form.replace("{first}", &range.start.to_string());
            form.replace("{last}", &(size(end) - 1).to_string())
                .replace("{total}", &total)
        };
        head.content_range = match act {
            Act::NoRange => None,
            Act::Range(form) => Some(fill(form)),
            _ => Some(fill("bytes {first}-{last}/{total}")),
        };
        head.content_length = Some((size(end) - range.start).to_string());
        self.finish(
            head,
            Bytes::of(self.version, range.start, end - range.start),
        )
    }

    fn unsatisfied(&self, asked: &Asked, range: Option<String>) -> Answer {
        let mut head = self.head(asked, 416);
        head.content_range = range;
        self.finish(head, Bytes::default())
    }

    fn error(&self, asked: &Asked, status: u16, retry_after: Option<&str>) -> Answer {
        let length = if asked.method == "HEAD" { 0 } else { 100 };
        let head = ResponseHead {
            status,
            date: self
                .manner
                .date
                .then(|| http_date(BEGINNING + asked.now / 1_000)),
            content_length: Some("100".into()),
            retry_after: retry_after.map(Into::into),
            ..ResponseHead::default()
        };
        let bodiless = matches!(status, 0 | 204 | 205 | 304);
        let body = Bytes::of(page(status), 0, if bodiless { 0 } else { length });
        self.finish(head, body)
    }

    fn longer(&self, answer: Answer, more: u64) -> Answer {
        match answer {
            // An error page is as long as it is: nothing was said of it.
            Answer::Head(head, mut body) if head.content_length.is_some() => {
                body.rest.append(Bytes::of(u64::MAX, 0, more));
                body.end = End::Stall;
                Answer::Head(head, body)
            }
            other => other,
        }
    }

    fn head(&self, asked: &Asked, status: u16) -> ResponseHead {
        let tag = match self.manner.tag {
            Tag::Strong => Some(format!("\"{}\"", self.label)),
            Tag::Weak => Some(format!("W/\"{}\"", self.label)),
            Tag::None => None,
        };
        ResponseHead {
            status,
            etag: tag,
            last_modified: self.manner.age.map(|_| http_date(self.modified)),
            date: self
                .manner
                .date
                .then(|| http_date(BEGINNING + asked.now / 1_000)),
            ..ResponseHead::default()
        }
    }

    fn validators(&self) -> [String; 2] {
        [format!("\"{}\"", self.label), http_date(self.modified)]
    }

    /// Hides what CORS hides.
    fn finish(&self, mut head: ResponseHead, rest: Bytes) -> Answer {
        head.same_origin = self.manner.hides().is_none();
        if let Some(exposes) = self.manner.hides() {
            let all = exposes == Exposes::All;
            head.etag = head.etag.filter(|_| exposes != Exposes::Nothing);
            for field in [
                &mut head.date,
                &mut head.content_range,
                &mut head.content_encoding,
                &mut head.accept_ranges,
                &mut head.retry_after,
            ] {
                *field = field.take().filter(|_| all);
            }
        }
        Answer::Head(
            Box::new(head),
            Body {
                rest,
                end: End::Clean,
            },
        )
    }
}

/// The representation that stands for the page of a status.
pub fn page(status: u16) -> u64 {
    u64::MAX / 2 + u64::from(status)
}

fn limit(answer: Answer, at: u64, end: End) -> Answer {
    match answer {
        Answer::Head(head, mut body) => {
            let rest = body.rest.take(at);
            Answer::Head(head, Body { rest, end })
        }
        other => other,
    }
}
