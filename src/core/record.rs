//! [Background fetch record](https://wicg.github.io/background-fetch/#background-fetch-record-concept):
//! one request of a background fetch and how far its response has come.
//!
//! ```text
//!            a slot is free            the last byte is in hand           its commit is complete
//!  Waiting ─────────────────▶ InFlight ───────────────────────▶ Finishing ────────────────────▶ Settled
//!   │  ▲ ▲                     ▲  │ │                               ▲                              ▲
//!   │  │ └── drop, pause, lost write, restart                       │                              │
//!   │  │      probe answered   │    └── failure that no retry can mend ┘       abort from everywhere ─┘
//!   │  └──────── Probing       │
//!   ├──────────────▲           │ mark stored
//!   └──────── Marking ─────────┘
//! ```

use super::availability::SMALL;
use super::background_fetch::FailureReason;
use super::http::RequestHead;
use super::ids::TransferNo;
use super::input::RecordSnapshot;
use super::patience::{BRIEF, Patience};
use super::response_data::ResponseData;
use super::segment::{Phase, Segment};
use super::time::Timestamp;
use super::trust::{EMPTY_PARTS, Trust};
use super::windows::Windows;
use crate::queue::Queue;

/// How much of the stored bytes a request for the rest repeats where no strong validator is seen.
pub(super) const OVERLAP: u64 = 64 << 10;
/// Bodies from here on are fetched in windows where the server allows it.
const WINDOWED: u64 = 8 << 20;

/// How a record ended: the
/// [result](https://wicg.github.io/background-fetch/#background-fetch-response-result) of its response
/// data. "redundant" is not among them: response data that became redundant is no longer the record's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordResult {
    /// The whole body is stored.
    Success,
    /// The record failed.
    Failure(FailureReason),
}

impl RecordResult {
    /// Whether the application may see the response: of a failure only a bad status shows one.
    pub(super) fn exposed(self) -> bool {
        matches!(
            self,
            Self::Success | Self::Failure(FailureReason::BadStatus)
        )
    }
}

/// Where a record is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RecordState {
    /// For a slot, for its origin's next try, for the network, or for the end of a pause.
    Waiting,
    /// For the answer to a probe, which holds a slot like a request.
    Probing { slot: TransferNo, since: Timestamp },
    /// For the store to know that a request is sent that must never be sent again.
    Marking { slot: TransferNo },
    /// At least one request is on its way or planned.
    InFlight,
    /// Nothing more is to come; the last commit is under way.
    Finishing(RecordResult),
    /// Ended.
    Settled(RecordResult),
}

#[derive(Clone, Debug)]
pub(super) struct Record {
    pub request: RequestHead,
    /// Which of the engine's origins its URL belongs to.
    pub origin: usize,
    pub state: RecordState,
    pub data: ResponseData,
    /// The parts of the body that are not yet handed to the store, in order, without gaps. Only the
    /// first is written from, so that what is stored is always one piece from the start.
    pub segments: Queue<Segment>,
    /// Where windows go on; `None` while the body is one stream.
    pub windows: Option<Windows>,
    pub patience: Patience,
    pub trust: Trust,
}

impl Record {
    pub fn new(request: RequestHead, origin: usize) -> Self {
        Self {
            request,
            origin,
            state: RecordState::Waiting,
            data: ResponseData::default(),
            segments: Queue::new(),
            windows: None,
            patience: Patience::default(),
            trust: Trust::default(),
        }
    }

    /// A record as the store remembers it.
    pub fn restored(snapshot: RecordSnapshot, origin: usize) -> Self {
        let mut record = Self::new(snapshot.request, origin);
        if let Some(response) = snapshot.response {
            record.patience.begin_at(response.stored);
            if let Some(result) = response.result {
                record.state = RecordState::Settled(result);
            }
            record.patience.welcomed = response.head.as_ref().is_some_and(|head| head.ok());
            record.data = ResponseData::restored(response);
        }
        record
    }

    pub fn settled(&self) -> bool {
        matches!(self.state, RecordState::Settled(_))
    }

    /// How many bytes before `position` a request for the rest must repeat to prove that both belong
    /// together: 0 where a strong validator proves it, `None` where nothing does.
    pub fn proof(&self, position: u64) -> Option<u64> {
        if self.request.method != "GET" || self.request.integrity || self.data.coded {
            return None;
        }
        let head = self.data.head.as_ref()?;
        if !matches!(head.status, 200 | 206) {
            return None;
        }
        let strong = head.strong_validator().is_some();
        if strong && !self.trust.blind {
            return Some(0);
        }
        let comparable = (strong || head.dated())
            && !self.trust.overlap_failed
            && self.data.length.is_some()
            && position >= OVERLAP;
        comparable.then_some(OVERLAP)
    }

