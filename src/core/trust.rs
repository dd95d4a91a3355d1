//! What the answers to a record's requests have shown of its server: what can be relied on, and what
//! is not worth another try. Begins anew with every life of the worker.

/// How often a record may start over because an answer contradicts itself or an earlier one.
const CONTRADICTIONS: u8 = 3;

/// After so many parts that failed at their first byte it is not the network's fault.
pub(super) const EMPTY_PARTS: u32 = 8;

#[derive(Clone, Debug, Default)]
pub(super) struct Trust {
    /// How often an answer contradicted itself or an earlier one.
    pub contradictions: u8,
    /// Whether a part came and fitted: CORS does not refuse parts.
    pub parts: bool,
    /// Whether parts may come without a `Content-Range` that can be seen or a validator: a strong
    /// validator of the first response alone then proves nothing.
    pub blind: bool,
    /// A request for a range was answered by everything, or is not worth another try: no windows.
    pub rangeless: bool,
    /// Whether a byte of a part ever came, and how often none did.
    pub part_came: bool,
    pub empty_parts: u32,
    /// Whether an overlap differed, or could not be had: another one is not worth its bytes.
    pub overlap_failed: bool,
    /// Whether a range was answered with a 416 that did not fit.
    pub unsatisfied: bool,
    /// Where an unfinished body of a known length ended as if it were whole.
    pub short_end: Option<u64>,
}

impl Trust {
    /// Counts a contradiction; `false` when there were too many.
    pub fn contradicted(&mut self) -> bool {
        self.contradictions = self.contradictions.saturating_add(1);
        self.contradictions <= CONTRADICTIONS
    }
}
