//! What a failure means for a record: whether the server is
//! [temporarily unavailable](https://wicg.github.io/background-fetch/#infrastructure), what of the bytes
//! can be kept, and where to go on.

use super::Core;
use super::background_fetch::FailureReason;
use super::ids::{RecordKey, TransferNo};
use super::input::ProbeAnswer;
use super::output::{Output, Take, Warning};
use super::patience::{BRIEF, Probe};
use super::record::{Record, RecordState};
use super::segment::{Phase, Segment};

/// A request that never had an answer is refused when it fails so often while the server answers a
/// probe in between. Across origins CORS refuses for good; on the engine's own origin, behind a
/// redirect, and where the server has answered before, it may have been bad luck. With `integrity`, of
/// which a browser reports a drop and a mismatch in the same way, only the time tells: what took longer
/// than [`BRIEF`] may have been a drop, wherever it came from.
const REFUSALS: u32 = 1;
const REFUSALS_OF_A_FRIEND: u32 = 3;
/// While the platform says that it is offline, it is asked again this often: it may be wrong.
const OFFLINE: u64 = 60_000;
/// A connection that has been quiet for so long is given up when there is a reason to try again.
const QUIET: u64 = 2_000;

impl Core {
    /// A network error, or a body that became errored.
    pub(super) fn process_failure(&mut self, transfer: TransferNo) {
        let Some(key) = self.transfers.get(&transfer).copied() else {
            return;
        };
        self.release(transfer);
        let full = |segment: &mut Segment| {
            segment.phase == Phase::Receiving && segment.end == Some(segment.position())
        };
        if self
            .record(key)
            .and_then(|record| record.segment(transfer))
            .is_some_and(full)
        {
            // It failed to end, but it has all that was asked for.
            return self.segment_done(key, transfer);
        }
        let online = self.online;
        let Some(record) = self.record(key) else {
            return;
        };
        let repeatable = record.request.repeatable();
        let unanswered = |segment: &mut Segment| segment.phase == Phase::Requested;
        let unanswered = record.segment(transfer).is_some_and(unanswered);
        let first = repeatable && unanswered && online && record.patience.unasked();
        let origin = record.origin;
        if !(first && self.origins[origin].question()) {
            self.blame_origin(key, transfer, None);
        }
        if !repeatable {
            return self.fail_record(key, FailureReason::FetchError);
        }
        if unanswered && online && self.refused(key, transfer) {
            return;
        }
        let now = self.now;
        if self
            .record(key)
            .is_some_and(|record| record.found_coded(transfer, now))
        {
            return self.contradicted(key);
        }
        self.go_on_later(key, transfer);
    }

    /// The server says that it cannot answer now.
    pub(super) fn try_later(&mut self, key: RecordKey, transfer: TransferNo, wait: Option<u64>) {
        self.blame_origin(key, transfer, wait);
        self.go_on_later(key, transfer);
    }

    fn blame_origin(&mut self, key: RecordKey, transfer: TransferNo, wait: Option<u64>) {
        let now = self.now;
        let Some(record) = self.record(key) else {
            return;
        };
        let origin = record.origin;
        let requested = record
            .segment(transfer)
            .map_or(now, |segment| segment.requested);
        self.origins[origin].failed(now, requested, wait, &mut self.jitter);
    }

    /// A request had no answer. Tells a server that cannot be reached from one that refuses, with
    /// probes whose answer CORS cannot hide. `true` when the record has met its end, or starts over.
    fn refused(&mut self, key: RecordKey, transfer: TransferNo) -> bool {
        let (own, now) = (self.own(key), self.now);
        let Some(record) = self.record(key) else {
            return true;
        };
        let segment = record.segment(transfer);
        let plain = segment.as_ref().is_none_or(|segment| segment.plain());
        let brief = segment.is_none_or(|segment| now.since(segment.requested) < BRIEF);
        let friend = match record.request.integrity {
            true => !brief,
            false => own || record.data.attempt > 0 || record.patience.probe == Probe::Misled,
        };
        let head = record.data.head.as_ref();
        let visible = own && head.is_some_and(|head| head.same_origin);
        if !plain && (visible || record.trust.parts) {
            // No CORS refuses a part here: it was a drop, and what is stored stays.
            return false;
        }
        let patience = &mut record.patience;
        if !matches!(patience.probe, Probe::Reachable | Probe::Misled) {
            // A continuation that fails is a drop as a rule; only after many is it worth a question.
            if plain || patience.again() {
                patience.probe = Probe::Due;
            }
            return false;
        }
        patience.refusals += 1;
        patience.probe = Probe::Due;
        let tries = match friend {
            true => REFUSALS_OF_A_FRIEND,
            false => REFUSALS,
        };
        if patience.refusals < tries {
            return false;
        }
        patience.answered();
        let origin = record.origin;
        self.origins[origin].retry(self.now);
        match plain {
            true => self.fail_record(key, FailureReason::FetchError),
            // Perhaps only the partial responses lack their CORS headers.
            false => self.contradicted(key),
        }
        true
    }

