//! What the runtime tells `defmt`. Without the feature it is nothing.

/// `log!(warn, "text {}", value)`, with a level of `defmt`'s.
macro_rules! log {
    ($level:ident, $text:literal $(, $value:expr)* $(,)?) => {{
        #[cfg(feature = "defmt")]
        ::defmt::$level!($text $(, $value)*);
        #[cfg(not(feature = "defmt"))]
        {
            $(let _ = &$value;)*
        }
    }};
}

pub(crate) use log;
