//! The store against the IndexedDB of real browsers.
#![cfg(target_arch = "wasm32")]

mod contents;
mod damage;
mod transactions;

use std::rc::Rc;

use background_fetch_polyfill::core::{FetchNo, RecordIndex, RecordKey};
use background_fetch_polyfill::store::{
    FetchRow, Op, ResponseRow, Store, create, delete_chunks, expect_stored, put_chunk,
    put_response, value,
};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const NO: FetchNo = FetchNo(1);
const KEY: RecordKey = RecordKey {
    fetch: NO,
    index: RecordIndex(0),
};

/// A scope of its own for each test, so that none sees another's database.
fn scope(name: &str) -> String {
    format!("https://example.test/{name}-{}/", js_sys::Math::random())
}

fn fetch_row(id: &JsValue) -> FetchRow {
    FetchRow {
        id: id.clone(),
        title: "Season 2".into(),
        icons: Array::new().into(),
        download_total: 0.0,
        upload_total: 0.0,
        uploaded: 0.0,
        downloaded: 0.0,
        result: String::new(),
        failure_reason: String::new(),
        records_available: true,
        records: 1,
        due: 0,
        paused: false,
        written: 0.0,
    }
}

fn request(url: &str) -> JsValue {
    let request = Object::new();
    for (name, value) in [("url", url), ("method", "GET"), ("integrity", "")] {
        Reflect::set(&request, &name.into(), &value.into()).unwrap();
    }
    Reflect::set(&request, &"body".into(), &JsValue::NULL).unwrap();
    request.into()
}

fn response_row(attempt: u32, stored: f64) -> ResponseRow {
    ResponseRow {
        attempt,
        stored,
        result: String::new(),
        written: 0.0,
        response: JsValue::NULL,
        at: KEY.index.0,
        from: 0.0,
    }
}

async fn created(name: &str) -> (String, Rc<Store>) {
    let scope = scope(name);
    let (store, _) = Store::open(&scope).await.unwrap();
    let store = Rc::new(store);
    let ops = create(
        NO,
        &fetch_row(&"season-2".into()),
        &[request("https://example.test/1")],
    );
    store.commit(ops.unwrap(), true).await.unwrap();
    (scope, store)
}

/// A chunk of the record, its fence before it, the record's row behind it.
fn append(store: &Store, attempt: u32, offset: u64, bytes: &[u8]) -> Vec<Op> {
    let part = JsValue::from(Uint8Array::from(bytes));
    let chunk = value::join(&[part], store.blobs()).unwrap();
    let stored = offset + bytes.len() as u64;
    let mut ops = vec![if offset == 0 {
        delete_chunks(KEY)
    } else {
        expect_stored(KEY, attempt, [offset, stored])
    }];
    ops.push(put_chunk(KEY, attempt, offset, chunk));
    ops.push(put_response(KEY, &response_row(attempt, stored as f64)).unwrap());
    ops
}
