//! The network, turned into inputs.

use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, ReadableStreamDefaultReader, Request, RequestInit, Response};

use super::Driver;
use super::clock::scope;
use super::hand::Hand;
use super::overlap::Comparison;
use crate::core::{Event, Range, RecordKey, Take, Transfer, TransferNo};
use crate::store::{ResponseMeta, pair, value};

impl Driver {
    pub(super) fn request(self: &Rc<Self>, transfer: Transfer) {
        let driver = self.clone();
        let no = transfer.no;
        let sent = self.send(&transfer);
        spawn_local(async move {
            match driver.response(sent, no).await {
                Some(meta) => {
                    driver.input(Event::Responded {
                        transfer: no,
                        head: meta.head(),
                    });
                }
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
        let row = self.request_row(transfer.key).ok_or(JsValue::UNDEFINED)?;
        let request = build_request(&row, transfer, &signal)?;
        Ok(scope().fetch_with_request(&request))
    }

    fn request_row(&self, key: RecordKey) -> Option<JsValue> {
        self.jobs
            .borrow()
            .get(&key.fetch)?
            .requests
            .get(key.index.0 as usize)
            .cloned()
    }

    /// Waits for the head of a response and keeps it in the hand.
    async fn response(
        &self,
        sent: Result<js_sys::Promise, JsValue>,
        no: TransferNo,
    ) -> Option<ResponseMeta> {
        let response: Response = JsFuture::from(sent.ok()?).await.ok()?.unchecked_into();
        let meta = response_meta(&response)?;
        let mut hands = self.hands.borrow_mut();
        let hand = hands.get_mut(&no)?;
        hand.meta = serde_wasm_bindgen::to_value(&meta).ok();
        hand.response = Some(response);
        Some(meta)
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

    /// Asks whether a server answers at all. CORS cannot hide that from a request in no-cors mode.
    pub(super) fn probe(self: &Rc<Self>, key: RecordKey) {
        let driver = self.clone();
        let sent = self.send_probe(key);
        spawn_local(async move {
            let reachable = match sent {
                Ok(answer) => JsFuture::from(answer).await.is_ok(),
                Err(_) => false,
            };
            driver.input(Event::Probed { key, reachable });
        });
    }

    fn send_probe(&self, key: RecordKey) -> Result<js_sys::Promise, JsValue> {
        let row = self.request_row(key).ok_or(JsValue::UNDEFINED)?;
        let url = Reflect::get(&row, &"url".into())?
            .as_string()
            .unwrap_or_default();
        let init = Object::new();
        for (name, value) in [
            ("method", "HEAD"),
            ("mode", "no-cors"),
            ("credentials", "omit"),
            ("cache", "no-store"),
            ("priority", "low"),
        ] {
            Reflect::set(&init, &name.into(), &value.into())?;
        }
        let request = Request::new_with_str_and_init(&url, init.unchecked_ref::<RequestInit>())?;
        Ok(scope().fetch_with_request(&request))
    }
}

/// The request of a record's row, for one transfer.
fn build_request(
    row: &JsValue,
    transfer: &Transfer,
    signal: &web_sys::AbortSignal,
) -> Result<Request, JsValue> {
    let member = |name: &str| Reflect::get(row, &name.into());
    let init = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&init, &name.into(), value).map(drop);
    let headers: Array = Array::from(&member("headers")?);
    if let Some(Range { start, end }) = transfer.range {
        let end = end.map_or(String::new(), |end| (end - 1).to_string());
        headers.push(&header("Range", &format!("bytes={start}-{end}")));
        if let Some(validator) = &transfer.if_range {
            headers.push(&header("If-Range", validator));
        }
    }
    set("headers", &headers)?;
    for name in [
        "method",
        "mode",
        "credentials",
        "redirect",
        "referrer",
        "referrerPolicy",
    ] {
        set(name, &member(name)?)?;
    }
    let no_store = transfer.no_store && member("cache")?.as_string().as_deref() != Some("no-cache");
    set(
        "cache",
        &if no_store {
            "no-store".into()
        } else {
            member("cache")?
        },
    )?;
    let body = member("body")?;
    if !body.is_null() && !body.is_undefined() {
        set("body", &body)?;
    }
    if transfer.range.is_none() {
        // Checked by the browser over the whole body, so only ever sent with requests for all of it.
        set("integrity", &member("integrity")?)?;
    }
    set("priority", &"low".into())?;
    set("signal", signal)?;
    let url = member("url")?.as_string().unwrap_or_default();
    Request::new_with_str_and_init(&url, init.unchecked_ref::<RequestInit>())
}

fn header(name: &str, value: &str) -> Array {
    [name, value].into_iter().map(JsValue::from).collect()
}

/// A response without its body, as rows hold it.
fn response_meta(response: &Response) -> Option<ResponseMeta> {
    let entries = js_sys::try_iter(&response.headers()).ok()??;
    let headers = entries.filter_map(|entry| pair(&entry.ok()?));
    Some(ResponseMeta {
        url: response.url(),
        kind: Reflect::get(response, &"type".into()).ok()?.as_string()?,
        redirected: response.redirected(),
        status: response.status(),
        status_text: response.status_text(),
        arrived: js_sys::Date::now() / 1_000.0,
        headers: headers.collect(),
    })
}
