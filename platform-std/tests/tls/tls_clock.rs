//! The system's time jumps: only the judgement of certificates hangs on it.

use crate::support::tls::Authority;
use crate::support::{pair, poll_once};
use crate::wall_clock::{YEAR, jump};
use everloop::embedded_io_async::{Read, Write};
use everloop::gather;
use everloop::tls::rustls::{CertificateError, Error};
use everloop::tls::{TlsAcceptor, TlsError};

#[test]
fn after_a_jump_connections_go_on_and_new_certificates_are_judged_by_the_new_time() {
    everloop::run(async {
        let authority = Authority::new();
        let (chain, key) = authority.certify_with("localhost", |params| {
            params.not_after = rcgen::date_time_ymd(2100, 1, 1);
        });
        let acceptor = TlsAcceptor::with_certificate(chain, key).unwrap();
        let handshake = async || {
            let (near, far) = pair().await;
            // Not one that goes on from a session of before, for which no certificate is looked at.
            let connector = authority.connector("localhost");
            let (near, far) = gather((connector.connect(near), acceptor.accept(far))).await;
            (near.unwrap(), far.unwrap())
        };
        let (near, far) = handshake().await;
        let (mut near, mut far) = (near.unwrap(), far.unwrap());

        jump(200 * YEAR);
        let (refused, _) = handshake().await;
        let error = refused.unwrap_err();
        assert!(
            matches!(
                &error,
                TlsError::Protocol(Error::InvalidCertificate(CertificateError::ExpiredContext { .. }))
            ),
            "{error}"
        );
        for n in 0..3 {
            near.write_all(&[n]).await.unwrap();
            let mut got = [0];
            far.read_exact(&mut got).await.unwrap();
            assert_eq!(got, [n]);
        }
        assert!(poll_once(near.read(&mut [0])).await.is_none());

        jump(0);
        let (near_again, far_again) = handshake().await;
        drop((near_again.unwrap(), far_again.unwrap()));
    })
    .unwrap();
}
