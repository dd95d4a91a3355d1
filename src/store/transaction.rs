//! The connection to the database, and transactions over it.
//!
//! rexie gives neither durability nor the reason of an abort, and loses the write of a future that is
//! dropped. A download hangs on all three: `quota-exceeded` is a result that applications see, the end
//! of a background fetch must be on the disk before its event, and nobody awaits a single put. So rexie
//! makes the schema, and everything else goes this way: reads, too, because the second connection that
//! they would need takes time at every start of the worker.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbKeyRange, IdbObjectStore, IdbRequest, IdbTransaction};

use super::{StoreError, schema};

#[wasm_bindgen]
extern "C" {
    /// An `IDBDatabase`, with the form of `transaction` that web-sys holds back as unstable.
    #[derive(Clone)]
    pub type Connection;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &Connection,
        stores: &Array,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;

    #[wasm_bindgen(method)]
    pub fn close(this: &Connection);

    #[wasm_bindgen(method, setter)]
    fn set_onversionchange(this: &Connection, handler: JsValue);
}

/// The value of a row or a member that does not exist, or is no number.
pub const ABSENT: f64 = f64::INFINITY;

/// One operation of a transaction. Values are handles, so that a transaction can be run again.
#[derive(Clone, Debug)]
pub enum Op {
    /// Store a row, key first.
    Put(&'static str, JsValue, JsValue),
    /// Delete a row.
    Delete(&'static str, JsValue),
    /// Delete the rows from the first key to before the second.
    DeleteRange(&'static str, JsValue, JsValue),
    /// Go on only if the row has the first of these values in each of these members, or the second, where
    /// the same operations were issued before and may have been carried out; a row that is a number is
    /// compared itself, under the name `""`. What is no number, or not there, is [`ABSENT`].
    Expect(&'static str, JsValue, Vec<(&'static str, [f64; 2])>),
}

/// How a transaction is run.
#[derive(Clone, Copy, Default)]
pub struct Manner {
    /// It must reach the disk before it counts.
    pub strict: bool,
    /// The same operations were issued before, and may be stored already.
    pub again: bool,
}

/// Opens a connection to a database that exists; creates none, and touches none of a later version.
pub async fn connect(name: &str) -> Result<Connection, StoreError> {
    let scope: web_sys::WorkerGlobalScope = js_sys::global().unchecked_into();
    let factory = scope.indexed_db().ok().flatten();
    let factory = factory.ok_or_else(|| StoreError::classify(&JsValue::NULL))?;
    let request = factory
        .open_with_u32(name, schema::VERSION)
        .map_err(|error| StoreError::classify(&error))?;
    let absent = Rc::new(Cell::new(false));
    let refuse = {
        let (absent, request) = (absent.clone(), request.clone());
        Closure::<dyn FnMut()>::new(move || {
            absent.set(true);
            let _ = request.transaction().map(|transaction| transaction.abort());
        })
    };
    request.set_onupgradeneeded(Some(refuse.as_ref().unchecked_ref()));
    let opened = settled(&request).await;
    if absent.get() {
        return Err(StoreError::Gone);
    }
    let connection: Connection = opened?.unchecked_into();
    // A later version, or a deletion, must not wait for us.
    let closing = connection.clone();
    let close = Closure::<dyn FnMut()>::new(move || closing.close());
    connection.set_onversionchange(close.into_js_value());
    Ok(connection)
}

/// Begins a transaction that reads from these stores.
pub fn reading(connection: &Connection, stores: &[&str]) -> Result<IdbTransaction, JsValue> {
    let names: Array = stores.iter().copied().map(JsValue::from).collect();
    connection.transaction(&names, "readonly", &JsValue::UNDEFINED)
}

/// The keys from the first to before the second.
pub fn bound(from: &JsValue, to: &JsValue) -> Result<IdbKeyRange, JsValue> {
    IdbKeyRange::bound_with_lower_open_and_upper_open(from, to, false, true)
}

/// Runs all operations in one transaction. They are issued before this returns; the future resolves when
/// they are stored, all of them or none.
pub fn run(
    connection: &Connection,
    ops: &[Op],
    manner: Manner,
) -> impl Future<Output = Result<(), StoreError>> + use<> {
    let started = begin(connection, ops, manner);
    async move {
        let (transaction, done, guards) = started.map_err(|error| StoreError::classify(&error))?;
        let outcome = JsFuture::from(done).await;
        match outcome {
            Ok(_) => Ok(()),
            // The reason is the transaction's; a failed request that caused it has the same one.
            Err(_) => {
                if let Some(guard) = guards.iter().find(|guard| guard.failed.get()) {
                    return Err(match guard.store {
                        schema::META => StoreError::Deposed,
                        _ => StoreError::Gap,
                    });
                }
                let reason = transaction.error().map_or(JsValue::NULL, JsValue::from);
                Err(StoreError::classify(&reason))
            }
        }
    }
}

/// An `Expect`: whether it failed, and its callback, alive until the transaction is over.
struct Guard {
    store: &'static str,
    failed: Rc<Cell<bool>>,
    _callback: Closure<dyn FnMut()>,
}

type Begun = (IdbTransaction, Promise, Vec<Guard>);

fn begin(connection: &Connection, ops: &[Op], manner: Manner) -> Result<Begun, JsValue> {
    let options = Object::new();
    let durability = if manner.strict { "strict" } else { "relaxed" };
    Reflect::set(&options, &"durability".into(), &durability.into())?;
    let used = |store: &&str| ops.iter().any(|op| op.store() == *store);
    let names: Array = schema::STORES
        .into_iter()
        .filter(used)
        .map(JsValue::from)
        .collect();
    let transaction = connection.transaction(&names, "readwrite", &options)?;
    let done = Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onabort(Some(&reject));
    });
    let mut guards = Vec::new();
    for op in ops {
        if let Err(error) = op.issue(&transaction, manner.again, &mut guards) {
            // A value that cannot be cloned throws here, before anything is stored; so does Firefox on a
            // full disk. Nobody waits for the abort.
            transaction.set_onabort(None);
            let _ = transaction.abort();
            return Err(error);
        }
    }
    Ok((transaction, done, guards))
}

