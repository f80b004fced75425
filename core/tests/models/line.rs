//! A queue of people, as plain as it can be.

use std::collections::{BTreeMap, VecDeque};

use crate::Id;

/// Who waits, and who was told something and has not come yet. The forgotten stay wherever they are.
pub struct Line<T = ()> {
    waiting: VecDeque<Id>,
    told: BTreeMap<Id, T>,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), told: BTreeMap::new() }
    }
}

impl<T> Line<T> {
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn waits(&self, id: Id) -> bool {
        self.waiting.contains(&id)
    }

    /// How many were told something, and have not come.
    pub fn told(&self) -> impl Iterator<Item = &T> {
        self.told.values()
    }

    pub fn was_told(&self, id: Id) -> bool {
        self.told.contains_key(&id)
    }

    pub fn push(&mut self, id: Id) {
        assert!(!self.waits(id) && !self.was_told(id));
        self.waiting.push_back(id);
    }

    /// Tells the first one.
    pub fn tell(&mut self, what: T) -> bool {
        let Some(id) = self.waiting.pop_front() else { return false };
        self.told.insert(id, what);
        true
    }

    /// One comes who was told.
    pub fn come(&mut self, id: Id) -> Option<T> {
        self.told.remove(&id)
    }

    /// One goes who waited or was told: then what.
    pub fn leave(&mut self, id: Id) -> Option<T> {
        self.waiting.retain(|other| *other != id);
        self.come(id)
    }
}
