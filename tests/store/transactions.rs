//! Transactions: what a fence refuses, and what becomes of one whose connection is lost.

use std::rc::Rc;

use background_fetch_polyfill::core::{FetchNo, StoreFailure};
use background_fetch_polyfill::store::{Op, Store, StoreError, create, expect_stored};
use js_sys::JsString;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{KEY, NO, append, created, fetch_row, request};

#[wasm_bindgen_test]
async fn ids_that_differ_in_a_lone_surrogate_are_two() {
    let (scope, store) = created("surrogates").await;
    let ids = [0xD800u16, 0xDFFF].map(|unit| JsValue::from(JsString::from_char_code(&[unit])));
    for (no, id) in (2..).map(FetchNo).zip(&ids) {
        let ops = create(no, &fetch_row(id), &[]).unwrap();
        store.commit(ops, true).await.unwrap();
    }
    let (_, stored) = Store::open(&scope).await.unwrap();
    let rows = stored.fetches.iter().map(|fetch| fetch.row.as_ref());
    let kept: Vec<_> = rows.skip(1).map(|row| row.unwrap().id.clone()).collect();
    assert_eq!(kept, ids);
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
