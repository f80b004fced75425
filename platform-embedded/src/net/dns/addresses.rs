use core::net::IpAddr;

/// So many addresses of a name are kept.
const MOST: usize = 6;

/// The addresses of a name, in the order in which the server gave them, the first six. An iterator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    ips: [Option<IpAddr>; MOST],
}

impl Addresses {
    pub(super) fn push(&mut self, ip: IpAddr) {
        if self.ips.contains(&Some(ip)) {
            return;
        }
        if let Some(free) = self.ips.iter_mut().find(|place| place.is_none()) {
            *free = Some(ip);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ips.iter().all(Option::is_none)
    }
}

impl Iterator for Addresses {
    type Item = IpAddr;

    fn next(&mut self) -> Option<IpAddr> {
        self.ips.iter_mut().find_map(Option::take)
    }
}
