//! TLS as it is seen from outside: the hub calls its own address and sees what it is offered.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Url;

use super::Reading;
use crate::place::Place;

const WITHIN: Duration = Duration::from_secs(10);
/// The type of a TLS record that goes on with a handshake (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;

pub(super) async fn read(place: &Place) -> Vec<Reading> {
    let Ok(url) = Url::parse(&place.base_url) else { return Vec::new() };
    if url.scheme() != "https" {
        return vec![Reading::new("tls_profile", false, json!({ "encrypted": false }))];
    }
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return Vec::new() };
    let reading = match timeout(WITHIN, seen(host, port)).await {
        Ok(Ok(reading)) => reading,
        Ok(Err(error)) => Reading::failed("tls_profile", &error.to_string()),
        Err(_) => Reading::failed("tls_profile", "timeout"),
    };
    vec![reading]
}

async fn seen(host: &str, port: u16) -> std::io::Result<Reading> {
    let (version, suite) = negotiated(host, port).await?;
    let takes_old = takes_tls_1_0(host, port).await?;
    let is_new = matches!(version, Some(ProtocolVersion::TLSv1_3 | ProtocolVersion::TLSv1_2));
    let measured = json!({
        "encrypted": true, "version": version.map(|one| format!("{one:?}")), "suite": suite, "takes_tls_1_0": takes_old,
    });
    Ok(Reading::new("tls_profile", is_new && !takes_old, measured))
}

async fn negotiated(host: &str, port: u16) -> std::io::Result<(Option<ProtocolVersion>, Option<String>)> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(std::io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Whoever(provider)))
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
    let stream = TcpStream::connect((host, port)).await?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let (_, connection) = stream.get_ref();
    let suite = connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite()));
    Ok((connection.protocol_version(), suite))
}

/// Offers nothing newer than TLS 1.0, by hand, for no library offers that any more: whoever takes it answers with a
/// handshake, whoever does not with an alert or not at all.
async fn takes_tls_1_0(host: &str, port: u16) -> std::io::Result<bool> {
    let mut hello = vec![3, 1];
    hello.extend([7; 32]);
    hello.push(0);
    let suites: [u8; 8] = [0xc0, 0x14, 0xc0, 0x13, 0x00, 0x35, 0x00, 0x2f];
    hello.extend([0, 8]);
    hello.extend(suites);
    hello.extend([1, 0]);
    let length = u8::try_from(hello.len()).unwrap_or(u8::MAX);
    let mut record = vec![HANDSHAKE, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    let mut stream = TcpStream::connect((host, port)).await?;
    stream.write_all(&record).await?;
    let mut first = [0];
    Ok(stream.read_exact(&mut first).await.is_ok() && first[0] == HANDSHAKE)
}

/// Believes any certificate: what is measured is the line, and nothing is said on it.
#[derive(Debug)]
struct Whoever(Arc<CryptoProvider>);

impl ServerCertVerifier for Whoever {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
