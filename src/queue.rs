//! A queue for the few entries that wait at a time: a vector.
//!
//! A `VecDeque` never moves what it holds, and for that is made anew for every type, at a kilobyte of
//! Wasm each. Moving ten thousand numbers, the longest that there is, takes microseconds.

use std::ops::{Deref, DerefMut};

/// A queue; what waits in it is seen as a slice, first to last.
#[derive(Clone, Debug)]
pub struct Queue<T>(Vec<T>);

impl<T> Queue<T> {
    /// An empty queue.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds one that comes last.
    pub fn push_back(&mut self, entry: T) {
        self.0.push(entry);
    }

    /// Adds one at a place; those from there on come after it.
    pub fn insert(&mut self, place: usize, entry: T) {
        self.0.insert(place, entry);
    }

    /// Takes the first.
    pub fn pop_front(&mut self) -> Option<T> {
        self.remove(0)
    }

    /// Takes the one at a place.
    pub fn remove(&mut self, place: usize) -> Option<T> {
        (place < self.0.len()).then(|| self.0.remove(place))
    }

    /// Keeps those that `keep` wants.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.0.retain(keep);
    }

    /// The first.
    pub fn front(&self) -> Option<&T> {
        self.0.first()
    }
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Extend<T> for Queue<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, entries: I) {
        self.0.extend(entries);
    }
}

impl<T> Deref for Queue<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> DerefMut for Queue<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    #[test]
    fn first_come_is_first_served_unless_put_before() {
        let mut queue = Queue::new();
        queue.extend([1, 2]);
        queue.push_back(3);
        queue.insert(0, 0);
        assert_eq!(queue.front(), Some(&0));
        assert_eq!(queue.remove(2), Some(2));
        queue.insert(2, 2);
        assert_eq!(queue.remove(2), Some(2));
        assert_eq!(queue.remove(3), None);
        let served: Vec<_> = std::iter::from_fn(|| queue.pop_front()).collect();
        assert_eq!(served, [0, 1, 3]);
    }
}
