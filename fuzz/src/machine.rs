//! The whole core under a driver gone mad: any input in any order, about whatever there is or is not.
//! It must not panic, not overflow, not go on for ever, and never contradict itself.

use std::collections::{BTreeMap, BTreeSet};

use background_fetch_polyfill::core::{
    CommitNo, Core, EndSnapshot, Event, FailureReason, FetchNo, FetchResult, FetchSnapshot,
    FetchState, Id, Input, NewFetch, Output, ProbeAnswer, RecordIndex, RecordKey, RecordResult,
    RecordSnapshot, RequestHead, ResponseHead, ResponseSnapshot, StoreFailure, Timestamp,
    TransferNo,
};

use crate::source::Source;

const OWN: &str = "https://own.example";
/// Outputs after one input: far more than any input can lead to here.
const OUTPUTS: usize = 2_000;

pub fn play(data: &[u8]) {
    let mut source = Source::new(data);
    let seed = u64::from(source.byte());
    let mut world = World {
        core: Core::new(OWN, FetchNo(1), seed),
        now: 0,
        transfers: BTreeMap::new(),
        commits: Vec::new(),
        limits: BTreeMap::new(),
        ends: BTreeMap::new(),
        told: BTreeSet::new(),
        log: std::env::var_os("FUZZ_LOG").is_some(),
    };
    while !source.is_empty() {
        world.step(&mut source);
        world.drain();
    }
}

struct World {
    core: Core,
    now: u64,
    /// Transfers that were asked for and not dropped, and whether a read is under way.
    transfers: BTreeMap<TransferNo, bool>,
    commits: Vec<CommitNo>,
    /// The download totals.
    limits: BTreeMap<FetchNo, u64>,
    ends: BTreeMap<FetchNo, FetchState>,
    told: BTreeSet<FetchNo>,
    /// Whether to print what happens.
    log: bool,
}

impl World {
    fn step(&mut self, source: &mut Source) {
        self.now += match source.byte() % 8 {
            0..=3 => 0,
            4 => 60,
            5 => 1_001,
            6 => 61_000,
            _ => source.length(),
        };
        let at = Timestamp::from_millis(self.now);
        let no = FetchNo(u64::from(source.byte() % 5));
        match source.byte() % 32 {
            0..=1 => self.start(at, source),
            2 => self.restore(at, no, source),
            3 => {
                let active = self.core.active().any(|active| active == no);
                assert_eq!(self.core.abort(at, no), Ok(active));
            }
            4 => _ = self.core.pause(at, no, source.flag()),
            _ => {
                let event = self.event(no, source);
                self.note(&event);
                assert_eq!(self.core.handle(Input { at, event }), Ok(()));
            }
        }
    }

    fn start(&mut self, at: Timestamp, source: &mut Source) {
        let new = NewFetch {
            id: id(source),
            requests: (0..=source.byte() % 3).map(|_| request(source)).collect(),
            download_total: if source.flag() { source.length() } else { 0 },
        };
        let total = new.download_total;
        self.note(&new);
        if let Ok(no) = self.core.start(at, new) {
            assert_eq!(self.limits.insert(no, total), None, "a number comes again");
        }
    }

    /// A row of a database that anybody may have written to.
    fn restore(&mut self, at: Timestamp, no: FetchNo, source: &mut Source) {
        if self.core.state(no).is_some() || self.limits.contains_key(&no) {
            return;
        }
        let end = source.flag().then(|| EndSnapshot {
            reason: reason(source),
            due: source.flag().then(|| u32::from(source.byte() % 8)),
            downloaded: source.length(),
        });
        let records = (0..=source.byte() % 3).map(|_| record(source)).collect();
        let snapshot = FetchSnapshot {
            no,
            id: id(source),
            download_total: 0,
            paused: source.flag(),
            idle: source.length(),
            end,
            records,
        };
        self.limits.insert(no, 0);
        if end.is_some() {
            self.told.insert(no);
        }
        self.note(&snapshot);
        assert_eq!(self.core.restore(at, snapshot), Ok(()));
    }

    fn event(&mut self, no: FetchNo, source: &mut Source) -> Event {
        let key = RecordKey {
            fetch: no,
            index: RecordIndex(u32::from(source.byte() % 4)),
        };
        let transfer = self.transfer(source);
        let commit = match source.byte() % 8 {
            0 => CommitNo(u64::from(source.byte())),
            _ if self.commits.is_empty() => CommitNo(1),
            _ => self.commits.remove(0),
        };
        match source.byte() % 16 {
            0..=3 => Event::Responded {
                transfer,
                head: head(source),
            },
            4..=6 => {
                self.transfers
                    .entry(transfer)
                    .and_modify(|reading| *reading = false);
                Event::Received {
                    transfer,
                    length: source.length(),
                }
            }
            7 => {
                self.transfers
                    .entry(transfer)
                    .and_modify(|reading| *reading = false);
                Event::Compared {
                    transfer,
                    equal: source.flag(),
                }
            }
            8 => match source.flag() {
                true => Event::Ended { transfer },
                false => {
                    let length = source.length();
                    Event::Gathered { transfer, length }
                }
            },
            9 => Event::Failed { transfer },
            10 => Event::Probed {
                key,
                answer: source.pick(&[
                    ProbeAnswer::None,
                    ProbeAnswer::Redirect,
                    ProbeAnswer::Server,
                ]),
            },
            11..=12 => Event::Committed(commit),
            13 => Event::CommitFailed {
                commit,
                why: source.pick(&[StoreFailure::Quota, StoreFailure::Broken]),
            },
            14 => match source.flag() {
                true => Event::Told(no),
                false => Event::Delivered(no),
            },
            _ => match source.byte() % 4 {
                0 => Event::Online(source.flag()),
                1 => Event::Retry {
                    anew: source.flag(),
                },
                _ => Event::Timer,
            },
        }
    }

