//! The sessions over TLS. An end of one side is one of both to asyncio there, so no side ends before the other.

use std::net::Ipv4Addr;
use std::rc::Rc;

use everloop::tls::{open_tls_connection, open_unix_tls_connection, start_tls_server, start_unix_tls_server};

use super::{
    Desk, Role, Script, TCP_CLIENT, TCP_SERVER, UNIX_CLIENT, UNIX_SERVER, with_clients, with_server,
};
use crate::support::tls::Authority;
use crate::support::{Folder, any_port};
use crate::tests;

tests! {
    tls_sessions_with_a_server_of_cpythons
    tls_sessions_with_a_client_of_cpythons
    tls_sessions_with_a_server_of_cpythons_at_a_unix_socket
    tls_sessions_with_a_client_of_cpythons_at_a_unix_socket
}

/// An authority whose certificates lie in a folder for CPython.
fn shared() -> (Authority, Folder) {
    let (authority, folder) = (Authority::new(), Folder::new());
    authority.write_pem("localhost", folder.path());
    (authority, folder)
}

fn tls_sessions_with_a_server_of_cpythons() {
    everloop::run(async {
        let (authority, folder) = shared();
        let mut script = Script::start(Role::Server, "tcp", "", Some(folder.path())).await;
        let (port, connector) = (script.port().await, authority.connector("localhost"));
        let connect =
            async move || open_tls_connection((Ipv4Addr::LOCALHOST, port), &connector).await.unwrap();
        with_server(script, TCP_CLIENT, false, connect).await;
    })
    .unwrap();
}

fn tls_sessions_with_a_client_of_cpythons() {
    everloop::run(async {
        let ((authority, folder), desk) = (shared(), Rc::new(Desk::default()));
        let served = Rc::clone(&desk);
        let handler = async move |reader, writer| served.serve(TCP_SERVER, reader, writer).await;
        let server = start_tls_server(handler, any_port(), &authority.acceptor("localhost")).await.unwrap();
        let address = server.local_addrs()[0].to_string();
        let script = Script::start(Role::Client, "tcp", &address, Some(folder.path())).await;
        with_clients(script, TCP_SERVER, false, &desk).await;
    })
    .unwrap();
}

fn tls_sessions_with_a_server_of_cpythons_at_a_unix_socket() {
    everloop::run(async {
        let (authority, folder) = shared();
        let (path, connector) = (folder.join("socket"), authority.connector("localhost"));
        let address = path.to_str().unwrap();
        let mut script = Script::start(Role::Server, "unix", address, Some(folder.path())).await;
        script.port().await;
        let connect = async move || open_unix_tls_connection(&path, &connector).await.unwrap();
        with_server(script, UNIX_CLIENT, false, connect).await;
    })
    .unwrap();
}

fn tls_sessions_with_a_client_of_cpythons_at_a_unix_socket() {
    everloop::run(async {
        let ((authority, folder), desk) = (shared(), Rc::new(Desk::default()));
        let (path, served) = (folder.join("socket"), Rc::clone(&desk));
        let handler = async move |reader, writer| served.serve(UNIX_SERVER, reader, writer).await;
        let _server = start_unix_tls_server(handler, &path, &authority.acceptor("localhost")).await.unwrap();
        let address = path.to_str().unwrap();
        let script = Script::start(Role::Client, "unix", address, Some(folder.path())).await;
        with_clients(script, UNIX_SERVER, false, &desk).await;
    })
    .unwrap();
}
