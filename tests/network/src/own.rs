//! Cases of what only a board's network has: an address that is asked for, datagrams; and what `wide` has.

#[cfg(feature = "wide")]
mod wide;

use crate::failure::{During, Failure, Outcome, ensure};
use crate::report::Report;
use crate::request::Order;
use crate::server::OwnCases;
use core::net::{Ipv4Addr, SocketAddr};
use everloop_embedded::net::{Stack, UdpSocket};
use everloop_embedded::{Duration, wait_for};

/// What QEMU's network lends, and where it answers for this machine and for DNS servers.
const LENT: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 15);
const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);
const DNS: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 3);

/// How long an answer to a datagram may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The cases of a stack.
pub struct Own(pub Stack);

impl OwnCases for Own {
    async fn run(&self, order: &Order, report: &mut Report<'_>) {
        let stack = &self.0;
        if order.datagrams == 0 {
            return;
        }
        report.case("address_by_dhcp", by_dhcp(stack)).await;
        report.case("datagrams", datagrams(stack, order.datagrams)).await;
        #[cfg(feature = "wide")]
        wide::run(stack, order, report).await;
    }
}

async fn by_dhcp(stack: &Stack) -> Outcome {
    let address = stack.addresses().find(|address| address.ip.is_ipv4());
    let right = address.is_some_and(|address| (address.ip, address.prefix) == (LENT.into(), 24));
    ensure!(right, "{address:?} was lent");
    ensure!(stack.dns_servers().any(|server| server == DNS), "no DNS server was told");
    Ok(())
}

/// The host sends back what it gets.
async fn datagrams(stack: &Stack, port: u16) -> Outcome {
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let socket = UdpSocket::bind(stack, any).during("bind")?;
    let host = SocketAddr::from((HOST, port));
    for size in [1, 2, 63, 300, 500] {
        let sent = [size as u8; 500];
        socket.send_to(&sent[..size], host).await.during("send")?;
        let mut heard = [0; 512];
        let received = wait_for(socket.recv_from(&mut heard), PATIENCE).await;
        let Ok(received) = received else {
            return Err(Failure::new(format_args!("{size} bytes do not come back")));
        };
        let (count, from) = received.during("receive")?;
        ensure!(from == host, "{from} answers");
        ensure!(heard[..count] == sent[..size], "{count} bytes of {size} come back, or others");
    }
    Ok(())
}
