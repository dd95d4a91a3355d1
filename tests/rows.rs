//! Rows that anybody may have written, in real browsers: what is not a row is none, what is one is read
//! as it is, and an engine starts over all of them.
//!
//! `FUZZ_SEED` and `FUZZ_MINUTES` are read when this is compiled (`npm run fuzz -- rows`). A failure
//! names its seed.
#![cfg(target_arch = "wasm32")]

use std::cell::RefCell;
use std::rc::Rc;

use background_fetch_polyfill::bindings::Engine;
use background_fetch_polyfill::core::{FailureReason, FetchNo};
use background_fetch_polyfill::store::{Op, Store, parse_reason, parse_result, stored_head};
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_service_worker);

/// Makes background fetches from a seed, and says of each row whether it is one.
const FORGER: &str = include_str!("rows.js");

/// Databases in a short run.
const ROUNDS: u32 = 30;

/// Every seed of this run.
fn seeds() -> impl Iterator<Item = u32> {
    let first = option_env!("FUZZ_SEED").and_then(|seed| seed.parse().ok());
    let minutes = option_env!("FUZZ_MINUTES").and_then(|minutes| minutes.parse::<f64>().ok());
    let end = minutes.map(|minutes| js_sys::Date::now() + minutes * 60_000.0);
    let first = first.unwrap_or(match end {
        Some(now) => now as u64 as u32,
        None => 1,
    });
    (0..)
        .take_while(move |&round| match end {
            Some(end) => js_sys::Date::now() < end,
            None => round < ROUNDS,
        })
        .map(move |round| first.wrapping_add(round))
}

fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

fn list(object: &JsValue, name: &str) -> Vec<JsValue> {
    Array::from(&member(object, name)).to_vec()
}

fn says(object: &JsValue, name: &str) -> bool {
    member(object, name).as_bool().unwrap()
}

/// Background fetches from a seed; `wild` also under keys and beside bookkeeping that nobody writes.
fn forged(seed: u32, wild: bool) -> JsValue {
    let forger: Function = js_sys::eval(FORGER).unwrap().unchecked_into();
    forger
        .call2(&JsValue::NULL, &seed.into(), &wild.into())
        .unwrap()
}

/// Stores what was forged in a new scope.
async fn stored(seed: u32, forged: &JsValue) -> String {
    let random = js_sys::Math::random();
    let scope = format!("https://example.test/rows-{seed}-{random}/");
    let (store, _) = Store::open(&scope).await.unwrap();
    let store = Rc::new(store);
    let put =
        |name: &'static str, row: &JsValue| Op::Put(name, member(row, "key"), member(row, "value"));
    let mut ops = Vec::new();
    for name in ["fetches", "requests", "responses", "chunks", "meta"] {
        ops.extend(list(forged, name).iter().map(|row| put(name, row)));
    }
    store.commit(ops, false).await.unwrap();
    store.close();
    scope
}

