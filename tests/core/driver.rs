//! The driver's half of a transfer: what is on the network and what has arrived.

use background_fetch_polyfill::core::{Event, RecordKey, ResponseHead, Take, Transfer};

use crate::bytes::Bytes;
use crate::server::{Body, End};

/// A request and the bytes of it that are in the driver's hands.
#[derive(Clone, Debug)]
pub struct Hand {
    pub key: RecordKey,
    pub take: Take,
    pub plain: bool,
    pub head: Option<ResponseHead>,
    pub body: Body,
    /// Arrived and not yet asked for.
    pub bytes: Bytes,
    /// What the next bytes must equal before any of them count.
    pub expected: Option<Bytes>,
    /// Whether anything may still be reported of it.
    pub open: bool,
    pub reading: bool,
    /// Whether the body was taken in one piece.
    pub taken: bool,
    /// Whether it is read in one piece into a buffer, end and all.
    pub gathers: bool,
    /// Whether any byte came.
    pub fruitful: bool,
}

/// What a read will find, and after how many bytes.
pub enum Found {
    /// Bytes, so many.
    Part(u64),
    End,
    Failure,
    Nothing,
}

impl Hand {
    pub fn new(transfer: &Transfer, expected: Option<Bytes>) -> Self {
        Self {
            key: transfer.key,
            take: transfer.take,
            plain: transfer.range.is_none(),
            head: None,
            body: Body {
                rest: Bytes::default(),
                end: End::Stall,
            },
            bytes: Bytes::default(),
            expected,
            open: true,
            reading: false,
            taken: false,
            gathers: false,
            fruitful: false,
        }
    }

    /// What the next read finds.
    pub fn find(&self, part: u64) -> Found {
        let length = self.body.rest.len();
        let ends = match self.body.end {
            End::Clean => Found::End,
            End::Reset => Found::Failure,
            End::Stall => Found::Nothing,
        };
        match self.take {
            _ if self.gathers => match ends {
                Found::End => Found::Part(length),
                broken => broken,
            },
            Take::Stream if length > 0 => Found::Part(length.min(part)),
            // In one piece or not at all.
            Take::Whole if !self.taken && self.body.end == End::Clean => Found::Part(length),
            _ => ends,
        }
    }

    /// Takes the next part off the network; the event tells the core.
    pub fn receive(
        &mut self,
        transfer: background_fetch_polyfill::core::TransferNo,
        part: u64,
    ) -> Event {
        self.reading = false;
        self.fruitful |= part > 0;
        self.taken = self.take == Take::Whole;
        let Some(expected) = &mut self.expected else {
            let bytes = self.body.rest.take(part);
            let length = bytes.len();
            self.bytes.append(bytes);
            if self.gathers {
                self.open = false;
                return Event::Gathered { transfer, length };
            }
            return Event::Received { transfer, length };
        };
        let seen = self.body.rest.take(part.min(expected.len()));
        if expected.take(seen.len()) != seen {
            return Event::Compared {
                transfer,
                equal: false,
            };
        }
        if expected.is_empty() {
            self.expected = None;
            return Event::Compared {
                transfer,
                equal: true,
            };
        }
        Event::Received {
            transfer,
            length: 0,
        }
    }

    /// The connection is gone.
    pub fn lose(&mut self) {
        self.body.rest = Bytes::default();
        self.body.end = End::Reset;
    }
}
