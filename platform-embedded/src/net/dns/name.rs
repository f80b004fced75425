use super::error::LookupError;

/// The bytes of a name at most, as it goes over the wire.
const MOST: usize = 255;

/// A name as it goes over the wire, in small letters.
#[derive(Clone)]
pub(super) struct Name {
    bytes: [u8; MOST],
    len: usize,
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Name {
    const fn new() -> Self {
        Self { bytes: [0; MOST], len: 0 }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, label: &[u8]) -> Option<()> {
        let end = self.len + 1 + label.len();
        self.bytes.get_mut(self.len + 1..end)?.copy_from_slice(label);
        self.bytes[self.len + 1..end].make_ascii_lowercase();
        self.bytes[self.len] = u8::try_from(label.len()).ok()?;
        self.len = end;
        Some(())
    }

    /// The name with dots between its parts, and maybe one after the last.
    pub(super) fn from_text(text: &str) -> Result<Self, LookupError> {
        let mut name = Self::new();
        for label in text.strip_suffix('.').unwrap_or(text).as_bytes().split(|byte| *byte == b'.') {
            let known = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            if label.is_empty() || !label.iter().all(known) {
                return Err(LookupError::InvalidName);
            }
            if label.len() > 63 {
                return Err(LookupError::NameTooLong);
            }
            name.push(label).ok_or(LookupError::NameTooLong)?;
        }
        name.push(&[]).ok_or(LookupError::NameTooLong)?;
        Ok(name)
    }

    /// The name at `at` of a message, and where it ends. None if it makes no sense.
    pub(super) fn read(message: &[u8], mut at: usize) -> Option<(Self, usize)> {
        let mut name = Self::new();
        let mut end = None;
        // A pointer must go back, to before where it was pointed to, so that there is an end.
        let mut before = at;
        loop {
            let len = *message.get(at)?;
            match len {
                0 => {
                    name.push(&[])?;
                    return Some((name, end.unwrap_or(at + 1)));
                }
                1..=63 => {
                    let next = at + 1 + usize::from(len);
                    name.push(message.get(at + 1..next)?)?;
                    at = next;
                }
                192.. => {
                    let to = usize::from(u16::from_be_bytes([len & 63, *message.get(at + 1)?]));
                    if to >= before {
                        return None;
                    }
                    end.get_or_insert(at + 2);
                    (before, at) = (to, to);
                }
                _ => return None,
            }
        }
    }
}
