//! A binary heap with the lowest item on top.

use core::cmp::Ordering;

use super::items::Items;
use super::order::Line;
use super::storage::QueueStorage;

/// The items of a priority queue. A push compares nothing; what was pushed is brought into its place by
/// [`settle`](Line::settle), one at a time, or at the latest by [`pop`](Line::pop).
///
/// Comparing is foreign code, and may panic: nothing is moved but by swaps, and an item is taken out after all
/// comparisons, so that none is lost; the order of what is left is then any.
#[doc(hidden)]
pub struct Heap<T, S: QueueStorage> {
    items: S::Items<Numbered<T>>,
    /// So many are a heap; those behind were pushed since.
    settled: usize,
    /// Of the next that is pushed.
    number: u32,
}

/// An item, and when it was put among its equals.
#[doc(hidden)]
pub struct Numbered<T> {
    number: u32,
    item: T,
}

impl<T: Ord> Numbered<T> {
    fn is_before(&self, other: &Self) -> bool {
        match self.item.cmp(&other.item) {
            Ordering::Less => true,
            Ordering::Greater => false,
            // The numbers go round.
            Ordering::Equal => self.number.wrapping_sub(other.number) > u32::MAX / 2,
        }
    }
}

impl<T: Ord, S: QueueStorage> Line for Heap<T, S> {
    type Item = T;

    const EMPTY: Self = Self { items: S::Items::<Numbered<T>>::EMPTY, settled: 0, number: 0 };
    const SORTS: bool = true;

    fn push(&mut self, item: T) -> Result<(), T> {
        let number = self.number;
        self.items.push_back(Numbered { number, item }).map_err(|numbered| numbered.item)?;
        self.number = number.wrapping_add(1);
        Ok(())
    }

    fn settle(&mut self) -> bool {
        let at = self.settled;
        if at >= self.items.len() {
            return false;
        }
        // Before the comparisons, so that an item whose comparison panics is in nobody's way for ever.
        self.settled += 1;
        rise(self.items.as_mut_slice(), at);
        true
    }

    fn pop(&mut self) -> Option<T> {
        while self.settle() {}
        let items = self.items.as_mut_slice();
        let last = items.len().checked_sub(1)?;
        // The one on top goes down to the bottom, and from there to the end; who was at the end goes up instead.
        let mut at = 0;
        while let Some(child) = lower_child(items, at) {
            items.swap(at, child);
            at = child;
        }
        items.swap(at, last);
        if at < last {
            rise(items, at);
        }
        self.discard()
    }

    fn discard(&mut self) -> Option<T> {
        let last = self.items.pop_back()?;
        self.settled = self.settled.min(self.items.len());
        Some(last.item)
    }

    fn len(&self) -> usize {
        self.items.len()
    }

    fn reserve(&mut self, len: usize) -> bool {
        self.items.reserve(len)
    }
}

/// Which of the two below is lower, if any is below.
fn lower_child<T: Ord>(items: &[Numbered<T>], at: usize) -> Option<usize> {
    let left = 2 * at + 1;
    let right = left + 1;
    if left >= items.len() {
        return None;
    }
    Some(if right < items.len() && items[right].is_before(&items[left]) { right } else { left })
}

/// Lets one rise while it is lower than the one above.
fn rise<T: Ord>(items: &mut [Numbered<T>], mut at: usize) {
    while at > 0 {
        let above = (at - 1) / 2;
        if !items[at].is_before(&items[above]) {
            break;
        }
        items.swap(at, above);
        at = above;
    }
}
