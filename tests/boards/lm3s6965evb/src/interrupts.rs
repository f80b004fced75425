//! The interrupts of the LM3S6965.

everloop_board_cortex_m::interrupts! { 44;
    /// GPIO port A.
    GPIOA = 0,
    /// GPIO port B.
    GPIOB = 1,
    /// GPIO port C.
    GPIOC = 2,
    /// GPIO port D.
    GPIOD = 3,
    /// GPIO port E.
    GPIOE = 4,
    /// UART 0.
    UART0 = 5,
    /// UART 1.
    UART1 = 6,
    /// The synchronous serial interface.
    SSI0 = 7,
    /// I2C 0.
    I2C0 = 8,
    /// A fault of the pulse-width modulators.
    PWM_FAULT = 9,
    /// Pulse-width modulator 0.
    PWM0 = 10,
    /// Pulse-width modulator 1.
    PWM1 = 11,
    /// Pulse-width modulator 2.
    PWM2 = 12,
    /// Quadrature encoder 0.
    QEI0 = 13,
    /// Sequence 0 of the converter.
    ADC0 = 14,
    /// Sequence 1 of the converter.
    ADC1 = 15,
    /// Sequence 2 of the converter.
    ADC2 = 16,
    /// Sequence 3 of the converter.
    ADC3 = 17,
    /// The watchdog.
    WATCHDOG = 18,
    /// Timer 0, half A or both: the clock's alarm.
    TIMER0A = 19,
    /// Timer 0, half B.
    TIMER0B = 20,
    /// Timer 1, half A or both.
    TIMER1A = 21,
    /// Timer 1, half B.
    TIMER1B = 22,
    /// Timer 2, half A or both.
    TIMER2A = 23,
    /// Timer 2, half B.
    TIMER2B = 24,
    /// Comparator 0.
    COMPARATOR0 = 25,
    /// Comparator 1.
    COMPARATOR1 = 26,
    /// The system control: PLL, brown-out.
    SYSTEM_CONTROL = 28,
    /// The flash controller.
    FLASH = 29,
    /// GPIO port F.
    GPIOF = 30,
    /// GPIO port G.
    GPIOG = 31,
    /// UART 2.
    UART2 = 33,
    /// Timer 3, half A or both.
    TIMER3A = 35,
    /// Timer 3, half B.
    TIMER3B = 36,
    /// I2C 1.
    I2C1 = 37,
    /// Quadrature encoder 1.
    QEI1 = 38,
    /// The Ethernet controller.
    ETHERNET = 42,
    /// The hibernation module.
    HIBERNATION = 43,
}
