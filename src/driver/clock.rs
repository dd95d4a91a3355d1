//! Timers and the platform's word about its network, turned into inputs.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::prelude::*;
use web_sys::{EventTarget, WorkerGlobalScope};

use super::Driver;
use crate::core::{Event, Timestamp};

/// `setTimeout` takes a signed 32-bit number of milliseconds; longer waits are cut into pieces.
const LONGEST: u64 = i32::MAX as u64;

/// The clock of the platform and the one timer that the core needs.
#[derive(Default)]
pub(super) struct Clock {
    timer: RefCell<Option<Timeout>>,
}

impl Clock {
    /// Milliseconds since this worker started: never jumps when somebody sets the time.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(scope().performance().map_or(0.0, |clock| clock.now()) as u64)
    }

    /// Calls back at a moment; takes back what was asked before.
    pub fn wake_at(&self, at: Option<Timestamp>, wake: impl FnOnce() + 'static) {
        let timeout = at.map(|at| {
            // One more, because timers may fire a fraction of a millisecond early.
            let millis = at.since(self.now()).min(LONGEST - 1) + 1;
            Timeout::new(millis as u32, wake)
        });
        // Dropping the one before cancels it.
        self.timer.replace(timeout);
    }
}

/// A listener that is removed when it is dropped.
pub(super) struct Listener {
    name: &'static str,
    callback: Closure<dyn FnMut()>,
}

impl Listener {
    fn new(name: &'static str, callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::new(callback);
        let target: EventTarget = js_sys::global().unchecked_into();
        let _ = target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Self { name, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let target: EventTarget = js_sys::global().unchecked_into();
        let callback = self.callback.as_ref().unchecked_ref();
        let _ = target.remove_event_listener_with_callback(self.name, callback);
    }
}

impl Driver {
    pub(super) fn wake_at(self: &Rc<Self>, at: Option<Timestamp>) {
        let driver = self.clone();
        self.clock.wake_at(at, move || driver.input(Event::Timer));
    }

    pub(super) fn watch_network(self: &Rc<Self>) {
        let listen = |name, online| {
            let driver = Rc::downgrade(self);
            Listener::new(name, move || {
                if let Some(driver) = driver.upgrade() {
                    driver.input(Event::Online(online));
                }
            })
        };
        self.network
            .replace(vec![listen("online", true), listen("offline", false)]);
        if !scope().navigator().on_line() {
            self.input(Event::Online(false));
        }
    }
}

pub(super) fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}
