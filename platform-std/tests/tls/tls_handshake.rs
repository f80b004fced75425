//! Handshakes: what the two sides agree on, and every way in which they don't.
#![allow(missing_docs)]

use std::io::ErrorKind;

use crate::support::tls::Authority;
use crate::support::{pair, poll_once};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::TcpStream;
use everloop::tls::rustls::{AlertDescription, CertificateError, Error, ProtocolVersion};
use everloop::tls::{TlsAcceptor, TlsConnector, TlsError, TlsStream};
use everloop::{Duration, create_task, gather, sleep};

type Handshaken = Result<TlsStream, TlsError>;

/// What each side says of a handshake, the client first.
async fn handshake(connector: &TlsConnector, acceptor: &TlsAcceptor) -> (Handshaken, Handshaken) {
    let (near, far) = pair().await;
    let (near, far) = gather((connector.connect(near), acceptor.accept(far))).await;
    (near.unwrap(), far.unwrap())
}

fn protocol(outcome: Handshaken) -> Error {
    match outcome {
        Err(TlsError::Protocol(error)) => error,
        other => panic!("{other:?} instead of an error of TLS"),
    }
}

#[test]
fn it_tells_what_was_agreed_on_and_who_the_peer_is() {
    everloop::run(async {
        let authority = Authority::new();
        let acceptor = authority.acceptor("everloop.test");
        let (near, far) = handshake(&authority.connector("everloop.test"), &acceptor).await;
        let (near, far) = (near.unwrap(), far.unwrap());
        assert_eq!(near.info().protocol_version(), Some(ProtocolVersion::TLSv1_3));
        assert_eq!(far.info().protocol_version(), Some(ProtocolVersion::TLSv1_3));
        assert!(near.info().cipher_suite().is_some());
        assert_eq!(near.info().cipher_suite(), far.info().cipher_suite());
        assert_eq!(near.info().peer_certificates().len(), 1);
        assert!(far.info().peer_certificates().is_empty());
        assert_eq!(far.info().server_name(), Some("everloop.test"));
        assert_eq!(near.info().server_name(), None);
        assert_eq!(near.info().alpn_protocol(), None);
        // The halves tell the same.
        let (reader, writer) = near.split();
        assert_eq!(reader.info().peer_certificates(), writer.info().peer_certificates());
        assert_eq!(reader.peer_addr().unwrap(), far.local_addr().unwrap());
        let near = TlsStream::reunite(reader, writer).unwrap();
        assert_eq!(near.local_addr().unwrap(), far.peer_addr().unwrap());
    })
    .unwrap();
}

#[test]
fn alpn_chooses_a_protocol() {
    everloop::run(async {
        let authority = Authority::new();
        let mut client = authority.client_config(None);
        client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let mut server = authority.server_config("localhost", false);
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        let connector = TlsConnector::new(client).server_hostname("localhost");
        let (near, far) = handshake(&connector, &TlsAcceptor::new(server)).await;
        assert_eq!(near.unwrap().info().alpn_protocol(), Some(&b"http/1.1"[..]));
        assert_eq!(far.unwrap().info().alpn_protocol(), Some(&b"http/1.1"[..]));
    })
    .unwrap();
}

#[test]
fn without_a_common_protocol_both_sides_fail() {
    everloop::run(async {
        let authority = Authority::new();
        let mut client = authority.client_config(None);
        client.alpn_protocols = vec![b"h2".to_vec()];
        let mut server = authority.server_config("localhost", false);
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        let connector = TlsConnector::new(client).server_hostname("localhost");
        let (near, far) = handshake(&connector, &TlsAcceptor::new(server)).await;
        assert_eq!(protocol(near), Error::AlertReceived(AlertDescription::NoApplicationProtocol));
        assert_eq!(protocol(far), Error::NoApplicationProtocol);
    })
    .unwrap();
}

