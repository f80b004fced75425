use core::fmt;

use crate::queue::{Items, Storage};

/// What failed in a [`task_group`](crate::task_group): one error or several, in the order in which they came up, that of
/// the body last. asyncio's `ExceptionGroup`.
pub struct ErrorGroup<E, S: Storage> {
    pub(super) children: S::Items<E>,
    pub(super) body: Option<E>,
}

impl<E, S: Storage> ErrorGroup<E, S> {
    pub(super) fn new() -> Self {
        Self { children: S::Items::<E>::EMPTY, body: None }
    }

    /// How many there are; at least one.
    pub fn len(&self) -> usize {
        self.children.len() + usize::from(self.body.is_some())
    }

    /// Never true of a group that was given to anybody.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The errors.
    pub fn iter(&self) -> impl Iterator<Item = &E> {
        self.children.iter().chain(&self.body)
    }
}

/// The errors, by value.
impl<E, S: Storage> IntoIterator for ErrorGroup<E, S> {
    type Item = E;
    type IntoIter = Errors<E, S>;

    fn into_iter(self) -> Errors<E, S> {
        Errors(self)
    }
}

/// The iterator of an [`ErrorGroup`] by value.
pub struct Errors<E, S: Storage>(ErrorGroup<E, S>);

impl<E, S: Storage> Iterator for Errors<E, S> {
    type Item = E;

    fn next(&mut self) -> Option<E> {
        self.0.children.pop_front().or_else(|| self.0.body.take())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl<E, S: Storage> ExactSizeIterator for Errors<E, S> {}

impl<E: fmt::Debug, S: Storage> fmt::Debug for Errors<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter()).finish()
    }
}

impl<E: fmt::Debug, S: Storage> fmt::Debug for ErrorGroup<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ErrorGroup ")?;
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<E: fmt::Display, S: Storage> fmt::Display for ErrorGroup<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.len();
        write!(f, "{count} {} in a task group", if count == 1 { "error" } else { "errors" })?;
        for (n, error) in self.iter().enumerate() {
            write!(f, "{} {error}", if n == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

impl<E: fmt::Debug + fmt::Display, S: Storage> core::error::Error for ErrorGroup<E, S> {}
