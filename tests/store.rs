//! The store against the IndexedDB of real browsers.
#![cfg(target_arch = "wasm32")]

use std::rc::Rc;

use background_fetch_polyfill::core::{FetchNo, RecordIndex, RecordKey, StoreFailure};
use background_fetch_polyfill::store::{
    FetchRow, Op, ResponseRow, Store, StoreError, create, delete_chunks, end, expect_stored,
    put_chunk, put_response, value,
};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

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
async fn an_id_is_taken_once_and_the_loser_leaves_nothing() {
    let (_, store) = created("taken").await;
    let second = create(FetchNo(2), &fetch_row(&"season-2".into()), &[]).unwrap();
    let error = store.commit(second, true).await.unwrap_err();
    assert!(matches!(error, StoreError::Taken), "{error:?}");
    store
        .commit(end(NO, &fetch_row(&"season-2".into())).unwrap(), true)
        .await
        .unwrap();
    let again = create(FetchNo(2), &fetch_row(&"season-2".into()), &[]).unwrap();
    store.commit(again, true).await.unwrap();
}

#[wasm_bindgen_test]
async fn ids_that_differ_in_a_lone_surrogate_are_two() {
    let (_, store) = created("surrogates").await;
    for (no, unit) in [(2, 0xD800u16), (3, 0xDFFF)] {
        let id = js_sys::JsString::from_char_code(&[unit]);
        let ops = create(FetchNo(no), &fetch_row(&id.into()), &[]).unwrap();
        store.commit(ops, true).await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn a_chunk_that_leaves_a_gap_is_refused_with_all_that_came_with_it() {
    let (scope, store) = created("gap").await;
    store
        .commit(append(&store, 1, 0, b"hello "), false)
        .await
        .unwrap();
    let error = store
        .commit(append(&store, 1, 7, b"orld"), false)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Gap), "{error:?}");
    let error = store
        .commit(append(&store, 2, 6, b"world"), false)
        .await
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Gap),
        "another attempt's bytes: {error:?}"
    );
    let (store, stored) = Store::open(&scope).await.unwrap();
    assert_eq!(
        stored.fetches[0].records[0]
            .response
            .as_ref()
            .unwrap()
            .stored,
        6.0
    );
    assert!(matches!(
        store.read(KEY, 1, 0, 11).await,
        Err(StoreError::Gap)
    ));
}

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
async fn what_cannot_be_cloned_is_refused_and_no_rejection_is_left_unheard() {
    let (_, store) = created("uncloneable").await;
    let listen = "self.unheard = 0; addEventListener('unhandledrejection', () => self.unheard++)";
    js_sys::eval(listen).unwrap();
    let bad = Op::Put(
        "meta",
        "bad".into(),
        js_sys::Function::new_no_args("").into(),
    );
    let error = store.commit(vec![bad], false).await.unwrap_err();
    assert!(matches!(error, StoreError::Other(_)), "{error:?}");
    for offset in 0..3 {
        let ops = append(&store, 1, offset, b"x");
        store.commit(ops, false).await.unwrap();
    }
    assert_eq!(js_sys::eval("self.unheard").unwrap().as_f64(), Some(0.0));
}

#[wasm_bindgen_test]
async fn a_later_engine_deposes_an_earlier_one() {
    let (scope, store) = created("epoch").await;
    let (later, _) = Store::open(&scope).await.unwrap();
    let error = store
        .commit(append(&store, 1, 0, b"zombie"), false)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Deposed), "{error:?}");
    assert_eq!(error.failure(), StoreFailure::Broken);
    let later = Rc::new(later);
    later
        .commit(append(&later, 1, 0, b"heir"), false)
        .await
        .unwrap();
    assert_eq!(later.read(KEY, 1, 0, 4).await.unwrap(), b"heir");
}

#[wasm_bindgen_test]
async fn a_connection_that_was_lost_is_opened_again() {
    let (_, store) = created("lost").await;
    store.close();
    store
        .commit(append(&store, 1, 0, b"still here"), false)
        .await
        .unwrap();
    assert_eq!(store.read(KEY, 1, 0, 10).await.unwrap(), b"still here");
}

#[wasm_bindgen_test]
async fn what_was_stored_unseen_is_stored_once_more() {
    let (scope, store) = created("again").await;
    let row = fetch_row(&"season-2".into());
    let created = || create(NO, &row, &[request("https://example.test/1")]).unwrap();
    let both = || {
        let mut both = append(&store, 1, 2, b"cd");
        both[0] = expect_stored(KEY, 1, [2, 6]);
        both.extend(append(&store, 1, 4, b"ef"));
        both
    };
    let refused = store.commit(created(), true).await.unwrap_err();
    assert!(matches!(refused, StoreError::Taken), "{refused:?}");
    // Requests are repeated when the connection turns out to be closed.
    store.close();
    store.commit(created(), true).await.unwrap();
    let first = append(&store, 1, 0, b"ab");
    store.commit(first, false).await.unwrap();
    store.commit(both(), false).await.unwrap();
    let refused = store.commit(both(), false).await.unwrap_err();
    assert!(matches!(refused, StoreError::Gap), "{refused:?}");
    store.close();
    store.commit(both(), false).await.unwrap();
    let (store, stored) = Store::open(&scope).await.unwrap();
    let record = &stored.fetches[0].records[0];
    assert_eq!(record.response.as_ref().unwrap().stored, 6.0);
    assert_eq!(store.read(KEY, 1, 0, 6).await.unwrap(), b"abcdef");
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