#[wasm_bindgen_test]
async fn what_is_no_row_is_none_and_what_is_one_is_read_as_it_is() {
    for seed in seeds() {
        let forged = forged(seed, false);
        let scope = stored(seed, &forged).await;
        let (store, found) = Store::open(&scope).await.unwrap();
        let fetches = list(&forged, "fetches");
        assert_eq!(found.fetches.len(), fetches.len(), "seed {seed}");
        for (fetch, forged_row) in found.fetches.iter().zip(&fetches) {
            let place = format!("seed {seed}, fetch {}", fetch.no.0);
            let valid = says(forged_row, "valid");
            assert_eq!(fetch.row.is_some(), valid, "{place}: {forged_row:?}");
            let Some(row) = &fetch.row else { continue };
            let was = member(forged_row, "value");
            let same = |name: &str, value: f64| {
                assert_eq!(member(&was, name).as_f64(), Some(value), "{place}: {name}");
            };
            same("downloadTotal", row.download_total);
            same("uploadTotal", row.upload_total);
            same("uploaded", row.uploaded);
            same("downloaded", row.downloaded);
            same("records", row.records.into());
            same("due", row.due.into());
            assert!(js_sys::Object::is(&member(&was, "id"), &row.id), "{place}");
            let failed = row.result == "failure";
            assert_eq!(parse_reason(&row.failure_reason).is_some(), failed);
        }
        let fetch_of = |row: &JsValue| {
            let key = Array::from(&member(row, "key"));
            let part = |place| key.get(place).as_f64().unwrap();
            let (no, index) = (FetchNo(part(0) as u64), part(1) as usize);
            let fetch = found.fetches.iter().find(|fetch| fetch.no == no);
            (fetch.unwrap(), index)
        };
        for row in list(&forged, "requests") {
            let (fetch, first) = fetch_of(&row);
            for (index, valid) in (first..).zip(list(&row, "valid")) {
                let view = &fetch.records[index].view;
                let place = format!("seed {seed}, request {}.{index}", fetch.no.0);
                assert_eq!(Some(view.is_some()), valid.as_bool(), "{place}: {row:?}");
                // Whatever it says, it becomes the head of a request, or none.
                _ = view.as_ref().map(|view| view.head());
            }
        }
        for row in list(&forged, "responses") {
            let (fetch, index) = fetch_of(&row);
            let response = &fetch.records[index].response;
            let place = format!("seed {seed}, response {}.{index}", fetch.no.0);
            assert_eq!(response.is_some(), says(&row, "valid"), "{place}: {row:?}");
            let Some(response) = response else {
                continue;
            };
            assert!(parse_result(&response.result).is_some(), "{place}");
            let head = stored_head(&response.response);
            assert_eq!(head.is_some(), says(&row, "head"), "{place}");
        }
        store.close();
    }
}

/// A promise for the end of the new background fetch, and what keeps it.
const END: &str = "(() => {
    let ended;
    const over = new Promise(resolve => { ended = resolve; });
    return { over, async tell(state) { if (state?.id === 'the new one') ended(); } };
})()";

/// A host that takes every event to be handled at once.
fn host() -> JsValue {
    let host = js_sys::eval(include_str!("host.js")).unwrap();
    let host: Function = host.unchecked_into();
    let end = js_sys::eval(END).unwrap();
    host.call1(&JsValue::NULL, &end).unwrap()
}

/// What a promise resolves with. One that does not settle is a failure with a name.
async fn settled(what: &str, promise: &Promise) -> JsValue {
    let late = Promise::new(&mut |_, reject| {
        let global = js_sys::global();
        let timeout: Function = member(&global, "setTimeout").unchecked_into();
        let arguments = Array::of3(&reject, &20_000.into(), &"nothing in 20 s".into());
        timeout.apply(&global, &arguments).unwrap();
    });
    let first = Promise::race(&Array::of2(promise, &late));
    let outcome = JsFuture::from(first).await;
    outcome.unwrap_or_else(|error| panic!("{what}: {error:?}"))
}

#[wasm_bindgen_test]
async fn an_engine_starts_over_rows_of_anybody() {
    for seed in seeds() {
        let forged = forged(seed, true);
        let scope = stored(seed, &forged).await;
        let host = host();
        let opened = Rc::new(RefCell::new(None));
        let opening = future_to_promise({
            let (opened, host) = (opened.clone(), host.clone());
            async move {
                let engine = Engine::open(scope, host.unchecked_into(), None).await?;
                opened.replace(Some(engine));
                Ok(JsValue::UNDEFINED)
            }
        });
        settled(&format!("seed {seed}, opening"), &opening).await;
        let engine = opened.take().expect("it was opened");
        let new = engine.fetch(member(&forged, "new"));
        let state = settled(&format!("seed {seed}, fetch()"), &new).await;
        let no = member(&state, "no").as_f64().unwrap();
        assert!(no >= 0.0 && no.fract() == 0.0, "seed {seed}: number {no}");
        for state in engine.inspect() {
            let reason = member(&state, "failureReason").as_string().unwrap();
            let known = FailureReason::ALL.map(FailureReason::as_str);
            let known = known.contains(&reason.as_str());
            assert!(known || reason.is_empty(), "seed {seed}: {reason}");
            let other = member(&state, "no").as_f64().unwrap();
            if other != no {
                let what = format!("seed {seed}, abort({other})");
                settled(&what, &engine.abort(other)).await;
            }
        }
        let over = member(&host, "over").unchecked_into();
        settled(&format!("seed {seed}, the end"), &over).await;
    }
}
