//! Bytes of bodies, as symbols: a byte is named by the representation it comes from and its place in
//! it, so that a body of gigabytes costs nothing and a splice, a hole or an overlap is seen.

/// A run of consecutive bytes of one representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Which representation: no two of a world have the same number.
    pub of: u64,
    pub offset: u64,
    pub length: u64,
}

/// Some bytes, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bytes(Vec<Span>);

impl Bytes {
    pub fn of(of: u64, offset: u64, length: u64) -> Self {
        let mut bytes = Self::default();
        bytes.push(Span { of, offset, length });
        bytes
    }

    pub fn len(&self) -> u64 {
        self.0.iter().map(|span| span.length).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn push(&mut self, span: Span) {
        if span.length == 0 {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.of == span.of && last.offset + last.length == span.offset => {
                last.length += span.length;
            }
            _ => self.0.push(span),
        }
    }

    pub fn append(&mut self, more: Bytes) {
        for span in more.0 {
            self.push(span);
        }
    }

    /// Takes the first `length` bytes, or as many as there are.
    pub fn take(&mut self, length: u64) -> Bytes {
        let mut taken = Bytes::default();
        let mut missing = length;
        while missing > 0 && !self.0.is_empty() {
            let first = &mut self.0[0];
            let now = first.length.min(missing);
            taken.push(Span {
                length: now,
                ..*first
            });
            first.offset += now;
            first.length -= now;
            missing -= now;
            if first.length == 0 {
                self.0.remove(0);
            }
        }
        taken
    }

    /// `length` bytes from `offset` on.
    pub fn slice(&self, offset: u64, length: u64) -> Bytes {
        let mut rest = self.clone();
        rest.take(offset);
        rest.take(length)
    }

    /// The representation whose first bytes these are, without a gap; `None` for none at all.
    pub fn beginning_of(&self) -> Result<Option<u64>, String> {
        match self.0.as_slice() {
            [] => Ok(None),
            [only] if only.offset == 0 => Ok(Some(only.of)),
            spliced => Err(format!(
                "not the beginning of one representation: {spliced:?}"
            )),
        }
    }
}
