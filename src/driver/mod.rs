//! The loop: one input, drain, repeat.
//!
//! Dull on purpose. Each output is started here and its outcome comes back as an input, always in a
//! later turn, so that the core is never entered twice. What must be decided is decided in the core.

mod browser;
mod clock;
mod commit;
mod fetch;
mod hand;
mod host;
mod jobs;
mod overlap;
mod promise;
mod restore;
mod sweep;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use crate::core::{
    Core, Error, Event, EventKind, FailureReason, FetchNo, Input, NewFetch, Output, RecordIndex,
    TransferNo, Warning,
};
use crate::map::Map;
use crate::store::{DEPOSED, Store, StoreError};

pub use host::Host;
pub use jobs::Job;
pub use promise::{Settlers, dom_exception};

use browser::Browser;
use clock::Clock;
use hand::Hand;

/// The driver of one scope.
pub struct Driver {
    core: RefCell<Core>,
    store: Rc<Store>,
    host: Host,
    clock: Clock,
    browser: Browser,
    /// Bytes and requests in our hands.
    hands: RefCell<Map<TransferNo, Hand>>,
    /// What the core does not need to know of the background fetches it knows.
    jobs: RefCell<Map<FetchNo, Job>>,
    network: RefCell<Vec<clock::Listener>>,
    /// Whether the host keeps the worker alive for us.
    busy: Cell<bool>,
    stopped: Cell<bool>,
}

impl Driver {
    /// Opens the store of a scope and takes up what was under way.
    /// At most `windows` requests for parts of one large body are under way at once.
    pub async fn open(scope: &str, host: Host, windows: usize) -> Result<Rc<Self>, StoreError> {
        let (store, stored) = Store::open(scope).await?;
        let origin = web_sys::Url::new(scope)
            .map(|url| url.origin())
            .unwrap_or_default();
        let seed = (js_sys::Math::random() * (1u64 << 53) as f64) as u64;
        let mut core = Core::new(&origin, stored.next, seed);
        let browser = Browser::of_this_worker();
        core.limit_windows(windows, browser.longest_window());
        let driver = Rc::new(Self {
            core: RefCell::new(core),
            store: Rc::new(store),
            host,
            clock: Clock::default(),
            browser,
            hands: RefCell::default(),
            jobs: RefCell::default(),
            network: RefCell::default(),
            busy: Cell::new(false),
            stopped: Cell::new(false),
        });
        driver.watch_network();
        for fetch in stored.fetches {
            driver.restore(fetch);
        }
        Ok(driver)
    }

    /// Starts a background fetch; `job` carries its rows. The core has taken its id when this returns.
    pub(crate) fn start(self: &Rc<Self>, new: NewFetch, job: Job) -> Result<FetchNo, StartError> {
        if self.stopped.get() {
            return Err(StartError::Store(StoreError::Deposed));
        }
        let started = self.core.borrow_mut().start(self.clock.now(), new);
        let no = started.map_err(StartError::Core)?;
        self.jobs.borrow_mut().insert(no, job);
        self.drain();
        Ok(no)
    }

    /// Aborts a background fetch: `false` when it is not active.
    pub fn abort(self: &Rc<Self>, no: FetchNo) -> bool {
        let aborted = self.core.borrow_mut().abort(self.clock.now(), no);
        self.drain();
        contract(aborted)
    }

    /// Pauses a background fetch or lets it go on: `false` when that has no effect.
    pub fn pause(self: &Rc<Self>, no: FetchNo, paused: bool) -> bool {
        let effective = self.core.borrow_mut().pause(self.clock.now(), no, paused);
        self.drain();
        contract(effective)
    }

    /// Somebody asks to try again now: `anew` also what hears nothing.
    pub fn retry(self: &Rc<Self>, anew: bool) {
        self.input(Event::Retry { anew });
    }

    /// Whether the store takes Blobs.
    pub(crate) fn stores_blobs(&self) -> bool {
        self.store.blobs()
    }

