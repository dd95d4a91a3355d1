//! The network of a world: requests go out, answers and bodies come in, as their servers will and as
//! chance allows.

use background_fetch_polyfill::core::{Event, Transfer, TransferNo};

use crate::bytes::Bytes;
use crate::driver::{Found, Hand};
use crate::server::{Act, Answer, Asked};
use crate::world::{Happening, World};

impl World {
    pub fn request(&mut self, transfer: Transfer) {
        let expected = transfer
            .overlap
            .zip(transfer.range)
            .map(|(overlap, range)| {
                let row = self.store.records.get(&transfer.key);
                let row = row.filter(|row| row.attempt == overlap.attempt);
                row.map_or(Bytes::default(), |row| {
                    row.body.slice(range.start, overlap.length)
                })
            });
        let mut hand = Hand::new(&transfer, expected);
        let request = &self.wanted[&transfer.key.fetch].requests[transfer.key.index.0 as usize];
        let asked = Asked {
            method: &request.method,
            range: transfer.range,
            if_range: transfer.if_range.as_deref(),
            now: self.now,
        };
        let busy = self.hands.values().filter(|hand| hand.open).count();
        let resource = self
            .resources
            .get_mut(&transfer.key)
            .expect("every record has a resource");
        if let (Some(chance), true) = (&mut self.chance, resource.acts.is_empty()) {
            let act = crate::chance::act(chance, resource.length);
            resource.acts.push_back(act);
        }
        if busy >= self.network.most {
            resource.acts.push_front(Act::Status(503, Some("60")));
        }
        let answer = match self.down {
            true => Answer::Fails,
            false => resource.answer(&asked),
        };
        if resource.broke_its_word(self.now) {
            let forgiven = if resource.blinded() {
                TransferNo(u64::MAX)
            } else {
                transfer.no
            };
            let tainted = self.checks.tainted.entry(transfer.key).or_insert(forgiven);
            *tainted = forgiven.max(*tainted);
        }
        let happening = match answer {
            Answer::Fails => Some(Happening::Fail(transfer.no)),
            Answer::Hangs => None,
            Answer::Head(mut head, body) => {
                head.arrived = Some(crate::headers::BEGINNING + self.now / 1_000);
                if head.status != 206 {
                    // No part, nothing to compare.
                    hand.expected = None;
                }
                hand.head = Some(*head);
                hand.body = body;
                Some(Happening::Answer(transfer.no))
            }
        };
        self.hands.insert(transfer.no, hand);
        if let Some(happening) = happening {
            self.served = self.served.max(self.now) + self.turn;
            let wait = self.served - self.now;
            self.plan_about(self.network.latency + wait, happening);
        }
    }

    pub fn answer(&mut self, transfer: TransferNo) {
        let Some(hand) = self.hands.get(&transfer).filter(|hand| hand.open) else {
            return;
        };
        let head = hand.head.clone().expect("planned with a head");
        self.input(Event::Responded { transfer, head });
    }

    pub fn fail_transfer(&mut self, transfer: TransferNo) {
        if let Some(hand) = self.hands.get_mut(&transfer).filter(|hand| hand.open) {
            hand.open = false;
            self.input(Event::Failed { transfer });
        }
    }

    pub fn read(&mut self, transfer: TransferNo) {
        let (part, rate) = (self.network.part, self.network.rate);
        let hand = self.hands.get_mut(&transfer).expect("checked");
        hand.reading = true;
        let after = match hand.find(part) {
            Found::Part(length) => {
                let own = self.network.pause + length / rate.max(1);
                own.max(self.through_link(length))
            }
            Found::End | Found::Failure => 0,
            // It may be reset later.
            Found::Nothing => 20_000,
        };
        self.plan_about(after, Happening::Body(transfer));
    }

    /// How long so many bytes wait for their turn on the link and take to pass it.
    fn through_link(&mut self, length: u64) -> u64 {
        let link = self.network.link;
        if link == 0 {
            return 0;
        }
        self.link_free = self.link_free.max(self.now * link) + length;
        self.link_free / link - self.now
    }

    pub fn body(&mut self, transfer: TransferNo) {
        let (part, down) = (self.network.part, self.down);
        let Some(hand) = self.hands.get_mut(&transfer).filter(|hand| hand.open) else {
            return;
        };
        if down {
            hand.lose();
        }
        match hand.find(part) {
            Found::Part(length) => {
                let event = hand.receive(transfer, length);
                self.input(event);
            }
            Found::End => {
                hand.open = false;
                self.input(Event::Ended { transfer });
            }
            Found::Failure => self.fail_transfer(transfer),
            Found::Nothing => {}
        }
    }

    /// Whatever was probed will not answer.
    pub fn forget_probes(&mut self) {
        self.agenda
            .retain(|_, happening| !matches!(happening, Happening::Probed(..)));
    }
}
