//! TLS of the hub's own, by rustls: its certificate, and the authorities whose client certificates it takes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ring::digest::{SHA256, digest};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{RootCertStore, ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

/// TLS, ready to accept connections.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

/// The files that TLS is made of, in PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The hub's certificate, and those between it and its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Certificates of the authorities whose client certificates are taken; without them nobody is asked for one.
    pub client_authorities: Option<PathBuf>,
}

/// Why TLS cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file does not hold what it should, in PEM.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, String),
    /// Key, certificate and authorities do not go together.
    #[error("{0}")]
    Together(String),
}

impl Tls {
    /// Reads the files. Whoever shows a client certificate must show one that these authorities gave and that holds today;
    /// whoever shows none is let through to sign in some other way.
    ///
    /// # Errors
    /// See [`TlsFault`].
    pub fn open(files: &TlsFiles) -> Result<Self, TlsFault> {
        let provider = Arc::new(crypto::ring::default_provider());
        let together = |why: &dyn std::fmt::Display| TlsFault::Together(why.to_string());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|why| together(&why))?;
        let config = match &files.client_authorities {
            None => config.with_no_client_auth(),
            Some(path) => {
                let mut authorities = RootCertStore::empty();
                for one in certificates(path)? {
                    authorities.add(one).map_err(|why| TlsFault::File(path.clone(), why.to_string()))?;
                }
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider)
                    .allow_unauthenticated()
                    .build();
                config.with_client_cert_verifier(verifier.map_err(|why| together(&why))?)
            }
        };
        let key = PrivateKeyDer::from_pem_file(&files.key);
        let key = key.map_err(|why| TlsFault::File(files.key.clone(), why.to_string()))?;
        let mut config =
            config.with_single_cert(certificates(&files.certificate)?, key).map_err(|why| together(&why))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    /// Shakes hands; answers the stream and SHA-256 of the client certificate that was verified, if there was one.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> std::io::Result<(TlsStream<TcpStream>, Option<[u8; 32]>)> {
        let stream = self.0.accept(stream).await?;
        let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let certificate = shown.map(|shown| fingerprint(shown));
        Ok((stream, certificate))
    }
}

/// SHA-256 of the first certificate in a PEM text, by which a terminal is known; none if there is none.
pub fn certificate_fingerprint(pem: &[u8]) -> Option<[u8; 32]> {
    CertificateDer::pem_slice_iter(pem).next()?.ok().map(|found| fingerprint(&found))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let wrong = |why: String| TlsFault::File(path.to_owned(), why);
    let all = CertificateDer::pem_file_iter(path).map_err(|why| wrong(why.to_string()))?;
    let all: Result<Vec<_>, _> = all.collect();
    let all = all.map_err(|why| wrong(why.to_string()))?;
    if all.is_empty() { Err(wrong("no certificate".to_owned())) } else { Ok(all) }
}

fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, certificate).as_ref());
    hash
}
