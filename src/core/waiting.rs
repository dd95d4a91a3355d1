//! Records that wait for their turn: in order, and per origin, so that thousands that wait for one
//! server are not looked at for the sake of one that may go to another.

use crate::map::Map;
use crate::queue::Queue;

use super::ids::RecordIndex;

#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(Map<usize, Queue<RecordIndex>>);

impl Waiting {
    pub fn push_back(&mut self, origin: usize, index: RecordIndex) {
        self.0.get_or_default(origin).push_back(index);
    }

    /// Puts a record where it belongs, which is near the front as a rule.
    pub fn insert(&mut self, origin: usize, index: RecordIndex) {
        let queue = self.0.get_or_default(origin);
        let before = queue.iter().take_while(|&&waiting| waiting < index);
        queue.insert(before.count(), index);
    }

    /// The first record that is ready and whose origin can take a request.
    pub fn first(
        &self,
        may_ask: impl Fn(usize) -> bool,
        mut ready: impl FnMut(RecordIndex) -> bool,
    ) -> Option<RecordIndex> {
        let asked = self.0.iter().filter(|(origin, _)| may_ask(**origin));
        asked
            .filter_map(|(_, queue)| queue.iter().copied().find(|&index| ready(index)))
            .min()
    }

    /// Those that wait for an origin, in order.
    pub fn of(&self, origin: usize) -> &[RecordIndex] {
        self.0.get(&origin).map_or(&[], |queue| queue)
    }

    /// Whether a record waits for this origin.
    pub fn has(&self, origin: usize) -> bool {
        self.0.get(&origin).is_some()
    }

    /// Takes a record out, which is near the front as a rule.
    pub fn remove(&mut self, origin: usize, index: RecordIndex) {
        let Some(queue) = self.0.get_mut(&origin) else {
            return;
        };
        if let Some(place) = queue.iter().position(|&waiting| waiting == index) {
            queue.remove(place);
        }
        if queue.is_empty() {
            self.0.remove(&origin);
        }
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}
