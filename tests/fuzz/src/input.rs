/// Choices, made by the bytes of the fuzzer. When there are none left, each is the first.
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// Choices made by these.
    pub fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    /// Whether all bytes are used.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }

    /// A number of at most 255 below this.
    pub fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end.max(1)
    }

    /// True for every `times`th value.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 1
    }

    /// The next two bytes.
    pub fn word(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// The next bytes: so many, or all that are left.
    pub fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        bytes
    }
}