#[test]
fn a_wrong_name_is_an_error_that_says_so() {
    everloop::run(async {
        let authority = Authority::new();
        let acceptor = authority.acceptor("right.test");
        let (near, far) = handshake(&authority.connector("wrong.test"), &acceptor).await;
        let error = protocol(near);
        assert!(
            matches!(error, Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. })),
            "{error}"
        );
        // The server is told.
        assert!(matches!(protocol(far), Error::AlertReceived(_)));
    })
    .unwrap();
}

#[test]
fn a_certificate_that_has_expired_is_an_error_that_says_so() {
    everloop::run(async {
        let authority = Authority::new();
        let (chain, key) = authority.certify_with("localhost", |params| {
            params.not_before = rcgen::date_time_ymd(2001, 1, 1);
            params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        });
        let acceptor = TlsAcceptor::with_certificate(chain, key).unwrap();
        let (near, far) = handshake(&authority.connector("localhost"), &acceptor).await;
        let error = protocol(near);
        assert!(
            matches!(error, Error::InvalidCertificate(CertificateError::ExpiredContext { .. })),
            "{error}"
        );
        assert_eq!(protocol(far), Error::AlertReceived(AlertDescription::CertificateExpired));
    })
    .unwrap();
}

#[test]
fn an_authority_that_is_not_trusted_is_an_error_that_says_so() {
    everloop::run(async {
        let acceptor = Authority::new().acceptor("localhost");
        let (near, far) = handshake(&Authority::new().connector("localhost"), &acceptor).await;
        let error = protocol(near);
        assert!(
            matches!(
                error,
                Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::BadSignature)
            ),
            "{error}"
        );
        assert!(matches!(protocol(far), Error::AlertReceived(_)));
    })
    .unwrap();
}

#[test]
fn an_address_may_be_the_name() {
    everloop::run(async {
        let authority = Authority::new();
        let acceptor = authority.acceptor("127.0.0.1");
        let (near, _far) = handshake(&authority.connector("127.0.0.1"), &acceptor).await;
        near.unwrap();
        let (near, _far) = handshake(&authority.connector("127.0.0.2"), &acceptor).await;
        assert!(matches!(protocol(near), Error::InvalidCertificate(_)));
    })
    .unwrap();
}

#[test]
fn a_client_shows_its_certificate_if_it_is_asked() {
    everloop::run(async {
        let authority = Authority::new();
        let identity = authority.certify("client.test");
        let certificate = identity.0[0].clone();
        let connector =
            TlsConnector::new(authority.client_config(Some(identity))).server_hostname("localhost");
        let acceptor = TlsAcceptor::new(authority.server_config("localhost", true));
        let (near, far) = handshake(&connector, &acceptor).await;
        near.unwrap();
        assert_eq!(far.unwrap().info().peer_certificates(), [certificate]);
    })
    .unwrap();
}

#[test]
fn a_client_without_the_certificate_that_is_asked_for_is_refused() {
    everloop::run(async {
        let authority = Authority::new();
        let acceptor = TlsAcceptor::new(authority.server_config("localhost", true));
        let (near, far) = handshake(&authority.connector("localhost"), &acceptor).await;
        assert_eq!(protocol(far), Error::NoCertificatesPresented);
        // The client was done before it was told.
        let error = near.unwrap().read(&mut [0; 8]).await.unwrap_err();
        assert!(matches!(
            TlsError::of(&error),
            Some(TlsError::Protocol(Error::AlertReceived(AlertDescription::CertificateRequired)))
        ));
    })
    .unwrap();
}

#[test]
fn a_handshake_has_a_time_limit_on_either_side() {
    everloop::run(async {
        let authority = Authority::new();
        let limit = Duration::from_millis(20);
        // Nobody at the other end says anything.
        let (near, mut far) = pair().await;
        let error =
            authority.connector("localhost").handshake_timeout(limit).connect(near).await.unwrap_err();
        assert!(matches!(error, TlsError::HandshakeTimeout(time) if time == limit), "{error}");
        assert_eq!(std::io::Error::from(error).kind(), ErrorKind::TimedOut);
        // The connection was closed.
        let mut hello = Vec::new();
        let mut buf = [0; 512];
        loop {
            match far.read(&mut buf).await {
                Ok(0) | Err(_) => break,
                Ok(count) => hello.extend_from_slice(&buf[..count]),
            }
        }
        assert_eq!(hello[0], 0x16);

        let (_near, far) = pair().await;
        let error = authority.acceptor("localhost").handshake_timeout(limit).accept(far).await.unwrap_err();
        assert!(matches!(error, TlsError::HandshakeTimeout(_)), "{error}");
        assert!(error.to_string().contains("20ms"), "{error}");
    })
    .unwrap();
}

