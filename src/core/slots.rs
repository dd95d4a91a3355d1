//! Slots on the wire, and who holds them: taken for a request, and given back when it is over or not wanted
//! any more.

use super::Core;
use super::ids::{FetchNo, RecordKey, TransferNo};
use super::output::Output;
use super::record::RecordState;

impl Core {
    /// Takes a slot on the wire for a request or a probe.
    pub(super) fn take_slot(&mut self, key: RecordKey) -> TransferNo {
        let now = self.now;
        self.last_transfer += 1;
        let slot = TransferNo(self.last_transfer);
        self.transfers.insert(slot, key);
        if let Some(record) = self.record(key) {
            record.patience.asked(now);
            let origin = record.origin;
            self.origins[origin].sent(now);
        }
        slot
    }

    /// A request is no longer on the wire; `false` if it was not.
    pub(super) fn release(&mut self, slot: TransferNo) -> bool {
        let Some(key) = self.transfers.remove(&slot) else {
            return false;
        };
        if let Some(origin) = self.look(key).map(|record| record.origin) {
            self.origins[origin].came_back();
        }
        true
    }

    /// Nothing more is wanted of a transfer than what commits that wait will ask for.
    pub(super) fn spend(&mut self, transfer: TransferNo) {
        let on_the_wire = self.release(transfer);
        if self.writes.spend(transfer) {
            self.outputs.push_back(Output::Drop(transfer));
        } else if on_the_wire {
            self.outputs.push_back(Output::Stop(transfer));
        }
    }

    /// Gives up the requests of a record and the bytes in hand, except one.
    pub(super) fn cut(&mut self, key: RecordKey, keep: Option<TransferNo>) {
        let cut = self.change(key, |record| {
            let mut cut = Vec::new();
            record.segments.retain(|segment| {
                let kept = keep.is_some() && segment.transfer == keep;
                if !kept {
                    cut.extend(segment.transfer);
                }
                kept
            });
            cut
        });
        for transfer in cut.into_iter().flatten() {
            self.spend(transfer);
        }
    }

    /// Gives up what is under way for a record, bytes that wait to be stored included.
    pub(super) fn discard(&mut self, key: RecordKey, keep: Option<TransferNo>) {
        for transfer in self.writes.forget(key) {
            self.outputs.push_back(Output::Drop(transfer));
        }
        self.cut(key, keep);
    }

    pub(super) fn put_on(&mut self, key: RecordKey, state: RecordState) {
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else {
            return;
        };
        fetch.open.push(key.index);
        if let Some(record) = fetch.record(key.index) {
            record.state = state;
        }
    }

    /// Takes a record out of whatever it waits in; its next state is up to the caller.
    pub(super) fn take_off(&mut self, key: RecordKey) {
        let Some(record) = self.record(key) else {
            return;
        };
        let (state, origin) = (record.state.clone(), record.origin);
        if let RecordState::Probing { slot, .. } | RecordState::Marking { slot } = state {
            self.release(slot);
        }
        let Some(fetch) = self.fetches.get_mut(&key.fetch) else {
            return;
        };
        match state {
            RecordState::Waiting => fetch.waiting.remove(origin, key.index),
            _ => fetch.open.retain(|&open| open != key.index),
        }
    }

    /// Stops all requests of a background fetch, keeping every byte that can be continued from.
    pub(super) fn suspend(&mut self, no: FetchNo) {
        let open = self.fetches.get(&no).map(|fetch| fetch.open.clone());
        for index in open.unwrap_or_default() {
            self.go_back(RecordKey { fetch: no, index });
        }
    }
}
