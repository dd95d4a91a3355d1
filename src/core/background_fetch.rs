//! [Background fetch](https://wicg.github.io/background-fetch/#background-fetch-concept): totals,
//! flags and result of a group of records.
//!
//! ```text
//!            rows stored          all settled, abort           result stored         pages know
//!  Creating ─────────────▶ Active ───────────────────▶ Ending ───────────────▶ Telling ─────────▶
//!      └─▶ refused
//!                      event handled                 availability stored
//!          Delivering ───────────────▶ Withdrawing ──────────────────────▶ gone, rows swept
//! ```

use super::ids::{FetchNo, Id, RecordIndex};
use super::output::FetchEnd;
use super::record::Record;
use super::time::Timestamp;
use super::waiting::Waiting;

/// [`BackgroundFetchResult`](https://wicg.github.io/background-fetch/#enumdef-backgroundfetchresult).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchResult {
    /// Not ended.
    Pending,
    /// All records succeeded.
    Success,
    /// At least one did not.
    Failure,
}

impl FetchResult {
    /// The value of the enumeration in the interface definition.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "",
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

/// [`BackgroundFetchFailureReason`](https://wicg.github.io/background-fetch/#enumdef-backgroundfetchfailurereason),
/// without the empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureReason {
    /// By the user or by `abort()`.
    Aborted,
    /// A response had a status that is not ok.
    BadStatus,
    /// A fetch failed in another way and cannot be retried.
    FetchError,
    /// Storage is full.
    QuotaExceeded,
    /// More bytes came than `downloadTotal` said.
    DownloadTotalExceeded,
}

impl FailureReason {
    /// All of them, to read them back.
    pub const ALL: [Self; 5] = [
        Self::Aborted,
        Self::BadStatus,
        Self::FetchError,
        Self::QuotaExceeded,
        Self::DownloadTotalExceeded,
    ];

    /// The value of the enumeration in the interface definition.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::BadStatus => "bad-status",
            Self::FetchError => "fetch-error",
            Self::QuotaExceeded => "quota-exceeded",
            Self::DownloadTotalExceeded => "download-total-exceeded",
        }
    }
}

/// Where a background fetch is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Creating,
    Active,
    Ending(FetchEnd),
    Telling(FetchEnd),
    Delivering(FetchEnd),
    Withdrawing(FetchEnd),
}

#[derive(Clone, Debug)]
pub(super) struct BackgroundFetch {
    pub no: FetchNo,
    pub id: Id,
    pub phase: Phase,
    pub records: Vec<Record>,
    /// Bytes at most; 0 = no limit.
    pub download_total: u64,
    pub paused: bool,
    /// Bytes of request bodies sent.
    pub uploaded: u64,
    /// [Stored body bytes total](https://wicg.github.io/background-fetch/#background-fetch-stored-body-bytes-total),
    /// kept instead of summed: it is asked for at every chunk of perhaps ten thousand records.
    pub stored: u64,
    /// Bytes taken from the network, stored or in hand; never above the download total.
    pub taken: u64,
    /// Records that wait to be requested, in order.
    pub waiting: Waiting,
    /// Records that have requests on their way or planned, or a probe instead.
    pub open: Vec<RecordIndex>,
    pub settled: usize,
    /// The first result that was not success, or the one that ended all others.
    pub failure: Option<FailureReason>,
    /// How often its end could not be stored.
    pub end_tries: u8,
    /// Which dispatch of its event comes next, counted from 1.
    pub due: u32,
    /// When there last was progress in this life, and for how long there had been none before it, in
    /// milliseconds.
    pub progressed: Timestamp,
    pub idle: u64,
    /// When the next announcement may go out, and whether there is something to announce.
    pub quiet_until: Timestamp,
    pub changed: bool,
}

impl BackgroundFetch {
    pub fn new(no: FetchNo, id: Id, records: Vec<Record>, download_total: u64) -> Self {
        Self {
            no,
            id,
            phase: Phase::Creating,
            records,
            download_total,
            paused: false,
            uploaded: 0,
            stored: 0,
            taken: 0,
            waiting: Waiting::default(),
            open: Vec::new(),
            settled: 0,
            failure: None,
            end_tries: 0,
            due: 1,
            progressed: Timestamp::default(),
            idle: 0,
            quiet_until: Timestamp::default(),
            changed: false,
        }
    }

    /// Something came that had never come before.
    pub fn progressed(&mut self, now: Timestamp) {
        self.progressed = now;
        self.idle = 0;
    }

    pub fn record(&mut self, index: RecordIndex) -> Option<&mut Record> {
        self.records.get_mut(index.place())
    }

    /// Whether `more` bytes would go over the download total. Exactly the total is allowed.
    pub fn exceeds_total(&self, more: u64) -> bool {
        self.download_total != 0 && self.taken.saturating_add(more) > self.download_total
    }

    /// Whether it may be paused: repeating anything but a GET may have side effects.
    pub fn pausable(&self) -> bool {
        self.records
            .iter()
            .all(|record| record.request.method == "GET")
    }

    /// Whether it may ask for more.
    pub fn running(&self) -> bool {
        self.phase == Phase::Active && !self.paused
    }

    /// Whether it is paused and nothing of it is under way any more.
    pub fn rests(&self) -> bool {
        self.paused && self.phase == Phase::Active && self.open.is_empty()
    }

    pub fn end(&self) -> Option<FetchEnd> {
        match self.phase {
            Phase::Creating | Phase::Active | Phase::Ending(_) => None,
            Phase::Telling(end) | Phase::Delivering(end) | Phase::Withdrawing(end) => Some(end),
        }
    }
}

/// What a `BackgroundFetchRegistration` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchState {
    /// Bytes of request bodies sent.
    pub uploaded: u64,
    /// Bytes stored.
    pub downloaded: u64,
    /// Whether and how it ended.
    pub result: FetchResult,
    /// Why it failed, if it did.
    pub failure_reason: Option<FailureReason>,
    /// Whether `match()` may be asked.
    pub records_available: bool,
    /// Whether it is paused.
    pub paused: bool,
}
