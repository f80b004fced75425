//! The addresses of names. Only with the feature `dns`.

mod addresses;
mod error;
mod lookup;
mod message;
mod name;

pub use addresses::Addresses;
pub use error::LookupError;
#[cfg(feature = "nal")]
pub(super) use message::Kind;