    /// Where the next request that was planned can be sent.
    pub fn planned(&self) -> Option<usize> {
        let planned = |segment: &Segment| segment.phase == Phase::Planned;
        let place = self.segments.iter().position(planned)?;
        let segment = &self.segments[place];
        (segment.overlap == 0 || self.data.stored == segment.start).then_some(place)
    }

    /// Counts a contradiction; `false` when there were too many.
    pub fn contradicted(&mut self) -> bool {
        self.patience.begin_anew();
        self.trust.contradicted()
    }

    /// How late its turn is where records take turns: the smaller, the sooner, and never the largest of all
    /// for one that has something to ask for.
    pub fn waits(&self) -> u64 {
        if !matches!(self.state, RecordState::Waiting) && self.planned().is_none() {
            return u64::MAX;
        }
        let last = u64::from(!self.request.repeatable());
        last << 62 | self.patience.waits()
    }

    /// Whether the next failure is the last one.
    pub fn patience_ends(&self, now: Timestamp) -> bool {
        let stored = self.data.stored;
        self.patience
            .ends(now, stored > 0 && self.proof(stored).is_some())
    }

    /// Counts a part that fitted and failed within a moment, where CORS may hide a coding: the middle of coded
    /// bytes cannot be decoded. Whether so many did, for so long, while none gave a byte, that it must be that.
    pub fn found_coded(&mut self, transfer: TransferNo, now: Timestamp) -> bool {
        let empty = |place: usize| {
            let segment = &self.segments[place];
            let answered = segment.phase != Phase::Requested;
            answered && segment.start > 0 && now.since(segment.active) < BRIEF
        };
        let alone = self.windows.is_none() && !self.data.length_sure;
        let empty = alone && self.place_of(transfer).is_some_and(empty);
        let trust = &mut self.trust;
        trust.empty_parts += u32::from(empty);
        let many = !trust.part_came && trust.empty_parts >= EMPTY_PARTS;
        let found = empty && many && self.patience.ends(now, false);
        if found {
            // Parts have another chance.
            self.trust.empty_parts = 0;
        }
        found
    }

    /// The length of a body that may be fetched in windows from `position` on: large, whole, uncoded,
    /// on a server that does ranges, shows a strong validator and has not contradicted itself.
    pub fn windowed(&self, position: u64) -> Option<u64> {
        let head = self.data.head.as_ref()?;
        let total = self.data.length?;
        let fits = self.windows.is_none()
            && self.proof(position) == Some(0)
            && self.trust.contradictions == 0
            && !self.trust.rangeless
            && head.status == 200
            && head.accepts_ranges()
            && total >= WINDOWED
            && position < total;
        fits.then_some(total)
    }

    /// Whether a body of which nothing has come yet is short for certain, no try of it has failed, and
    /// another one may follow.
    pub fn short(&self) -> bool {
        let plain = |segment: &Segment| segment.plain() && segment.end.is_none();
        self.data.length_sure
            && self.request.repeatable()
            && !self.data.coded
            && self.data.length.is_some_and(|length| length <= SMALL)
            && self.taken() == 0
            && self.segments.front().is_some_and(plain)
            && self.patience.fruitless == 0
    }

    /// How the record ends when nothing more is to come, or `None` when bytes are missing.
    pub fn final_result(&self) -> Option<RecordResult> {
        let head = self.data.head.as_ref()?;
        if self.data.length != Some(self.taken()) {
            return None;
        }
        Some(match head.ok() {
            true => RecordResult::Success,
            false => RecordResult::Failure(FailureReason::BadStatus),
        })
    }

    pub fn segment(&mut self, transfer: TransferNo) -> Option<&mut Segment> {
        let of = |segment: &&mut Segment| segment.transfer == Some(transfer);
        self.segments.iter_mut().find(of)
    }

    /// Where among its segments the one stands that this request fetches.
    pub fn place_of(&self, transfer: TransferNo) -> Option<usize> {
        let of = |segment: &Segment| segment.transfer == Some(transfer);
        self.segments.iter().position(of)
    }

    /// Bytes in the driver's hands that no commit has asked for.
    pub fn in_hand(&self) -> u64 {
        self.segments.iter().map(Segment::in_hand).sum()
    }

    /// Bytes of this attempt taken from the network.
    pub fn taken(&self) -> u64 {
        self.data.queued + self.in_hand()
    }

    /// Offset up to which the bytes of this attempt are here without a gap.
    pub fn reach(&self) -> u64 {
        let mut reach = self.data.queued;
        for segment in self.segments.iter() {
            reach += segment.in_hand();
            if segment.phase != Phase::Done {
                break;
            }
        }
        reach
    }
}
