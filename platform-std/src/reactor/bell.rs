use std::io;
use std::rc::Rc;

use super::driver::Driver;
use crate::signal::Ring;

/// A ring whose sound ends a park and wakes nobody. It is none of the reactor's sources, so that without others a busy
/// loop need not look for input.
pub(crate) struct Bell {
    driver: Rc<Driver>,
    ring: Ring,
}

impl Bell {
    pub(super) fn new(driver: Rc<Driver>, mut ring: Ring) -> io::Result<Self> {
        driver.register_bell(ring.source())?;
        Ok(Self { driver, ring })
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.driver.deregister_bell(self.ring.source());
    }
}
