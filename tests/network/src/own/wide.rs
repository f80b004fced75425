//! IPv6 and names.

use super::HOST;
use crate::failure::{During, Failure, Outcome, ensure};
use crate::report::Report;
use crate::request::Order;
use core::net::{IpAddr, Ipv6Addr, SocketAddr};
use everloop_core::embedded_io_async::{Read, Write};
use everloop_embedded::net::{ConnectionWriter, LookupError, Network, Stack};
use everloop_embedded::{Duration, sleep, wait_for};

/// Where QEMU's network answers for this machine by IPv6, in the network that it advertises.
const HOST_V6: Ipv6Addr = Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 2);
/// How long a name is asked for: nobody may know one here.
const QUESTION: Duration = Duration::from_millis(300);

/// Runs the cases.
pub async fn run(stack: &Stack, order: &Order, report: &mut Report<'_>) {
    report.case("address_by_slaac", by_slaac(stack)).await;
    report.case("unknown_name", unknown_name(stack)).await;
    if order.six != 0 {
        report.case("connect_by_ipv6", by_ipv6(stack, order.six)).await;
    }
}

async fn by_slaac(stack: &Stack) -> Outcome {
    let wide = |ip: &Ipv6Addr| !ip.is_unicast_link_local();
    let found = async {
        loop {
            let v6 = |ip| if let IpAddr::V6(ip) = ip { Some(ip) } else { None };
            if let Some(ip) = stack.addresses().filter_map(|address| v6(address.ip)).find(wide) {
                return ip;
            }
            sleep(Duration::from_millis(20)).await;
        }
    };
    let Ok(ip) = wait_for(found, Duration::from_secs(10)).await else {
        return Err(Failure::new(format_args!("no address was made")));
    };
    ensure!(ip.segments()[..4] == HOST_V6.segments()[..4], "{ip} is in another network");
    // As RFC 4291 makes it of the hardware's address.
    ensure!(ip.octets()[11..13] == [0xff, 0xfe], "{ip} is not of the hardware's address");
    Ok(())
}

/// Nobody may have that name: either it is so, or there is nobody here who could know.
async fn unknown_name(stack: &Stack) -> Outcome {
    let free = stack.free_udp_sockets();
    ensure!(
        stack.lookup("10.0.2.2").await.is_ok_and(|mut ips| ips.next() == Some(HOST.into())),
        "no address"
    );
    match wait_for(stack.lookup("everloop.invalid"), QUESTION).await {
        Err(_) | Ok(Err(LookupError::NoSuchName | LookupError::ServerFailed)) => {}
        other => return Err(Failure::new(format_args!("{other:?} of a name that nobody has"))),
    }
    ensure!(stack.free_udp_sockets() == free, "the socket of the question is still taken");
    Ok(())
}

async fn by_ipv6(stack: &Stack, port: u16) -> Outcome {
    let mut connection = stack.connect(SocketAddr::from((HOST_V6, port))).await.during("connect")?;
    connection.write_all(b"echo\nsix").await.during("write")?;
    let mut heard = [0; 3];
    let read = connection.read_exact(&mut heard).await;
    ensure!(read.is_ok() && heard == *b"six", "another echo: {heard:?}, {read:?}");
    connection.write_eof().await.during("end")?;
    ensure!(connection.read(&mut heard).await == Ok(0), "no end");
    Ok(())
}
