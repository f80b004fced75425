//! A board's interrupt vectors.

/// Makes a board's `Interrupt` enumeration and its vector table, whose length comes first.
///
/// The names are symbols, which the board's `device.x` provides with a default; `#[interrupt]` functions override
/// them. Numbers that are left out have the default handler.
#[macro_export]
macro_rules! interrupts {
    ($count:literal; $($(#[$doc:meta])* $name:ident = $number:literal,)+) => {
        /// The board's interrupts.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        pub enum Interrupt {
            $($(#[$doc])* $name = $number,)+
        }

        // SAFETY: the numbers are an enumeration's discriminants: distinct and constant.
        unsafe impl $crate::cortex_m::interrupt::InterruptNumber for Interrupt {
            fn number(self) -> u16 {
                self as u16
            }
        }

        mod vectors {
            #[allow(non_snake_case)]
            mod handlers {
                // SAFETY: each is a function that cortex-m-rt, `device.x` or an `#[interrupt]` defines.
                unsafe extern "C" {
                    pub fn DefaultHandler();
                    $(pub fn $name();)+
                }
            }

            type Table = [unsafe extern "C" fn(); $count];

            // SAFETY: the section is where cortex-m-rt's linker script wants this table, under this name; it holds
            // only handlers.
            #[unsafe(no_mangle)]
            #[unsafe(link_section = ".vector_table.interrupts")]
            static __INTERRUPTS: Table = {
                let mut table: Table = [handlers::DefaultHandler; $count];
                $(table[$number] = handlers::$name;)+
                table
            };
        }
    };
}
