//! The interrupts of the nRF51822.

everloop_board_cortex_m::interrupts! { 32;
    /// Power and clocks.
    POWER_CLOCK = 0,
    /// The radio.
    RADIO = 1,
    /// The UART.
    UART0 = 2,
    /// SPI 0 or TWI 0.
    SPI0_TWI0 = 3,
    /// SPI 1 or TWI 1.
    SPI1_TWI1 = 4,
    /// Events of pins.
    GPIOTE = 6,
    /// The converter.
    ADC = 7,
    /// Timer 0: the clock has wrapped.
    TIMER0 = 8,
    /// Timer 1: the clock's alarm.
    TIMER1 = 9,
    /// Timer 2.
    TIMER2 = 10,
    /// Real-time counter 0.
    RTC0 = 11,
    /// The thermometer.
    TEMP = 12,
    /// The random numbers.
    RNG = 13,
    /// AES.
    ECB = 14,
    /// The radio's cipher and addresses.
    CCM_AAR = 15,
    /// The watchdog.
    WDT = 16,
    /// Real-time counter 1.
    RTC1 = 17,
    /// The quadrature decoder.
    QDEC = 18,
    /// The comparator.
    LPCOMP = 19,
    /// Software's own, 0.
    SWI0 = 20,
    /// Software's own, 1.
    SWI1 = 21,
    /// Software's own, 2.
    SWI2 = 22,
    /// Software's own, 3.
    SWI3 = 23,
    /// Software's own, 4.
    SWI4 = 24,
    /// Software's own, 5.
    SWI5 = 25,
}
