//! Nothing here keeps time, but a test's executable is linked with all of the crate.

struct NoTime;

impl embassy_time_driver::Driver for NoTime {
    fn now(&self) -> u64 {
        0
    }

    fn schedule_wake(&self, _: u64, _: &std::task::Waker) {}
}

embassy_time_driver::time_driver_impl!(static DRIVER: NoTime = NoTime);