    /// The answer of a server that nobody looked at.
    pub(super) fn process_probe(&mut self, key: RecordKey, answer: ProbeAnswer) {
        let now = self.now;
        if answer != ProbeAnswer::None {
            self.heard();
        }
        let Some(record) = self.record(key) else {
            return;
        };
        let RecordState::Probing { slot, since } = record.state else {
            return;
        };
        let origin = record.origin;
        let patience = &mut record.patience;
        patience.probe = match answer {
            ProbeAnswer::Server => Probe::Reachable,
            // Where it once led somewhere, that server is down.
            ProbeAnswer::Redirect if !patience.welcomed => Probe::Misled,
            _ => Probe::Idle,
        };
        let reachable = patience.probe != Probe::Idle;
        if reachable {
            patience.heard();
        }
        self.release(slot);
        match reachable {
            true => self.origins[origin].retry(now),
            false => {
                self.origins[origin].silent(now);
                self.origins[origin].failed(now, since, None, &mut self.jitter);
            }
        }
        self.wait_again(key);
    }

    /// Temporarily unavailable: keeps what can be kept and waits for the origin's next turn.
    fn go_on_later(&mut self, key: RecordKey, transfer: TransferNo) {
        let now = self.now;
        if !self.online {
            // Nobody's fault, so that it does not count.
            self.network_not_before = now + OFFLINE;
            return self.mend(key, transfer);
        }
        let Some(record) = self.record(key) else {
            return;
        };
        let part = |segment: &mut Segment| !segment.plain();
        let part = record.segment(transfer).is_some_and(part);
        // Where many requests were in vain and no byte ever came, it may be the parts, and the whole is
        // asked for next. If that fails as well, it is not the parts.
        let doubt = record.patience.in_vain();
        if doubt {
            record.trust.rangeless = part;
        }
        if !(doubt && part) && record.patience_ends(now) {
            return self.fail_record(key, FailureReason::FetchError);
        }
        record.patience.failed(now);
        self.mend(key, transfer);
    }

    /// Plans the rest of a broken window, or takes the record back to wait: for its turn, for the answer to
    /// a question, or to be asked for without windows.
    fn mend(&mut self, key: RecordKey, transfer: TransferNo) {
        let Some(record) = self.record(key) else {
            return;
        };
        let place = record.place_of(transfer);
        let patience = &record.patience;
        let stays =
            record.windows.is_some() && patience.probe != Probe::Due && !record.trust.rangeless;
        let Some(place) = place.filter(|_| stays) else {
            return self.go_back(key);
        };
        let broken = &mut record.segments[place];
        let (position, end) = (broken.position(), broken.end);
        broken.end = Some(position);
        broken.phase = Phase::Done;
        let empty = broken.received == 0;
        let rest = Segment {
            windowed: true,
            ..Segment::planned(position, end, Take::Stream)
        };
        record.segments.insert(place + 1, rest);
        self.release(transfer);
        if empty {
            self.change(key, |record| record.segments.remove(place));
            self.spend(transfer);
        }
        self.flush(key);
    }

