use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use everloop_core::Event;
use slab::Slab;

use crate::net::kind::Kind;
use crate::net::socket::Socket;

/// The connections of a server that are open.
pub(crate) struct Clients<K: Kind> {
    open: RefCell<Slab<Weak<Socket<K>>>>,
    /// Whether there will be no more.
    complete: Cell<bool>,
    /// Set once there are none and will be no more.
    gone: Event,
}

impl<K: Kind> Clients<K> {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self { open: RefCell::default(), complete: Cell::new(false), gone: Event::new() })
    }

    pub(super) fn len(&self) -> usize {
        self.open.borrow().len()
    }

    /// Counts a connection among them until it is closed.
    pub(crate) fn join(self: &Rc<Self>, socket: &Rc<Socket<K>>) {
        let number = self.open.borrow_mut().insert(Rc::downgrade(socket));
        // So many have no room in any memory.
        socket.belong_to(Rc::clone(self), u32::try_from(number).unwrap_or(u32::MAX));
    }

    /// The connection of this number is closed.
    pub(crate) fn remove(&self, number: u32) {
        let socket = self.open.borrow_mut().try_remove(number as usize);
        drop(socket);
        self.look();
    }

    /// There will be no more. False if that was known.
    pub(super) fn complete(&self) -> bool {
        !self.complete.replace(true)
    }

    pub(super) fn is_complete(&self) -> bool {
        self.complete.get()
    }

    /// Waits until there are none and will be no more.
    pub(super) async fn gone(&self) {
        self.gone.wait().await;
    }

    /// Calls `f` with each that is open now.
    pub(super) fn for_each(&self, f: impl Fn(&Socket<K>)) {
        // Without a borrow during the calls, which wake whoever waits for the connection.
        let open: Vec<_> = self.open.borrow().iter().filter_map(|(_, socket)| socket.upgrade()).collect();
        for socket in open {
            f(&socket);
        }
    }

    /// Tells those who wait if they need not wait any more.
    pub(super) fn look(&self) {
        if self.complete.get() && self.open.borrow().is_empty() {
            self.gone.set();
        }
    }
}
