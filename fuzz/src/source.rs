//! Choices, drawn from the bytes that the fuzzer offers.

/// Bytes that are used up from the front; zeros after the last one.
pub struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        first
    }

    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// A length: one that matters to the core, or any that JavaScript can express.
    pub fn length(&mut self) -> u64 {
        const KIB: u64 = 1 << 10;
        const MIB: u64 = 1 << 20;
        match self.byte() {
            0..=31 => 0,
            32..=63 => 1,
            64..=95 => u64::from(self.byte()),
            choice @ 96..=239 => {
                let near = self.pick(&[KIB, 64 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB, 60 * MIB]);
                (near + u64::from(choice % 3)).saturating_sub(1)
            }
            _ => {
                let wide = (0..7).fold(0, |wide, _| wide << 8 | u64::from(self.byte()));
                wide.min((1 << 53) - 1)
            }
        }
    }

    /// Text that a header may hold: some of what follows, up to a line's end.
    pub fn text(&mut self) -> String {
        let length = usize::from(self.byte() % 48).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        String::from_utf8_lossy(text).into_owned()
    }
}