    /// Takes a record off the network to wait for its next turn. Bytes that can be continued from are
    /// handed to the store, however few; where nothing proves what the rest is, it starts over.
    pub(super) fn go_back(&mut self, key: RecordKey) {
        let Some(record) = self.record(key) else {
            return;
        };
        match record.state {
            RecordState::InFlight => {}
            RecordState::Probing { slot, .. } => {
                self.release(slot);
                return self.wait_again(key);
            }
            _ => return,
        }
        let reach = record.reach();
        if record.data.head.is_some() && (reach == 0 || record.proof(reach).is_none()) {
            return self.restart(key);
        }
        while let Some(segment) = self.record(key).and_then(|r| r.segments.front().cloned()) {
            if segment.in_hand() > 0 {
                self.write_chunk(key, None);
            }
            if segment.phase != Phase::Done {
                break;
            }
            self.pop_segment(key);
        }
        self.cut(key, None);
        self.wait_again(key);
    }

    /// Starts a record over: nothing of it can be used. Its bytes are deleted with the first write of
    /// the next attempt, so that until then a reader still has them.
    pub(super) fn restart(&mut self, key: RecordKey) {
        let Some(record) = self.record(key) else {
            return;
        };
        if !record.request.repeatable() {
            return self.fail_record(key, FailureReason::FetchError);
        }
        if wants_validator(record) {
            self.outputs
                .push_back(Output::Warn(Warning::NoValidator(key)));
        }
        self.discard(key, None);
        let redundant = self.change(key, |record| {
            let redundant = record.data.stored > 0;
            record.data = record.data.abandoned();
            redundant
        });
        if redundant.unwrap_or_default() {
            self.update_instances(key.fetch);
        }
        self.wait_again(key);
    }

    /// An answer contradicts itself or an earlier one: starts over, but not for ever.
    pub(super) fn contradicted(&mut self, key: RecordKey) {
        let now = self.now;
        let Some(record) = self.record(key) else {
            return;
        };
        let origin = record.origin;
        if !record.contradicted() {
            self.origins[origin].retry(now);
            return self.fail_record(key, FailureReason::FetchError);
        }
        self.origins[origin].failed(now, now, None, &mut self.jitter);
        self.restart(key);
    }

    /// Puts a record among those that wait for their turn, at its place in order.
    pub(super) fn wait_again(&mut self, key: RecordKey) {
        self.take_off(key);
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else {
            return;
        };
        let Some(record) = fetch.records.get_mut(key.index.place()) else {
            return;
        };
        record.state = RecordState::Waiting;
        record.windows = None;
        fetch.waiting.insert(record.origin, key.index);
    }

    /// The platform's word about its network.
    pub(super) fn network_changed(&mut self, online: bool) {
        self.online = online;
        self.network_not_before = self.now + OFFLINE;
        if online {
            self.retry_now(true);
        }
    }

    /// A server has answered: where the platform says that there is no network, it is wrong.
    pub(super) fn heard(&mut self) {
        if !self.online {
            self.network_changed(true);
        }
    }

    /// Somebody has a reason to believe that it is worth trying now: nobody waits for his own choice
    /// any longer. Where nothing was heard for a while, `anew` asks again: the connection may have died
    /// with the network, and nobody tells.
    pub(super) fn retry_now(&mut self, anew: bool) {
        if anew {
            let (transfers, probes) = self.quiet(QUIET);
            // As if there were no network: nobody is to blame for what is cut here.
            let online = std::mem::replace(&mut self.online, false);
            self.give_up(transfers, probes);
            self.online = online;
        }
        self.network_not_before = self.now;
        for origin in &mut self.origins {
            origin.retry(self.now);
        }
        let fetches = self.fetches.values_mut();
        for record in fetches.flat_map(|fetch| &mut fetch.records) {
            record.patience.take_heart();
        }
    }

    /// The machine has slept: nobody has failed meanwhile, and no background fetch is given up before it had
    /// a try.
    pub(super) fn wake_up(&mut self) {
        for fetch in self.fetches.values_mut() {
            fetch.wake_up(self.now);
            for record in &mut fetch.records {
                record.patience.take_heart();
            }
        }
    }

    fn own(&self, key: RecordKey) -> bool {
        self.look(key)
            .is_some_and(|record| record.request.origin == self.own_origin)
    }
}

/// Whether bytes are lost for want of a validator that the server could show.
fn wants_validator(record: &Record) -> bool {
    let head = record.data.head.as_ref();
    record.taken() > 0
        && !record.data.coded
        && record.request.method == "GET"
        && head.is_some_and(|head| head.strong_validator().is_none() || record.trust.blind)
}
