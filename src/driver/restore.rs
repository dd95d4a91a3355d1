//! Takes up what an earlier life of the engine has stored.

use std::rc::Rc;

use super::{Driver, Job, contract};
use crate::core::{EndSnapshot, FetchSnapshot, RecordIndex, RecordSnapshot, ResponseSnapshot};
use crate::store::{
    FetchRow, ResponseRow, StoredFetch, StoredRecord, parse_reason, parse_result, stored_head,
};

impl Driver {
    pub(super) fn restore(self: &Rc<Self>, stored: StoredFetch) {
        let no = stored.no;
        let Some(row) = stored
            .row
            .clone()
            .filter(|row| row.records as usize == stored.records.len())
        else {
            // Nobody can say what this was; nobody can ask for it either.
            return self.sweep_rows(no, stored.records.len() as u32);
        };
        let snapshot = FetchSnapshot {
            no,
            id: js_sys::JsString::from(row.id.clone()).iter().collect(),
            download_total: row.download_total as u64,
            paused: row.paused,
            idle: idle(&row, &stored.records),
            end: end_snapshot(&row),
            records: stored.records.iter().map(record_snapshot).collect(),
        };
        let mut job = Job::new(row, Vec::with_capacity(stored.records.len()));
        for (index, record) in (0..).map(RecordIndex).zip(stored.records) {
            if let Some(row) = unfinished(record.response.as_ref()) {
                job.responses.insert(index, row.response.clone());
            }
            job.requests.push(record.request);
        }
        self.jobs.borrow_mut().insert(no, job);
        let restored = self.core.borrow_mut().restore(self.clock.now(), snapshot);
        contract(restored);
        self.drain();
    }
}

fn end_snapshot(row: &FetchRow) -> Option<EndSnapshot> {
    (!row.result.is_empty()).then(|| EndSnapshot {
        reason: parse_reason(&row.failure_reason),
        due: (row.due > 0).then_some(row.due),
        downloaded: row.downloaded as u64,
    })
}

fn record_snapshot(record: &crate::store::StoredRecord) -> RecordSnapshot {
    let request = record.view.as_ref().and_then(|view| view.head());
    let known = request.is_some();
    RecordSnapshot {
        // A request that cannot be read can never be sent: its first try fails.
        request: request.unwrap_or_default(),
        response: record
            .response
            .as_ref()
            .filter(|_| known)
            .and_then(response_snapshot),
    }
}

fn response_snapshot(row: &ResponseRow) -> Option<ResponseSnapshot> {
    let result = parse_result(&row.result)?;
    Some(ResponseSnapshot {
        attempt: row.attempt,
        head: stored_head(&row.response),
        stored: row.stored as u64,
        result,
    })
}

fn unfinished(row: Option<&ResponseRow>) -> Option<&ResponseRow> {
    row.filter(|row| row.result.is_empty())
}

/// Milliseconds since anything of a background fetch was last written; never negative, because clocks
/// are set back.
fn idle(row: &FetchRow, records: &[StoredRecord]) -> u64 {
    let rows = records
        .iter()
        .filter_map(|record| Some(record.response.as_ref()?.written));
    let last = rows.fold(row.written, f64::max);
    (js_sys::Date::now() - last).max(0.0) as u64
}
