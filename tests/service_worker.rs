//! The driver inside a real service worker, with the real store and network.
#![cfg(target_arch = "wasm32")]

use background_fetch_polyfill::bindings::Engine;
use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_service_worker);

/// Writes down what a host is asked, with a promise for the end of the first event.
const WITNESS: &str = "(() => {
    const calls = [];
    let handled;
    const done = new Promise(resolve => { handled = resolve; });
    return {
        calls,
        done,
        announce(state) {
            calls.push(`announce ${state.recordsAvailable}`);
            if (!state.recordsAvailable) handled(calls.filter(call => !call.startsWith('announce true')));
        },
        async tell(state) { calls.push(`tell ${state.result} ${state.failureReason} ${state.downloaded}`); },
        async dispatch(kind, state) { calls.push(`dispatch ${kind} ${state.id}`); },
        busy(busy) { calls.push(`busy ${busy}`); },
        lost() { calls.push('lost'); },
    };
})()";

fn host() -> JsValue {
    let host = js_sys::eval(include_str!("host.js")).unwrap();
    let host: Function = host.unchecked_into();
    let witness = js_sys::eval(WITNESS).unwrap();
    host.call1(&JsValue::NULL, &witness).unwrap()
}

fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &(*name).into(), value).unwrap();
    }
    object.into()
}

fn request(url: &str) -> JsValue {
    object(&[
        ("url", url.into()),
        ("method", "GET".into()),
        ("headers", Array::new().into()),
        ("mode", "cors".into()),
        ("credentials", "same-origin".into()),
        ("cache", "default".into()),
        ("redirect", "follow".into()),
        ("referrer", "about:client".into()),
        ("referrerPolicy", "".into()),
        ("integrity", "".into()),
        ("body", JsValue::NULL),
    ])
}

fn fetch(id: &str, urls: &[&str]) -> JsValue {
    object(&[
        ("id", id.into()),
        ("title", "".into()),
        ("icons", Array::new().into()),
        ("downloadTotal", 0.into()),
        ("uploadTotal", 0.into()),
        (
            "requests",
            urls.iter()
                .map(|url| request(url))
                .collect::<Array>()
                .into(),
        ),
    ])
}

async fn engine(name: &str) -> (Engine, JsValue) {
    let scope = format!("https://example.test/{name}-{}/", js_sys::Math::random());
    let host = host();
    let engine = Engine::open(scope, host.clone().unchecked_into(), None).await;
    (engine.unwrap_or_else(|error| panic!("{error:?}")), host)
}

/// What the host was asked until the first background fetch was over.
async fn calls(host: &JsValue) -> Vec<String> {
    let calls = JsFuture::from(Promise::from(member(host, "done")))
        .await
        .unwrap();
    Array::from(&calls)
        .iter()
        .filter_map(|call| call.as_string())
        .collect()
}

#[wasm_bindgen_test]
fn this_is_a_service_worker() {
    let constructor: Function = member(&js_sys::global(), "constructor").unchecked_into();
    assert_eq!(
        constructor.name().as_string().as_deref(),
        Some("ServiceWorkerGlobalScope")
    );
}

#[wasm_bindgen_test]
async fn downloads_tells_pages_then_dispatches_then_withdraws() {
    let (engine, host) = engine("success").await;
    let state = JsFuture::from(engine.fetch(fetch("a", &["data:,hello", "data:,world!"]))).await;
    let state = state.unwrap();
    assert_eq!(member(&state, "id").as_string().as_deref(), Some("a"));
    assert_eq!(member(&state, "result").as_string().as_deref(), Some(""));
    let expected = [
        "busy true",
        "tell success  11",
        "dispatch success a",
        "announce false",
    ];
    assert_eq!(calls(&host).await, expected);
}

#[wasm_bindgen_test]
async fn an_active_id_is_found_and_cannot_be_taken_twice() {
    let (engine, host) = engine("taken").await;
    // Nothing answers here, so that the first one stays active.
    let url = "http://127.0.0.1:9/";
    JsFuture::from(engine.fetch(fetch("a", &[url])))
        .await
        .unwrap();
    let state = engine.get("a".into()).expect("it is active");
    let error = JsFuture::from(engine.fetch(fetch("a", &[url])))
        .await
        .unwrap_err();
    assert!(error.is_instance_of::<js_sys::TypeError>(), "{error:?}");
    let no = member(&state, "no").as_f64().unwrap();
    let aborted = JsFuture::from(engine.abort(no)).await.unwrap();
    assert!(aborted.is_truthy());
    assert!(engine.get("a".into()).is_none(), "the id is free at once");
    let again = JsFuture::from(engine.abort(no)).await.unwrap();
    assert!(again.is_falsy(), "it ends once");
    let calls = calls(&host).await;
    assert!(
        calls.contains(&"tell failure aborted 0".to_owned()),
        "{calls:?}"
    );
    assert!(calls.contains(&"dispatch abort a".to_owned()), "{calls:?}");
}