#[test]
#[should_panic(expected = "no time at all")]
fn a_time_limit_of_zero_is_refused() {
    let _ = Authority::new().acceptor("localhost").handshake_timeout(Duration::ZERO);
}

#[test]
fn a_client_that_does_not_speak_tls_is_an_error() {
    everloop::run(async {
        let (mut near, far) = pair().await;
        near.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        let outcome = Authority::new().acceptor("localhost").accept(far).await;
        assert!(matches!(protocol(outcome), Error::InvalidMessage(_)));
        // It is told by an alert.
        let mut alert = [0; 7];
        near.read_exact(&mut alert).await.unwrap();
        assert_eq!(alert[0], 0x15);
    })
    .unwrap();
}

#[test]
fn a_server_that_does_not_speak_tls_is_an_error() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        far.write_all(b"220 welcome to this server\r\n").await.unwrap();
        let outcome = Authority::new().connector("localhost").connect(near).await;
        assert!(matches!(protocol(outcome), Error::InvalidMessage(_)));
    })
    .unwrap();
}

#[test]
fn a_peer_that_goes_during_the_handshake_is_an_error() {
    everloop::run(async {
        let authority = Authority::new();
        let (near, far) = pair().await;
        drop(far);
        let error = authority.connector("localhost").connect(near).await.unwrap_err();
        assert!(matches!(error, TlsError::Closed | TlsError::Io(_)), "{error}");
        let (near, far) = pair().await;
        drop(near);
        let error = authority.acceptor("localhost").accept(far).await.unwrap_err();
        assert!(matches!(error, TlsError::Closed), "{error}");
        assert_eq!(std::io::Error::from(error).kind(), ErrorKind::ConnectionReset);
        // Midway, when it has said something.
        let (near, far) = pair().await;
        let accepting = create_task(async move { authority.acceptor("localhost").accept(far).await });
        let mut near: TcpStream = near;
        near.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
        sleep(Duration::from_millis(1)).await;
        drop(near);
        assert!(matches!(accepting.await.unwrap(), Err(TlsError::Closed)));
    })
    .unwrap();
}

#[test]
fn a_handshake_that_is_given_up_closes_the_connection() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        let connector = Authority::new().connector("localhost");
        assert!(poll_once(connector.connect(near)).await.is_none());
        let mut buf = [0; 4096];
        while far.read(&mut buf).await.unwrap() > 0 {}
    })
    .unwrap();
}

#[test]
fn a_name_that_is_missing_or_none_is_an_error_that_says_what_to_do() {
    everloop::run(async {
        let authority = Authority::new();
        let (near, _far) = pair().await;
        let nameless = TlsConnector::trusting([authority.certificate()]).unwrap();
        let error = nameless.connect(near).await.unwrap_err();
        assert!(matches!(error, TlsError::NoName));
        assert!(error.to_string().contains("server_hostname"));
        let (near, _far) = pair().await;
        let error = authority.connector("no name").connect(near).await.unwrap_err();
        assert!(matches!(&error, TlsError::InvalidName(name) if name == "no name"));
        assert_eq!(std::io::Error::from(error).kind(), ErrorKind::InvalidInput);
    })
    .unwrap();
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused() {
    let authority = Authority::new();
    let (chain, _) = authority.certify("localhost");
    let (_, other) = authority.certify("localhost");
    assert!(TlsAcceptor::with_certificate(chain, other).is_err());
}
