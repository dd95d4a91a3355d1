//! All that leaves.

use super::background_fetch::{FailureReason, FetchResult};
use super::ids::{CommitNo, FetchNo, RecordKey, TransferNo};
use super::input::StoreFailure;
use super::record::RecordResult;
use super::time::Timestamp;

/// What must be done next.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Run one transaction, all or nothing, and report it.
    Commit(Commit),
    /// Send a request.
    Request(Transfer),
    /// Read once from the body of a transfer and report what came: [`Event::Received`],
    /// [`Event::Compared`], [`Event::Ended`] or [`Event::Failed`], exactly one of them.
    ///
    /// [`Event::Received`]: super::Event::Received
    /// [`Event::Compared`]: super::Event::Compared
    /// [`Event::Ended`]: super::Event::Ended
    /// [`Event::Failed`]: super::Event::Failed
    Read(TransferNo),
    /// Read a whole body, which is short, at one go and report [`Event::Gathered`] or
    /// [`Event::Failed`].
    ///
    /// [`Event::Gathered`]: super::Event::Gathered
    /// [`Event::Failed`]: super::Event::Failed
    Gather(TransferNo),
    /// Give up the request and report nothing more of it, but keep what arrived: commits will still ask
    /// for it.
    Stop(TransferNo),
    /// Give up the request, if it is still under way, and forget all of it: the last word about every
    /// transfer, said once. What commits want of it they have asked for by then.
    Drop(TransferNo),
    /// Find out whether the server of this record answers at all: a request whose answer CORS cannot
    /// hide, because nobody looks at it. Report [`Event::Probed`].
    ///
    /// [`Event::Probed`]: super::Event::Probed
    Probe(RecordKey),
    /// The background fetch is stored and under way: resolve the promise of `fetch()`.
    Started(FetchNo),
    /// The background fetch could not be stored, and nothing of it is left.
    Refused(FetchNo, StoreFailure),
    /// [Update background fetch instances](https://wicg.github.io/background-fetch/#update-background-fetch-instance-algorithm).
    Announce(FetchNo),
    /// The end is stored. Tell every page, then report [`Event::Told`]: pages know before the worker.
    ///
    /// [`Event::Told`]: super::Event::Told
    Tell(FetchNo),
    /// Dispatch the functional event and report [`Event::Delivered`].
    ///
    /// [`Event::Delivered`]: super::Event::Delivered
    Dispatch(FetchNo, EventKind),
    /// Delete the rows of an ended background fetch as soon as nobody reads its bodies any more.
    Sweep(FetchNo),
    /// Something that a developer may want to know.
    Warn(Warning),
    /// Report [`Event::Timer`] at this moment; replaces the moment named before, which may be given up
    /// for good (`None`). A moment after it is only named when it has passed.
    ///
    /// [`Event::Timer`]: super::Event::Timer
    WakeAt(Option<Timestamp>),
    /// Whether anything is under way, so that the worker should be kept alive.
    Busy(bool),
}

/// A request to send.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    /// Its number.
    pub no: TransferNo,
    /// The record it is for.
    pub key: RecordKey,
    /// The range to ask for; `None` for a plain request.
    pub range: Option<Range>,
    /// The value of `If-Range`, where sending it costs no preflight.
    pub if_range: Option<String>,
    /// Which bytes of a 206, from its beginning, must be compared with stored ones.
    pub overlap: Option<Overlap>,
    /// Whether caches must be bypassed: a part from a cache may belong to another representation.
    pub no_store: bool,
    /// How the body is taken.
    pub take: Take,
}

/// A range of bytes to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Offset of the first byte.
    pub start: u64,
    /// Offset after the last byte; `None` for all that follows.
    pub end: Option<u64>,
}

/// Bytes that are fetched once more to prove that a part continues what is stored. They are never
/// handed to the store, nor counted as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The attempt whose stored bytes they must equal, from the start of the range on.
    pub attempt: u32,
    /// How many.
    pub length: u64,
}

