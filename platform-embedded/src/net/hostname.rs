use core::fmt;

use smoltcp::wire::DhcpOption;

/// DHCP's option for the name of the host that asks.
const OPTION: u8 = 12;

/// The name of this host, for [`Config::hostname`](super::Config::hostname). For a `static`, since the DHCP client keeps
/// referring to it.
///
/// ```
/// use everloop_embedded::net::{Config, Hostname};
///
/// static NAME: Hostname = Hostname::new("sensor-1");
///
/// let config = Config::dhcp().hostname(&NAME);
/// ```
pub struct Hostname {
    option: [DhcpOption<'static>; 1],
}

impl Hostname {
    /// A name of 1 to 63 letters, digits and hyphens, which neither begins nor ends with a hyphen. Others are refused
    /// when a stack is to be configured with it.
    pub const fn new(name: &'static str) -> Self {
        Self { option: [DhcpOption { kind: OPTION, data: name.as_bytes() }] }
    }

    pub(super) fn option(&'static self) -> &'static [DhcpOption<'static>] {
        &self.option
    }

    pub(super) fn is_valid(&self) -> bool {
        let name = self.option[0].data;
        let plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        plain && (1..=63).contains(&name.len()) && !name.starts_with(b"-") && !name.ends_with(b"-")
    }
}

impl fmt::Debug for Hostname {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It came from a `str`.
        let name = core::str::from_utf8(self.option[0].data).unwrap_or_default();
        f.debug_tuple("Hostname").field(&name).finish()
    }
}
