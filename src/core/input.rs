//! All that enters.

use super::background_fetch::FailureReason;
use super::http::{RequestHead, ResponseHead};
use super::ids::{CommitNo, FetchNo, Id, RecordKey, TransferNo};
use super::record::RecordResult;
use super::time::Timestamp;

/// Something that happened in the world, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// When it happened. Never earlier than the input before; an earlier one is taken as that one.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// What the world did.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it never moves far"
)]
pub enum Event {
    /// The head of a response arrived.
    Responded {
        /// The request it answers.
        transfer: TransferNo,
        /// Its status and headers.
        head: ResponseHead,
    },
    /// Bytes of a body arrived and are in the driver's hands, in answer to [`Output::Read`].
    ///
    /// [`Output::Read`]: super::Output::Read
    Received {
        /// The request whose body they belong to.
        transfer: TransferNo,
        /// How many. 0 where all that came was part of an overlap that is still being compared.
        length: u64,
    },
    /// All of a body arrived and is in the driver's hands, in answer to [`Output::Gather`].
    ///
    /// [`Output::Gather`]: super::Output::Gather
    Gathered {
        /// The request whose body it is.
        transfer: TransferNo,
        /// How many bytes.
        length: u64,
    },
    /// The overlap of a transfer has been compared with the stored bytes, in answer to
    /// [`Output::Read`].
    ///
    /// [`Output::Read`]: super::Output::Read
    Compared {
        /// The request.
        transfer: TransferNo,
        /// Whether all bytes are equal.
        equal: bool,
    },
    /// The body ended as the protocol says that a body ends.
    Ended {
        /// The request whose body it was.
        transfer: TransferNo,
    },
    /// The request or its body failed.
    Failed {
        /// The request.
        transfer: TransferNo,
    },
    /// The answer to a probe.
    Probed {
        /// The record on whose account the probe was sent.
        key: RecordKey,
        /// Who answered.
        answer: ProbeAnswer,
    },
    /// A transaction is complete.
    Committed(CommitNo),
    /// A transaction was aborted; nothing of it is stored.
    CommitFailed {
        /// The transaction.
        commit: CommitNo,
        /// Why.
        why: StoreFailure,
    },
    /// Every page knows the end of a background fetch, as far as it listens.
    Told(FetchNo),
    /// The functional event is no longer active.
    Delivered(FetchNo),
    /// The platform says whether it has a network. It may be wrong when it says yes.
    Online(bool),
    /// Somebody asks to try again now what waits for a server or for the network.
    Retry {
        /// Whether requests that hear nothing are to be given up for new ones.
        anew: bool,
    },
    /// A deadline that [`Output::WakeAt`] named has passed.
    ///
    /// [`Output::WakeAt`]: super::Output::WakeAt
    Timer,
}

/// Why the store could not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// The origin's quota, or the disk, is exhausted.
    Quota,
    /// What is stored is not what one of the writes was to continue: another one was stored, and nobody was
    /// told.
    Gap,
    /// Anything else, after the store tried again by itself.
    Broken,
}

/// A background fetch that a caller asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewFetch {
    /// The application's id.
    pub id: Id,
    /// The requests, at least one.
    pub requests: Vec<RequestHead>,
    /// Bytes at most, over all records; 0 = no limit.
    pub download_total: u64,
}

/// A background fetch as the store remembers it.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchSnapshot {
    /// Its number.
    pub no: FetchNo,
    /// The application's id.
    pub id: Id,
    /// Bytes at most; 0 = no limit.
    pub download_total: u64,
    /// Whether the user paused it.
    pub paused: bool,
    /// Milliseconds, by the clock on the wall, since it was started, paused, resumed or had something
    /// stored, whichever came last; 0 if nobody knows.
    pub idle: u64,
    /// How it ended, if it has.
    pub end: Option<EndSnapshot>,
    /// Its records, in order.
    pub records: Vec<RecordSnapshot>,
}

/// The end of a background fetch as the store remembers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndSnapshot {
    /// `None` for success.
    pub reason: Option<FailureReason>,
    /// Which dispatch of its event comes next, counted from 1; `None` once the event was handled.
    pub due: Option<u32>,
    /// Bytes that had been stored.
    pub downloaded: u64,
}

/// A record as the store remembers it.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordSnapshot {
    /// Its request.
    pub request: RequestHead,
    /// Its response, if there has been one.
    pub response: Option<ResponseSnapshot>,
}

/// A response as the store remembers it.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseSnapshot {
    /// Which attempt stored it, counted from 1.
    pub attempt: u32,
    /// The head of its response; `None` where the record ended without one, or where a request that
    /// must not be repeated has been sent and not answered.
    pub head: Option<ResponseHead>,
    /// Bytes stored, contiguous from the start.
    pub stored: u64,
    /// How the record ended, if it has.
    pub result: Option<RecordResult>,
}

/// What a [probe](super::Output::Probe) has found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeAnswer {
    /// Nobody answered.
    None,
    /// A server answered with a redirect, and nobody where that leads: one that is down, or a place to
    /// which no fetch may go.
    Redirect,
    /// A server answered.
    Server,
}
