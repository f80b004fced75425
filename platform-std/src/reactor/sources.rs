//! The table of what is registered.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use mio::Token;

use super::readiness::Readiness;
use super::token;

/// So many places come and go together, since each alone in memory would need as much again for being there.
const PAGE: usize = 32;

type Page = [Slot; PAGE];

struct Slot {
    readiness: Readiness,
    /// [`UNPARK`](token::UNPARK), which is no source's, while it is free.
    token: Cell<Token>,
}

/// So that it fits into a cache line.
const _: () = assert!(size_of::<Slot>() <= 64);

impl Slot {
    fn new() -> Self {
        Self { readiness: Readiness::new(), token: Cell::new(token::UNPARK) }
    }
}

/// All that is registered with a driver.
#[derive(Default)]
pub(super) struct Sources {
    pages: RefCell<Vec<Rc<Page>>>,
    /// The free places, of which the last is taken next.
    free: RefCell<Vec<u32>>,
    count: Cell<usize>,
    generation: Cell<usize>,
}

/// A source's own place in the table, and in the room beside its number the source.
pub(super) struct Place<S = ()> {
    page: Rc<Page>,
    index: u32,
    pub(super) source: S,
}

impl Place {
    pub(super) fn of<S>(self, source: S) -> Place<S> {
        Place { page: self.page, index: self.index, source }
    }
}

impl<S> Place<S> {
    pub(super) fn readiness(&self) -> &Readiness {
        &self.slot().readiness
    }

    pub(super) fn token(&self) -> Token {
        self.slot().token.get()
    }

    fn slot(&self) -> &Slot {
        &self.page[self.index as usize % PAGE]
    }
}

impl Sources {
    pub(super) fn is_empty(&self) -> bool {
        self.count.get() == 0
    }

    pub(super) fn len(&self) -> usize {
        self.count.get()
    }

    /// A place for a source, with a token that none had before. None if there can't be so many.
    pub(super) fn take(&self) -> Option<Place> {
        let mut free = self.free.borrow_mut();
        let mut pages = self.pages.borrow_mut();
        if free.is_empty() {
            let first = pages.len() * PAGE;
            // As far as they can be numbered; the least of them is the next.
            free.extend((first..first + PAGE).rev().filter_map(|index| {
                token::new(index, 0)?;
                u32::try_from(index).ok()
            }));
            pages.push(Rc::new(std::array::from_fn(|_| Slot::new())));
        }
        let index = free.pop()?;
        self.generation.set(self.generation.get().wrapping_add(1));
        let place = Place { page: Rc::clone(&pages[index as usize / PAGE]), index, source: () };
        place.slot().token.set(token::new(index as usize, self.generation.get())?);
        self.count.set(self.count.get() + 1);
        Some(place)
    }

    /// What comes for the place's token is nobody's from now on.
    pub(super) fn forget<S>(&self, place: &Place<S>) {
        place.slot().token.set(token::UNPARK);
    }

    /// Gives a place back that nobody refers to any more.
    pub(super) fn give_back<S>(&self, place: &Place<S>) {
        self.forget(place);
        // Foreign code may run here, and take another place.
        place.readiness().reset();
        self.count.set(self.count.get() - 1);
        let (mut free, mut pages) = (self.free.borrow_mut(), self.pages.borrow_mut());
        free.push(place.index);
        if self.is_empty() {
            *free = Vec::new();
            *pages = Vec::new();
        }
    }

    /// The place of a token, if it is that of a source.
    pub(super) fn find(&self, token: Token) -> Option<Place> {
        let index = token::index(token);
        let page = Rc::clone(self.pages.borrow().get(index / PAGE)?);
        let place = Place { page, index: u32::try_from(index).ok()?, source: () };
        (place.token() == token).then_some(place)
    }
}
