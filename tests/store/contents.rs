//! What is stored is there for whoever comes next, and what is deleted is not.

use background_fetch_polyfill::core::FetchNo;
use background_fetch_polyfill::store::{Op, Store, end, value};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{KEY, NO, append, created, fetch_row, scope};

#[wasm_bindgen_test]
async fn a_new_scope_has_nothing_stored() {
    let (_, stored) = Store::open(&scope("empty")).await.unwrap();
    assert!(stored.next.0 as f64 > js_sys::Date::now() - 60_000.0);
    assert!(stored.fetches.is_empty());
}

#[wasm_bindgen_test]
async fn a_body_of_buffers_and_blobs_is_read_as_one() {
    let (_, store) = created("mixed").await;
    let parts: [Vec<u8>; 3] = [vec![1; 100_000], vec![2; 1_000], vec![3; 100_000]];
    let mut offset = 0;
    for part in &parts {
        let ops = append(&store, 1, offset, part);
        store.commit(ops, false).await.unwrap();
        offset += part.len() as u64;
    }
    let read = store.read(KEY, 1, 90_000, 110_000).await.unwrap();
    assert_eq!(read, parts.concat()[90_000..110_000]);
}

#[wasm_bindgen_test]
async fn few_bytes_become_a_buffer_and_many_a_blob() {
    let part = |length| JsValue::from(Uint8Array::new_with_length(length));
    let is_blob = |parts: &[JsValue]| {
        let joined = value::join(parts, true).unwrap();
        let total: u64 = parts.iter().map(value::length).sum();
        assert_eq!(value::length(&joined), total);
        joined.has_type::<web_sys::Blob>()
    };
    assert!(!is_blob(&[part(16_384)]));
    assert!(!is_blob(&[part(100), part(200)]));
    assert!(!is_blob(&[Uint8Array::new_with_length(50)
        .subarray(10, 20)
        .into()]));
    assert!(!is_blob(&[Uint8Array::new_with_length(50).buffer().into()]));
    assert!(is_blob(&[part(300_000)]));
    assert!(is_blob(&[web_sys::Blob::new().unwrap().into(), part(100)]));
}

#[wasm_bindgen_test]
async fn what_was_stored_is_there_for_the_next_engine() {
    let (scope, store) = created("reopen").await;
    store
        .commit(append(&store, 1, 0, b"hello "), false)
        .await
        .unwrap();
    store
        .commit(append(&store, 1, 6, b"world"), false)
        .await
        .unwrap();
    let (store, stored) = Store::open(&scope).await.unwrap();
    assert_eq!(stored.next, FetchNo(2));
    let fetch = &stored.fetches[0];
    assert_eq!(fetch.no, NO);
    assert_eq!(
        fetch.row.as_ref().unwrap().id.as_string().as_deref(),
        Some("season-2")
    );
    let record = &fetch.records[0];
    assert_eq!(record.view.as_ref().unwrap().url, "https://example.test/1");
    assert_eq!(record.response.as_ref().unwrap().stored, 11.0);
    assert_eq!(store.read(KEY, 1, 0, 11).await.unwrap(), b"hello world");
    assert_eq!(store.read(KEY, 1, 4, 8).await.unwrap(), b"o wo");
}

#[wasm_bindgen_test]
async fn the_last_hundred_ends_are_remembered() {
    let (_, store) = created("ends").await;
    let row = fetch_row(&"season-2".into());
    for no in [1, 2, 101] {
        let ops = end(FetchNo(no), &row).unwrap();
        store.commit(ops, false).await.unwrap();
    }
    for (no, remembered) in [(1.0, false), (2.0, true), (101.0, true)] {
        let expected = Op::Expect("meta", no.into(), vec![("downloaded", [0.0; 2])]);
        let found = store.commit(vec![expected], false).await.is_ok();
        assert_eq!(found, remembered, "{no}");
    }
}

#[wasm_bindgen_test]
async fn a_swept_background_fetch_leaves_no_row_behind() {
    let (scope, store) = created("sweep").await;
    store
        .commit(append(&store, 1, 0, b"bytes"), false)
        .await
        .unwrap();
    store.sweep(NO, 1).await.unwrap();
    let (store, stored) = Store::open(&scope).await.unwrap();
    assert!(stored.fetches.is_empty());
    assert_eq!(stored.next, FetchNo(2), "a number is never given twice");
    assert!(store.read(KEY, 1, 0, 5).await.is_err());
}
