use embedded_hal_async::i2c::I2c;

/// The sensor's address with its address pin to ground.
pub const ADDRESS: u8 = 0x48;

/// The register that holds the temperature.
const TEMPERATURE: u8 = 0;

/// The driver of a TMP102-like sensor: a pointer says which register is read, and the temperature is 16 bits, the
/// more significant byte first, whose upper 12 count sixteenths of a degree Celsius.
#[derive(Debug)]
pub struct Thermometer<I> {
    i2c: I,
    address: u8,
}

impl<I: I2c> Thermometer<I> {
    /// The sensor with this 7-bit address on a bus. Nothing is sent yet.
    pub fn new(i2c: I, address: u8) -> Self {
        Self { i2c, address }
    }

    /// The temperature in thousandths of a degree Celsius.
    ///
    /// # Errors
    /// As the bus.
    pub async fn read(&mut self) -> Result<i32, I::Error> {
        let mut register = [0; 2];
        self.i2c.write_read(self.address, &[TEMPERATURE], &mut register).await?;
        let sixteenths = i32::from(i16::from_be_bytes(register) >> 4);
        Ok(sixteenths * 125 / 2)
    }
}
