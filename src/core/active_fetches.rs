//! [Extensions to service worker registration](https://wicg.github.io/background-fetch/#service-worker-registration-concept-extensions):
//! the map of active background fetches.
//!
//! Its edit queue needs no code: the core takes one input at a time, which is what the queue is for.

use crate::map::Map;

use super::ids::{FetchNo, Id};

/// The active background fetches: an id is in here from the moment its background fetch is being
/// created until its end is decided.
#[derive(Clone, Debug, Default)]
pub(super) struct ActiveFetches(Map<Id, FetchNo>);

impl ActiveFetches {
    /// Takes the id for this background fetch; `false` when it is taken.
    pub fn insert(&mut self, id: &Id, no: FetchNo) -> bool {
        if self.0.contains_key(id) {
            return false;
        }
        self.0.insert(id.clone(), no);
        true
    }

    /// Sets the id free, unless a later background fetch has it by now.
    pub fn remove(&mut self, id: &Id, no: FetchNo) {
        if self.get(id) == Some(no) {
            self.0.remove(id);
        }
    }

    pub fn get(&self, id: &Id) -> Option<FetchNo> {
        self.0.get(id).copied()
    }
}
