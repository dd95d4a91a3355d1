//! What of a world lasts: transactions, and the next life of the worker.

use background_fetch_polyfill::core::{Commit, Core, Event, FetchNo, StoreFailure, Write};

use crate::bytes::Bytes;
use crate::store::Transaction;
use crate::world::{Happening, OWN, World};

impl World {
    pub fn commit(&mut self, commit: Commit) {
        let mut downloaded = 0;
        let mut created = None;
        let mut taken = Vec::new();
        for write in &commit.writes {
            let mut of_write = (None, Bytes::default());
            match write {
                Write::Create(no) => created = Some(self.wanted[no].clone()),
                Write::End { fetch, .. } => {
                    downloaded = self.core.state(*fetch).expect("known").downloaded;
                }
                Write::Record(record) => {
                    if let Some(hand) = record.head.and_then(|head| self.hands.get(&head)) {
                        of_write.0 = hand.head.clone();
                    }
                    if let Some(chunk) = record.chunk {
                        let hand = self.hands.get_mut(&chunk.transfer).expect("checked");
                        of_write.1 = hand.bytes.take(chunk.length);
                    }
                }
                _ => {}
            }
            taken.push(of_write);
        }
        let chance = self.chance.as_mut();
        let by_chance = chance.and_then(crate::chance::store_failure);
        let fails = self.store_faults.pop_front().flatten().or(by_chance);
        self.pending.push_back(Transaction {
            commit,
            taken,
            downloaded,
            created,
            fails,
        });
        self.plan_about(self.network.disk, Happening::Stored);
    }

    pub fn stored(&mut self) {
        let Some(transaction) = self.pending.pop_front() else {
            return;
        };
        let no = transaction.commit.no;
        let event = match self.run_transaction(&transaction) {
            Ok(()) => Event::Committed(no),
            Err(why) => Event::CommitFailed { commit: no, why },
        };
        self.input(event);
    }

    fn run_transaction(&mut self, transaction: &Transaction) -> Result<(), StoreFailure> {
        let outcome = self.store.run(transaction, self.now);
        self.check(|checks, world| checks.transaction(world, transaction, outcome));
        outcome
    }

    /// The worker dies and, a second later, another takes up what is stored.
    pub fn kill(&mut self) {
        let under_way = self.pending.len();
        let survivors = match &mut self.chance {
            Some(chance) => chance.below(under_way as u64 + 1) as usize,
            None => self
                .kills
                .survivors
                .pop_front()
                .unwrap_or(under_way)
                .min(under_way),
        };
        let pending = std::mem::take(&mut self.pending);
        for transaction in pending.iter().take(survivors) {
            let _ = self.run_transaction(transaction);
        }
        let loses = match &mut self.chance {
            Some(chance) => chance.one_in(3),
            None => self.kills.losses.pop_front().unwrap_or_default(),
        };
        if loses {
            self.store.lose_last();
        }
        self.check(|checks, world| checks.killed(world));
        self.hands.clear();
        self.agenda
            .retain(|_, happening| matches!(happening, Happening::Do(_)));
        self.wake = None;
        self.lives += 1;
        self.now += 1_000;
        self.born = self.now;
        self.core = Core::new(OWN, FetchNo(self.store.next), self.seed ^ self.lives);
        let life = self.lives;
        for snapshot in self.store.snapshots(self.now) {
            self.core.restore(self.clock(), snapshot).expect("drained");
            self.drain();
            if self.lives != life {
                return;
            }
        }
        if self.down && self.chance.as_mut().is_none_or(|chance| chance.one_in(2)) {
            self.input(Event::Online(false));
        }
    }
}
