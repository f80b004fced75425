use std::io;
use std::rc::Rc;

use mio::net::UnixStream;

use super::driver::Driver;

/// A stream whose input ends a park and wakes nobody. It is none of the reactor's sources, so that without others a
/// busy loop need not look for input.
pub(crate) struct Bell {
    driver: Rc<Driver>,
    stream: UnixStream,
}

impl Bell {
    pub(super) fn new(driver: Rc<Driver>, mut stream: UnixStream) -> io::Result<Self> {
        driver.register_bell(&mut stream)?;
        Ok(Self { driver, stream })
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.driver.deregister_bell(&mut self.stream);
    }
}