    /// Reads of the core.
    pub(crate) fn core(&self) -> std::cell::Ref<'_, Core> {
        self.core.borrow()
    }

    pub(crate) fn jobs(&self) -> std::cell::RefMut<'_, Map<FetchNo, Job>> {
        self.jobs.borrow_mut()
    }

    fn input(self: &Rc<Self>, event: Event) {
        if self.stopped.get() {
            return;
        }
        let handled = self.core.borrow_mut().handle(Input {
            at: self.clock.now(),
            event,
        });
        contract(handled);
        self.drain();
    }

    fn drain(self: &Rc<Self>) {
        loop {
            // The borrow ends before the output is performed.
            let output = self.core.borrow_mut().poll_output();
            let Some(output) = output else { return };
            self.perform(output);
        }
    }

    fn perform(self: &Rc<Self>, output: Output) {
        match output {
            Output::Commit(commit) => self.commit(commit),
            Output::Request(transfer) => self.request(transfer),
            Output::Read(transfer) => self.read(transfer),
            Output::Gather(transfer) => self.gather(transfer),
            Output::Stop(transfer) => self.stop(transfer),
            Output::Drop(transfer) => self.forget(transfer),
            Output::Probe(key) => self.probe(key),
            Output::Started(no) => self.started(no),
            Output::Refused(no, why) => self.refused(no, why),
            Output::Announce(no) => self.announce(no),
            Output::Tell(no) => self.tell(no),
            Output::Dispatch(no, kind) => self.dispatch(no, kind),
            Output::Sweep(no) => self.sweep(no),
            Output::Warn(warning) => self.warn(warning),
            Output::WakeAt(at) => self.wake_at(at),
            Output::Busy(busy) => self.busy(busy),
        }
    }

    fn busy(&self, busy: bool) {
        if self.busy.replace(busy) != busy {
            self.host.busy(busy);
        }
    }

    fn announce(self: &Rc<Self>, no: FetchNo) {
        if let Some(state) = self.state(no) {
            self.host.announce(&state);
        }
    }

    fn tell(self: &Rc<Self>, no: FetchNo) {
        if let Some(job) = self.jobs.borrow_mut().get_mut(&no) {
            job.ended();
        }
        let (driver, state) = (self.clone(), self.state(no));
        spawn_local(async move {
            driver.host.tell(&state.unwrap_or_default()).await;
            driver.input(Event::Told(no));
        });
    }

    fn dispatch(self: &Rc<Self>, no: FetchNo, kind: EventKind) {
        let (driver, state) = (self.clone(), self.state(no));
        spawn_local(async move {
            driver.host.dispatch(kind, &state.unwrap_or_default()).await;
            driver.input(Event::Delivered(no));
        });
    }

    fn warn(&self, warning: Warning) {
        let (fetch, index, text) = match warning {
            Warning::NoValidator(key) => (
                key.fetch,
                key.index,
                "a connection dropped and the download starts over for want of a strong validator; \
                 its server should send an ETag and, to other origins, \
                 Access-Control-Expose-Headers: ETag, Content-Range, Accept-Ranges",
            ),
            Warning::Undelivered(no) => (
                no,
                RecordIndex(0),
                "the worker died three times in the handler of its event, which is not \
                 dispatched again",
            ),
        };
        let url = self.jobs.borrow().get(&fetch).map(|job| job.url(index));
        self.host.warn(&format!(
            "background fetch of {}: {text}",
            url.unwrap_or_default()
        ));
    }

    /// The storage was cleared, or the registration goes, and every background fetch with it. Whoever
    /// knows one hears of its end; nothing of it may be stored again, so a new engine takes over from here.
    pub(crate) fn lose(self: &Rc<Self>, why: FailureReason) {
        if self.stopped.get() {
            return;
        }
        self.stop_for_good();
        for (no, mut job) in self.jobs.take().into_entries() {
            if let Some(state) = job.lost(no, why) {
                let driver = self.clone();
                spawn_local(async move { driver.host.tell(&state).await });
            }
        }
        self.host.lost(true);
    }

    /// Another engine has taken over, or a later version's is about to: whatever this one does from here on
    /// is in vain. Whoever waits for it has to ask the other one; or `again` here, to be told why not.
    #[inline(never)] // Where it is called from, twice, it would be there twice.
    fn depose(self: &Rc<Self>, again: bool) {
        if self.stopped.get() {
            return;
        }
        self.stop_for_good();
        for (_, mut job) in self.jobs.take().into_entries() {
            job.dismiss(&StoreError::Deposed.to_string(), DEPOSED);
        }
        self.host.lost(again);
    }

    fn stop_for_good(&self) {
        self.stopped.set(true);
        for (_, hand) in self.hands.take().into_entries() {
            hand.abort();
        }
        self.clock.wake_at(None, || {});
        self.store.close();
        self.busy(false);
    }
}

/// Why a background fetch cannot be started.
#[derive(Debug)]
pub(crate) enum StartError {
    Core(crate::core::StartError),
    Store(StoreError),
}

/// The driver drains after every input, so that the one rule cannot be broken.
fn contract<T>(outcome: Result<T, Error>) -> T {
    match outcome {
        Ok(value) => value,
        Err(Error::NotDrained) => unreachable!(),
    }
}
