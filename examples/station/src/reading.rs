/// One sample of the sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its number, from 1. A sample that failed has none; one that was dropped has.
    pub seq: u64,
    /// When it was taken, in milliseconds since the sampler began.
    pub millis: u64,
    /// The temperature in thousandths of a degree Celsius.
    pub millidegrees: i32,
}
