//! One listener, or several at one address, for all threads.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::net::kind::Kind;
use crate::net::server::at_each;
use crate::net::{BACKLOG, StartError, Tcp, TcpListener};

/// A listener on its way to the loop that will have it.
pub(super) type Handed<K> = Box<dyn FnOnce() -> io::Result<<K as Kind>::Listener> + Send>;

/// What all threads listen with.
pub(super) struct Listeners<K: Kind> {
    /// Of each thread.
    pub(super) handed: Vec<Vec<Handed<K>>>,
    pub(super) addresses: Vec<K::Addr>,
    /// Removes the path when it is dropped.
    #[cfg(unix)]
    pub(super) bound: Option<crate::net::unix::Bound>,
}

impl<K: Kind> Listeners<K> {
    fn new(threads: usize) -> Self {
        Self {
            handed: (0..threads).map(|_| Vec::new()).collect(),
            addresses: Vec::new(),
            #[cfg(unix)]
            bound: None,
        }
    }
}

/// Listens at each of `addresses` for so many threads.
pub(super) fn tcp(
    addresses: Vec<SocketAddr>,
    threads: usize,
    one_line: bool,
) -> Result<Listeners<Tcp>, StartError> {
    let mut all = Listeners::new(threads);
    for (listeners, at) in at_each(addresses, |address| listen(address, threads, one_line))? {
        all.addresses.push(at);
        for (handed, listener) in all.handed.iter_mut().zip(listeners) {
            handed.push(Box::new(move || TcpListener::from_std(listener)));
        }
    }
    Ok(all)
}

fn listen(address: SocketAddr, threads: usize, one_line: bool) -> io::Result<(Vec<StdListener>, SocketAddr)> {
    // Without `SO_REUSEPORT`: a port that another server has is in use, whatever that has set.
    let first = socket(address)?;
    first.bind(&address.into())?;
    let at = first.local_addr()?.as_socket().unwrap_or(address);
    let mut sockets = vec![first];
    if cfg!(target_os = "linux") && !one_line && threads > 1 {
        // Where the system does not know it, as in some containers, they share the first.
        if let Ok(others) = beside(&sockets[0], at, threads - 1) {
            sockets.extend(others);
        }
    }
    for socket in &sockets {
        socket.listen(BACKLOG as i32)?;
    }
    while sockets.len() < threads {
        sockets.push(sockets[0].try_clone()?);
    }
    Ok((sockets.into_iter().map(Into::into).collect(), at))
}

/// So many further sockets at the address of `first`.
#[cfg(target_os = "linux")]
fn beside(first: &Socket, at: SocketAddr, count: usize) -> io::Result<Vec<Socket>> {
    // It counts when the others are bound and when all listen.
    first.set_reuse_port(true)?;
    let others = (0..count).map(|_| {
        let socket = socket(at)?;
        socket.set_reuse_port(true)?;
        socket.bind(&at.into())?;
        Ok(socket)
    });
    others.collect()
}

#[cfg(not(target_os = "linux"))]
fn beside(_: &Socket, _: SocketAddr, _: usize) -> io::Result<Vec<Socket>> {
    Ok(Vec::new())
}

/// A socket with the options that `start_server` has.
fn socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if cfg!(not(windows)) {
        socket.set_reuse_address(true)?;
    }
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    Ok(socket)
}

/// Listens at `path` for so many threads.
#[cfg(unix)]
pub(super) fn unix(
    path: &std::path::Path,
    threads: usize,
) -> Result<Listeners<crate::net::Unix>, StartError> {
    let failed = |error| StartError::ListenUnix(path.to_owned(), error);
    let (listener, bound) = crate::net::unix::bind(path).map_err(failed)?;
    let mut all = Listeners::<crate::net::Unix>::new(threads);
    all.bound = bound;
    all.addresses.push(listener.local_addr().map_err(failed)?);
    for handed in &mut all.handed {
        let listener = listener.try_clone().map_err(failed)?;
        handed.push(Box::new(move || {
            let listener = crate::net::UnixListener::from_std(listener)?;
            // It is that of all.
            listener.keep_path();
            Ok(listener)
        }));
    }
    Ok(all)
}
