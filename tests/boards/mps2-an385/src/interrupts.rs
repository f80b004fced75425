//! The interrupts of AN385.

everloop_board_cortex_m::interrupts! { 32;
    /// UART 0 has received.
    UARTRX0 = 0,
    /// UART 0 has sent.
    UARTTX0 = 1,
    /// UART 1 has received.
    UARTRX1 = 2,
    /// UART 1 has sent.
    UARTTX1 = 3,
    /// UART 2 has received.
    UARTRX2 = 4,
    /// UART 2 has sent.
    UARTTX2 = 5,
    /// Any pin of GPIO 0.
    GPIO0 = 6,
    /// Any pin of GPIO 1.
    GPIO1 = 7,
    /// Timer 0: the clock has wrapped.
    TIMER0 = 8,
    /// Timer 1: the clock's alarm.
    TIMER1 = 9,
    /// The dual timer.
    DUALTIMER = 10,
    /// Either SPI.
    SPI = 11,
    /// Any UART has lost something.
    UARTOVF = 12,
    /// The LAN9118.
    ETHERNET = 13,
    /// Audio.
    I2S = 14,
    /// The touch screen.
    TSC = 15,
    /// Any pin of GPIO 2.
    GPIO2 = 16,
    /// Any pin of GPIO 3.
    GPIO3 = 17,
    /// UART 3 has received.
    UARTRX3 = 18,
    /// UART 3 has sent.
    UARTTX3 = 19,
    /// UART 4 has received.
    UARTRX4 = 20,
    /// UART 4 has sent.
    UARTTX4 = 21,
    /// The SPI of the converter.
    SPI2 = 22,
    /// The SPI of the shields.
    SPI3 = 23,
    /// Pin 0 of GPIO 0.
    GPIO0_0 = 24,
    /// Pin 1 of GPIO 0.
    GPIO0_1 = 25,
    /// Pin 2 of GPIO 0.
    GPIO0_2 = 26,
    /// Pin 3 of GPIO 0.
    GPIO0_3 = 27,
    /// Pin 4 of GPIO 0.
    GPIO0_4 = 28,
    /// Pin 5 of GPIO 0.
    GPIO0_5 = 29,
    /// Pin 6 of GPIO 0.
    GPIO0_6 = 30,
    /// Pin 7 of GPIO 0.
    GPIO0_7 = 31,
}
