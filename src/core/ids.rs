//! The names of things: newtypes, so that one number is never taken for another.

use std::fmt;

/// The number of a background fetch within its scope. Never given twice, unlike the id that the
/// application chose: an id may be taken again as soon as its background fetch has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FetchNo(pub u64);

/// The place of a record within its background fetch, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordIndex(pub u32);

impl RecordIndex {
    /// Of the record at this place in a list of all.
    pub(crate) fn at(place: usize) -> Self {
        Self(u32::try_from(place).expect("a background fetch has less than 2^32 records"))
    }

    /// Where the record stands in a list of all.
    pub(crate) fn place(self) -> usize {
        self.0 as usize
    }
}

/// A record of any background fetch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// The background fetch.
    pub fetch: FetchNo,
    /// The record within it.
    pub index: RecordIndex,
}

/// One request on the network. A record needs several when it is fetched in windows or resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransferNo(pub u64);

/// One transaction of the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitNo(pub u64);

/// The [id](https://wicg.github.io/background-fetch/#background-fetch-id) that the application chose:
/// any DOMString, in UTF-16 because a `String` cannot hold a lone surrogate, and two ids that differ
/// must stay different.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Box<[u16]>);

impl Id {
    /// The code units of the id.
    pub fn units(&self) -> &[u16] {
        &self.0
    }
}

impl FromIterator<u16> for Id {
    fn from_iter<T: IntoIterator<Item = u16>>(units: T) -> Self {
        Self(units.into_iter().collect())
    }
}

impl From<&str> for Id {
    fn from(id: &str) -> Self {
        id.encode_utf16().collect()
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf16_lossy(&self.0), f)
    }
}
