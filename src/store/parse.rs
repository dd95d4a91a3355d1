//! Reads rows back. Whatever is not what the engine writes is `None`, never a panic and never a guess:
//! lengths are safe integers, results are known, strings are strings.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;
use web_sys::Headers;

use super::rows::{FetchRow, RequestRow, ResponseRow};
use crate::core::{FailureReason, RecordResult, ResponseHead};

/// 2^53 − 1, the largest length that JavaScript counts to.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// A number that counts something.
pub(super) fn whole(value: &JsValue) -> Option<f64> {
    let value = value.as_f64()?;
    (value.fract() == 0.0 && (0.0..=MAX_SAFE).contains(&value)).then_some(value)
}

/// A row of somebody.
struct Row<'a>(&'a JsValue);

impl Row<'_> {
    fn value(&self, name: &str) -> JsValue {
        // A row that is not an object has no members.
        Reflect::get(self.0, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.value(name).as_string()
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.value(name).as_bool()
    }

    fn length(&self, name: &str) -> Option<f64> {
        whole(&self.value(name))
    }

    fn small(&self, name: &str) -> Option<u32> {
        self.length(name)
            .filter(|&value| value <= f64::from(u32::MAX))
            .map(|value| value as u32)
    }

    /// A moment of the device's clock, which counts fractions.
    fn moment(&self, name: &str) -> Option<f64> {
        self.value(name).as_f64().filter(|value| value.is_finite())
    }

    /// A DOMString: may hold lone surrogates, so it stays where it is.
    fn dom_string(&self, name: &str) -> Option<JsValue> {
        Some(self.value(name)).filter(JsValue::is_string)
    }
}

impl FetchRow {
    /// A background fetch.
    pub(super) fn parse(row: &JsValue) -> Option<Self> {
        let row = Row(row);
        let known_end = |result: &str, reason: &str| match result {
            "" | "success" => reason.is_empty(),
            "failure" => parse_reason(reason).is_some(),
            _ => false,
        };
        let (result, failure_reason) = (row.text("result")?, row.text("failureReason")?);
        known_end(&result, &failure_reason).then_some(())?;
        Some(Self {
            id: row.dom_string("id")?,
            title: row.dom_string("title")?,
            icons: Some(row.value("icons")).filter(Array::is_array)?,
            download_total: row.length("downloadTotal")?,
            upload_total: row.length("uploadTotal")?,
            uploaded: row.length("uploaded")?,
            downloaded: row.length("downloaded")?,
            result,
            failure_reason,
            records_available: row.flag("recordsAvailable")?,
            records: row.small("records")?,
            due: row.small("due")?,
            paused: row.flag("paused")?,
            written: row.moment("written")?,
        })
    }
}

impl RequestRow {
    /// A request, as the page described it.
    pub fn parse(row: &JsValue) -> Option<Self> {
        let row = Row(row);
        Some(Self {
            url: row.text("url")?,
            method: row.text("method")?,
            integrity: row.text("integrity")?,
            body: row.value("body"),
        })
    }
}

impl ResponseRow {
    /// A record's response.
    pub(super) fn parse(row: &JsValue) -> Option<Self> {
        let row = Row(row);
        Some(Self {
            attempt: row.small("attempt")?,
            stored: row.length("stored")?,
            result: row
                .text("result")
                .filter(|name| parse_result(name).is_some())?,
            written: row.moment("written")?,
            response: row.value("response"),
            at: row.small("at")?,
            from: row.length("from")?,
        })
    }
}

/// What the core must know of a response, whose row holds everything but its body; `None` when nobody
/// could have stored it so.
pub fn response_head(row: &JsValue, headers: &Headers) -> Option<ResponseHead> {
    let row = Row(row);
    let field = |name: &str| headers.get(name).ok().flatten();
    let arrived = row.moment("arrived")?;
    Some(ResponseHead {
        status: row
            .small("status")
            .and_then(|status| u16::try_from(status).ok())?,
        etag: field("etag"),
        last_modified: field("last-modified"),
        date: field("date"),
        content_length: field("content-length"),
        content_range: field("content-range"),
        content_encoding: field("content-encoding"),
        accept_ranges: field("accept-ranges"),
        retry_after: field("retry-after"),
        same_origin: row.text("type")? == "basic",
        arrived: (arrived > 0.0).then_some(arrived as u64),
    })
}

/// The same of a response that comes from the store.
pub fn stored_head(row: &JsValue) -> Option<ResponseHead> {
    let headers = Some(Row(row).value("headers")).filter(Array::is_array)?;
    response_head(
        row,
        &Headers::new_with_str_sequence_sequence(&headers).ok()?,
    )
}

/// A stored result, `None` within for a record that has not ended; `None` for what nobody stores.
pub fn parse_result(name: &str) -> Option<Option<RecordResult>> {
    match name {
        "" => Some(None),
        "success" => Some(Some(RecordResult::Success)),
        other => parse_reason(other).map(|reason| Some(RecordResult::Failure(reason))),
    }
}

/// A stored failure reason.
pub fn parse_reason(name: &str) -> Option<FailureReason> {
    FailureReason::ALL
        .into_iter()
        .find(|reason| reason.as_str() == name)
}
