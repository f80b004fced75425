//! The reactor of the loop that the thread is running, where sockets find it.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::driver::Driver;
use super::error::ReactorError;

thread_local! {
    static CURRENT: RefCell<Option<Rc<Driver>>> = const { RefCell::new(None) };
}

/// The reactor of the running loop.
pub(crate) fn current() -> Result<Rc<Driver>, ReactorError> {
    // While the thread's locals are being destroyed no loop runs any more.
    CURRENT.try_with(|slot| slot.borrow().clone()).ok().flatten().ok_or(ReactorError::NoRunningLoop)
}

/// While it lives, its reactor is the thread's. The one before is restored when it is dropped. It stays on its thread.
#[must_use = "the reactor is left again when the guard is dropped"]
pub struct Entered {
    driver: Rc<Driver>,
    before: Option<Rc<Driver>>,
}

impl Entered {
    pub(super) fn new(driver: Rc<Driver>) -> Self {
        driver.enter();
        // While the thread's locals are being destroyed a loop that is one of them closes; there are no sockets then.
        let before = CURRENT.try_with(|slot| slot.replace(Some(Rc::clone(&driver)))).ok().flatten();
        Self { driver, before }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.driver.leave();
        let before = self.before.take();
        // What was in the slot is dropped here, outside its borrow.
        let _own = CURRENT.try_with(|slot| slot.replace(before));
    }
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entered")
    }
}
