//! What a start finds damaged: it costs no more than what it was.

use std::rc::Rc;

use background_fetch_polyfill::core::{FetchNo, RecordIndex, RecordKey};
use background_fetch_polyfill::store::{Op, ResponseRow, Store, create, put_chunk, put_response};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{KEY, append, created, fetch_row, request, response_row};

#[wasm_bindgen_test]
async fn bytes_that_cannot_be_read_are_taken_off_the_rows() {
    let (scope, store) = created("damaged").await;
    for (offset, bytes) in [(0, b"hello "), (6, b"world,")] {
        let ops = append(&store, 1, offset, bytes);
        store.commit(ops, false).await.unwrap();
    }
    // As if its file were missing: nothing can be read of it.
    let empty = JsValue::from(web_sys::Blob::new().unwrap());
    let lost = vec![put_chunk(KEY, 1, 6, empty)];
    store.commit(lost, false).await.unwrap();
    for _ in 0..2 {
        let (store, stored) = Store::open(&scope).await.unwrap();
        let row = stored.fetches[0].records[0].response.as_ref().unwrap();
        assert_eq!((row.stored, row.result.as_str()), (6.0, ""));
        assert_eq!(store.read(KEY, 1, 0, 6).await.unwrap(), b"hello ");
    }
    let store = Rc::new(Store::open(&scope).await.unwrap().0);
    let ops = append(&store, 1, 6, b"again");
    store.commit(ops, false).await.unwrap();
    assert_eq!(store.read(KEY, 1, 0, 11).await.unwrap(), b"hello again");
}

#[wasm_bindgen_test]
async fn a_shared_chunk_that_cannot_be_read_is_taken_off_the_rows_of_all_who_share_it() {
    let (scope, store) = created("shared").await;
    let record = |index| RecordKey {
        index: RecordIndex(index),
        ..KEY
    };
    let row = |at, from| ResponseRow {
        at,
        from,
        result: "success".into(),
        ..response_row(1, 6.0)
    };
    let more = ["2", "3"].map(|path| request(&format!("https://example.test/{path}")));
    let more: Array = more.iter().collect();
    let lost = JsValue::from(web_sys::Blob::new().unwrap());
    let own = JsValue::from(Uint8Array::from(&b"itself"[..]).buffer());
    let key: Array = [1.0, 1.0].into_iter().map(JsValue::from_f64).collect();
    let ops = vec![
        Op::Put("requests", key.into(), more.into()),
        put_chunk(KEY, 1, 0, lost),
        put_response(record(0), &row(0, 0.0)).unwrap(),
        put_response(record(1), &row(0, 6.0)).unwrap(),
        put_chunk(record(2), 1, 0, own),
        put_response(record(2), &row(2, 0.0)).unwrap(),
    ];
    store.commit(ops, false).await.unwrap();
    for _ in 0..2 {
        let (_, stored) = Store::open(&scope).await.unwrap();
        let records = stored.fetches[0].records.iter();
        let rows = records.map(|record| record.response.as_ref().unwrap());
        let left: Vec<_> = rows.map(|row| (row.stored, row.result.as_str())).collect();
        assert_eq!(left, [(0.0, ""), (0.0, ""), (6.0, "success")]);
    }
}

#[wasm_bindgen_test]
async fn a_bad_row_costs_its_own_background_fetch_only() {
    let (scope, store) = created("bad-row").await;
    let ops = create(FetchNo(2), &fetch_row(&"other".into()), &[JsValue::from(7)]).unwrap();
    store.commit(ops, true).await.unwrap();
    let bad = Op::Put(
        "fetches",
        JsValue::from_f64(3.0),
        JsValue::from("not a row"),
    );
    store.commit(vec![bad], false).await.unwrap();
    let (_, stored) = Store::open(&scope).await.unwrap();
    assert_eq!(stored.fetches.len(), 3);
    assert!(stored.fetches[0].row.is_some());
    assert!(stored.fetches[1].records[0].view.is_none());
    assert!(stored.fetches[2].row.is_none());
}
