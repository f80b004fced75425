use std::ops::Deref;
use std::rc::Rc;

use super::session::Session;
use crate::net::Kind;

/// What a stream and each of its halves hold of their connection. When the last is dropped, the connection closes in good
/// order.
pub(super) struct Handle<K: Kind> {
    session: Rc<Session<K>>,
}

impl<K: Kind> Handle<K> {
    /// The first, once the handshake is done: before, there is nothing to end.
    pub(super) fn new(session: Session<K>) -> Self {
        let session = Rc::new(session);
        let weak = Rc::downgrade(&session);
        session.socket().on_close(move || {
            if let Some(session) = weak.upgrade() {
                // What it does not take at once is lost, as it is without TLS.
                let _unsent = session.end_now();
            }
        });
        Self::of(session)
    }

    fn of(session: Rc<Session<K>>) -> Self {
        session.owners().set(session.owners().get() + 1);
        Self { session }
    }

    pub(super) fn is_of_one(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.session, &other.session)
    }
}

impl<K: Kind> Clone for Handle<K> {
    fn clone(&self) -> Self {
        Self::of(Rc::clone(&self.session))
    }
}

impl<K: Kind> Deref for Handle<K> {
    type Target = Rc<Session<K>>;

    fn deref(&self) -> &Rc<Session<K>> {
        &self.session
    }
}

impl<K: Kind> Drop for Handle<K> {
    fn drop(&mut self) {
        let owners = self.session.owners();
        owners.set(owners.get() - 1);
        if owners.get() == 0 {
            self.session.let_go();
        }
    }
}