    /// One that there is, as a rule.
    fn transfer(&self, source: &mut Source) -> TransferNo {
        let choice = source.byte();
        let known = self.transfers.keys().nth(usize::from(choice & 3));
        match known {
            Some(known) if choice < 240 => *known,
            _ => TransferNo(u64::from(choice)),
        }
    }

    fn note(&self, what: &dyn std::fmt::Debug) {
        if self.log {
            eprintln!("{:>9} {what:?}", self.now);
        }
    }

    fn drain(&mut self) {
        let mut outputs = 0;
        while let Some(output) = self.core.poll_output() {
            outputs += 1;
            assert!(outputs < OUTPUTS, "{output:?}, and no end of it");
            self.note(&output);
            self.output(output);
        }
        assert!(self.transfers.len() < 500);
        for (&no, &total) in &self.limits {
            let Some(state) = self.core.state(no) else {
                continue;
            };
            assert!(
                total == 0 || state.downloaded <= total,
                "{state:?} of {total}"
            );
            let failed = state.result == FetchResult::Failure;
            assert_eq!(failed, state.failure_reason.is_some(), "{state:?}");
            if state.result == FetchResult::Pending {
                assert!(!self.ends.contains_key(&no), "an end is undone");
                continue;
            }
            let end = self.ends.entry(no).or_insert(state);
            assert_eq!(
                (end.result, end.failure_reason, end.downloaded),
                (state.result, state.failure_reason, state.downloaded)
            );
        }
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::Request(transfer) => {
                let before = self.transfers.insert(transfer.no, false);
                assert_eq!(before, None, "a transfer's number comes again");
                if let Some(range) = transfer.range {
                    assert!(range.end.is_none_or(|end| range.start < end), "{range:?}");
                }
                assert!(self.core.active().any(|no| no == transfer.key.fetch));
            }
            Output::Read(transfer) | Output::Gather(transfer) => {
                let reading = self.transfers.get_mut(&transfer);
                let reading = reading.expect("only what was asked for and not dropped is read");
                *reading = true;
            }
            Output::Stop(transfer) => assert!(self.transfers.contains_key(&transfer)),
            Output::Drop(transfer) => {
                let known = self.transfers.remove(&transfer);
                assert!(known.is_some(), "{transfer:?} is dropped twice");
            }
            Output::Commit(commit) => {
                assert!(!commit.writes.is_empty());
                self.commits.push(commit.no);
            }
            Output::Tell(no) => _ = self.told.insert(no),
            Output::Dispatch(no, _) => {
                assert!(self.told.contains(&no), "the worker knows before pages do");
            }
            Output::WakeAt(Some(at)) => {
                assert!(at.as_millis() > self.now, "a deadline that is over")
            }
            _ => {}
        }
    }
}

fn record(source: &mut Source) -> RecordSnapshot {
    let response = source.flag().then(|| ResponseSnapshot {
        attempt: source.pick(&[0, 1, 2, u32::MAX]),
        head: source.flag().then(|| head(source)),
        stored: source.length(),
        result: source.flag().then(|| match reason(source) {
            None => RecordResult::Success,
            Some(reason) => RecordResult::Failure(reason),
        }),
    });
    RecordSnapshot {
        request: request(source),
        response,
    }
}

fn id(source: &mut Source) -> Id {
    Id::from(source.pick(&["", "a", "b", "c"]))
}

fn reason(source: &mut Source) -> Option<FailureReason> {
    let all = FailureReason::ALL;
    all.get(usize::from(source.byte() % 6)).copied()
}

fn request(source: &mut Source) -> RequestHead {
    let method = source.pick(&["GET", "GET", "GET", "HEAD", "POST"]);
    RequestHead {
        method: method.into(),
        origin: source.pick(&[OWN, OWN, "https://other.example", ""]).into(),
        integrity: source.byte() % 8 == 0,
        body_length: if method == "POST" { source.length() } else { 0 },
    }
}

fn head(source: &mut Source) -> ResponseHead {
    const DATES: [&str; 3] = [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:50:37 GMT",
        "Fri, 15 Jan 2027 08:00:00 GMT",
    ];
    let date = |source: &mut Source| match source.byte() % 5 {
        place @ 0..=2 => Some(DATES[usize::from(place)].to_owned()),
        3 => Some(source.text()),
        _ => None,
    };
    let length = |source: &mut Source| match source.byte() % 4 {
        0 => None,
        1 => Some(source.text()),
        _ => Some(source.length().to_string()),
    };
    let range = |source: &mut Source| match source.byte() % 4 {
        0 => None,
        1 => Some(source.text()),
        2 => Some(format!("bytes */{}", source.length())),
        _ => {
            let first = source.length();
            let last = first.saturating_add(source.length());
            let complete = last.saturating_add(source.length());
            Some(format!("bytes {first}-{last}/{complete}"))
        }
    };
    ResponseHead {
        status: source.pick(&[200, 206, 206, 200, 206, 416, 404, 503, 429, 304, 204, 0]),
        etag: source
            .pick(&[
                Some("\"a\""),
                Some("\"b\""),
                Some("W/\"a\""),
                Some("x"),
                None,
            ])
            .map(Into::into),
        last_modified: date(source),
        date: date(source),
        content_length: length(source),
        content_range: range(source),
        content_encoding: source
            .pick(&[None, None, None, Some("gzip")])
            .map(Into::into),
        accept_ranges: source
            .pick(&[Some("bytes"), Some("none"), None])
            .map(Into::into),
        retry_after: length(source),
        same_origin: source.flag(),
        arrived: source.flag().then(|| source.length()),
    }
}
