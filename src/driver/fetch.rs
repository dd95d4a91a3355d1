//! The network, turned into inputs.

use std::rc::Rc;

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, ReadableStreamDefaultReader, Response};

use super::Driver;
use super::hand::Hand;
use super::overlap::Comparison;
use crate::core::{Event, Range, RecordKey, ResponseHead, Take, Transfer, TransferNo};
use crate::store::{self, value};

impl Driver {
    pub(super) fn request(self: &Rc<Self>, transfer: Transfer) {
        let driver = self.clone();
        let no = transfer.no;
        let sent = self.send(&transfer);
        spawn_local(async move {
            match driver.response(sent, no).await {
                Some(head) => driver.input(Event::Responded { transfer: no, head }),
                None => driver.failed(no),
            }
        });
    }

    /// Sends a request. Its hand is there when this returns, so that it can be stopped at once.
    fn send(&self, transfer: &Transfer) -> Result<js_sys::Promise, JsValue> {
        let controller = AbortController::new()?;
        let signal = controller.signal();
        let mut hand = Hand::new(transfer.take, controller);
        if let (Some(overlap), Some(range)) = (transfer.overlap, transfer.range) {
            hand.comparison = Some(Comparison::new(transfer.key, overlap, range.start));
        }
        self.hands.borrow_mut().insert(transfer.no, hand);
        let row = self.request_row(transfer.key);
        let range = transfer.range.map(|Range { start, end }| {
            let end = end.map_or(String::new(), |end| (end - 1).to_string());
            format!("bytes={start}-{end}")
        });
        let if_range = transfer.if_range.clone();
        self.host
            .send(&row, &signal, transfer.no_store, range, if_range)
    }

    /// The row of a request; undefined or null, of which nothing can be made, for one that is over.
    fn request_row(&self, key: RecordKey) -> JsValue {
        let jobs = self.jobs.borrow();
        let row = jobs
            .get(&key.fetch)
            .and_then(|job| job.requests.get(key.index.place()));
        row.cloned().unwrap_or_default()
    }

    /// Waits for the head of a response and keeps it in the hand.
    async fn response(
        &self,
        sent: Result<js_sys::Promise, JsValue>,
        no: TransferNo,
    ) -> Option<ResponseHead> {
        let response: Response = JsFuture::from(sent.ok()?).await.ok()?.unchecked_into();
        let row = self.host.head(&response).ok()?;
        let head = store::response_head(&row, &response.headers())?;
        let mut hands = self.hands.borrow_mut();
        let hand = hands.get_mut(&no)?;
        if head.status != 206 {
            // A body of its own, which continues nothing.
            hand.comparison = None;
        }
        hand.meta = Some(row);
        hand.response = Some(response);
        Some(head)
    }

    /// Reads once.
    pub(super) fn read(self: &Rc<Self>, no: TransferNo) {
        let driver = self.clone();
        spawn_local(async move {
            match driver.next_part(no).await {
                Ok(Some(part)) => match driver.compare(no, &part).await {
                    None => driver.received(no, part),
                    Some(event) if driver.with_open(no, |_| ()) => driver.input(event),
                    Some(_) => {}
                },
                Ok(None) => driver.ended(no),
                Err(_) => driver.failed(no),
            }
        });
    }

    /// Reads a whole body.
    pub(super) fn gather(self: &Rc<Self>, no: TransferNo) {
        let mut hands = self.hands.borrow_mut();
        let response = hands.get_mut(&no).and_then(|hand| hand.response.take());
        let body =
            response.map(|response| self.host.gather(&response, self.browser.reads_by_parts()));
        let driver = self.clone();
        spawn_local(async move {
            let Some(body) = body else {
                return driver.failed(no);
            };
            match JsFuture::from(body).await {
                Ok(body) => driver.gathered(no, body),
                Err(_) => driver.failed(no),
            }
        });
    }