impl Op {
    fn store(&self) -> &'static str {
        match self {
            Self::Put(store, ..)
            | Self::Delete(store, ..)
            | Self::DeleteRange(store, ..)
            | Self::Expect(store, ..) => store,
        }
    }

    fn issue(
        &self,
        transaction: &IdbTransaction,
        again: bool,
        guards: &mut Vec<Guard>,
    ) -> Result<(), JsValue> {
        let store: IdbObjectStore = transaction.object_store(self.store())?;
        match self {
            Self::Put(_, key, value) => store.put_with_key(value, key).map(drop),
            Self::Delete(_, key) => store.delete(key).map(drop),
            Self::DeleteRange(_, from, to) => store.delete(&bound(from, to)?.into()).map(drop),
            Self::Expect(name, key, members) => {
                let request = store.get(key)?;
                guards.push(expect(name, &request, transaction, members.clone(), again));
                Ok(())
            }
        }
    }
}

/// Aborts the transaction, with all that was written in it, if the row is not as expected. The operations
/// after this one do not wait: an abort takes them back.
fn expect(
    store: &'static str,
    request: &IdbRequest,
    transaction: &IdbTransaction,
    members: Vec<(&'static str, [f64; 2])>,
    again: bool,
) -> Guard {
    let failed = Rc::new(Cell::new(false));
    let callback = {
        let (failed, transaction, request) = (failed.clone(), transaction.clone(), request.clone());
        Closure::new(move || {
            let row = request.result().unwrap_or_default();
            let as_expected = members.iter().all(|(member, values)| {
                let found = match *member {
                    "" => Some(row.clone()),
                    member => Reflect::get(&row, &member.into()).ok(),
                };
                let found = found.and_then(|found| found.as_f64());
                values[..=usize::from(again)].contains(&found.unwrap_or(ABSENT))
            });
            if !as_expected {
                failed.set(true);
                let _ = transaction.abort();
            }
        })
    };
    request.set_onsuccess(Some(callback.as_ref().unchecked_ref()));
    Guard {
        store,
        failed,
        _callback: callback,
    }
}

/// Waits for the result of a request.
pub async fn settled(request: &IdbRequest) -> Result<JsValue, StoreError> {
    let done = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    if JsFuture::from(done).await.is_err() {
        let error = request
            .error()
            .ok()
            .flatten()
            .map_or(JsValue::NULL, JsValue::from);
        return Err(StoreError::classify(&error));
    }
    request
        .result()
        .map_err(|error| StoreError::classify(&error))
}
