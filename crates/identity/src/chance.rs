//! Secrets and ids from the system's random source.

use ring::digest::{SHA256, digest};
use store::{Fault, random};

/// A secret of 256 bits for a cookie or a link: 64 hexadecimal digits.
pub(crate) fn secret() -> Result<String, Fault> {
    Ok(hexadecimal(&random::<32>()?))
}

/// An id of 128 bits: 32 hexadecimal digits.
pub(crate) fn id() -> Result<String, Fault> {
    Ok(hexadecimal(&random::<16>()?))
}

/// What is kept of a secret; it is chance enough that a plain hash suffices.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    hash
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