    fn gathered(self: &Rc<Self>, no: TransferNo, body: JsValue) {
        let length = value::length(&body);
        let gathered = |hand: &mut Hand| {
            hand.push(body);
            hand.closed = true;
        };
        if self.with_open(no, gathered) {
            self.input(Event::Gathered {
                transfer: no,
                length,
            });
        }
    }

    /// The next part of a body; `None` when there is none left.
    async fn next_part(&self, no: TransferNo) -> Result<Option<JsValue>, JsValue> {
        let (response, reader, take) = {
            let mut hands = self.hands.borrow_mut();
            let Some(hand) = hands.get_mut(&no) else {
                return Ok(None);
            };
            if let Some(part) = hand.held_back.take() {
                return Ok(Some(part));
            }
            (hand.response.take(), hand.reader.clone(), hand.take)
        };
        let reader = match (response, reader, take) {
            (Some(response), _, Take::Whole) => return self.whole(&response).await.map(Some),
            (Some(response), _, Take::Stream) => {
                // No body at all: WebKit gives null for empty ones, too.
                let Some(body) = response.body() else {
                    return Ok(None);
                };
                let reader = ReadableStreamDefaultReader::new(&body)?;
                if let Some(hand) = self.hands.borrow_mut().get_mut(&no) {
                    hand.reader = Some(reader.clone());
                }
                reader
            }
            (None, Some(reader), _) => reader,
            // The whole body has been read.
            (None, None, _) => return Ok(None),
        };
        let step = JsFuture::from(reader.read()).await?;
        let done = Reflect::get(&step, &"done".into())?.is_truthy();
        Ok(if done {
            None
        } else {
            Some(Reflect::get(&step, &"value".into())?)
        })
    }

    /// A body in one piece: a Blob that the browser keeps, or a buffer where Blobs cannot be stored.
    async fn whole(&self, response: &Response) -> Result<JsValue, JsValue> {
        if self.store.blobs() {
            return JsFuture::from(response.blob()?).await;
        }
        let buffer = JsFuture::from(response.array_buffer()?).await?;
        Ok(Uint8Array::new(&buffer).into())
    }

    fn received(self: &Rc<Self>, no: TransferNo, part: JsValue) {
        let length = value::length(&part);
        let open = self.with_open(no, |hand| hand.push(part));
        if open {
            self.input(Event::Received {
                transfer: no,
                length,
            });
        }
    }

    fn ended(self: &Rc<Self>, no: TransferNo) {
        if self.with_open(no, |hand| hand.closed = true) {
            self.input(Event::Ended { transfer: no });
        }
    }

    fn failed(self: &Rc<Self>, no: TransferNo) {
        if self.with_open(no, |hand| hand.closed = true) {
            self.input(Event::Failed { transfer: no });
        }
    }

    /// Runs `act` on a hand of which the core still wants to hear; `false` when there is none.
    fn with_open(&self, no: TransferNo, act: impl FnOnce(&mut Hand)) -> bool {
        let mut hands = self.hands.borrow_mut();
        let hand = hands.get_mut(&no).filter(|hand| !hand.closed);
        hand.map(act).is_some()
    }

    /// Gives up a request; what arrived stays until commits have asked for it.
    pub(super) fn stop(&self, no: TransferNo) {
        let mut hands = self.hands.borrow_mut();
        if let Some(hand) = hands.get_mut(&no) {
            hand.abort();
            hand.closed = true;
            hand.reader = None;
            hand.response = None;
        }
    }

    /// Gives up a request and what arrived.
    pub(super) fn forget(&self, no: TransferNo) {
        self.hands.borrow_mut().remove(&no);
    }

    /// Asks whether a server answers at all.
    pub(super) fn probe(self: &Rc<Self>, key: RecordKey) {
        let driver = self.clone();
        let row = self.request_row(key);
        spawn_local(async move {
            let answer = driver.host.probe(&row).await;
            driver.input(Event::Probed { key, answer });
        });
    }
}