/// How a body is taken from the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// By a reader, part by part: a connection that drops loses nothing that arrived.
    Stream,
    /// In one piece, as a Blob that the browser fills outside this process: faster, but a drop loses it.
    Whole,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// Its number.
    pub no: CommitNo,
    /// Whether it must reach the disk before it counts.
    pub strict: bool,
    /// What it writes, in this order.
    pub writes: Vec<Write>,
}

impl Commit {
    /// How many bytes of a record are stored when all of it is.
    pub fn stored(&self, key: RecordKey) -> u64 {
        let of = |write: &Write| match write {
            Write::Record(write) if write.key == key => Some(write.stored),
            _ => None,
        };
        self.writes.iter().rev().find_map(of).unwrap_or_default()
    }
}

/// One write of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// All rows of a new background fetch, which the driver holds; fails if its id is taken.
    Create(FetchNo),
    /// A record's response and perhaps a chunk of its body.
    Record(RecordWrite),
    /// The background fetch is paused or no longer paused.
    Paused(FetchNo, bool),
    /// The end of a background fetch, its id set free, its event due for the first time.
    End {
        /// The background fetch.
        fetch: FetchNo,
        /// How it ended.
        end: FetchEnd,
        /// Whether to delete its bodies first: where storage is full, even this row needs room.
        purge: bool,
    },
    /// The event of an ended background fetch is due for the nth time: n - 1 dispatches have begun.
    Due(FetchNo, u32),
    /// The event was handled: the records are no longer available.
    Delivered(FetchNo),
}

/// A record's row, and perhaps a chunk of its body.
///
/// Unless it is the first of its attempt, it continues what is stored: the row must be of the same
/// attempt, with as many bytes as this write's `stored` less its chunk, or as they are after the whole
/// transaction where that was carried out before. If it is not, the transaction fails as
/// [`StoreFailure::Broken`]: the write before this one was lost.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordWrite {
    /// The record.
    pub key: RecordKey,
    /// The attempt that the row and the chunk belong to. The first write of an attempt deletes what
    /// those before it stored.
    pub attempt: u32,
    /// Whether this is the first write of the attempt.
    pub first: bool,
    /// The transfer whose response head the row shall hold from now on; `None` keeps the head, or has
    /// none where this is the first write: the record failed, or, without a result, its request is
    /// about to be sent and must not be sent again.
    pub head: Option<TransferNo>,
    /// The next bytes of the body.
    pub chunk: Option<Chunk>,
    /// Bytes stored after this write.
    pub stored: u64,
    /// How the record ended, if it has.
    pub result: Option<RecordResult>,
}

/// Bytes of a body that are in the driver's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The transfer that received them: its next bytes that no commit has asked for yet.
    pub transfer: TransferNo,
    /// Where in the body they belong.
    pub offset: u64,
    /// How many.
    pub length: u64,
}

/// How a background fetch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchEnd {
    /// `None` for success.
    pub reason: Option<FailureReason>,
}

/// Which functional event to dispatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// `backgroundfetchsuccess`
    Success,
    /// `backgroundfetchfail`
    Fail,
    /// `backgroundfetchabort`
    Abort,
}

impl FetchEnd {
    /// The event that tells of this end.
    pub fn event(self) -> EventKind {
        match self.reason {
            None => EventKind::Success,
            Some(FailureReason::Aborted) => EventKind::Abort,
            Some(_) => EventKind::Fail,
        }
    }

    /// The `result` attribute.
    pub fn result(self) -> FetchResult {
        match self.reason {
            None => FetchResult::Success,
            Some(_) => FetchResult::Failure,
        }
    }
}

/// What a developer may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// A drop made the record start over, because the response shows no strong validator. Across
    /// origins the server should name `ETag` and `Content-Range` in `Access-Control-Expose-Headers`.
    NoValidator(RecordKey),
    /// The functional event was dispatched as often as it will be, and its handler never came to an
    /// end.
    Undelivered(FetchNo),
}
