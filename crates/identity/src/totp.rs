//! Codes by the clock (TOTP, RFC 6238): six digits, thirty seconds, one step to either side.

use jiff::Timestamp;
use store::{Fault, random};
use totp_rs::{Algorithm, Builder, Totp};

use crate::damaged;

/// What an authenticator app is set up with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// `otpauth://…`, to be shown as a QR code.
    pub url: String,
    /// The same secret to be typed, in base 32.
    pub typed: String,
}

const STEP: u64 = 30;

/// A new secret of 160 bits.
pub(crate) fn new_secret() -> Result<Vec<u8>, Fault> {
    Ok(random::<20>()?.to_vec())
}

/// How a secret is told to an app.
pub(crate) fn setup(secret: &[u8], login: &str, site: &str) -> Result<Setup, Fault> {
    let totp = totp(secret, login, site)?;
    Ok(Setup { url: totp.to_url().map_err(|_| damaged("a TOTP secret"))?, typed: totp.secret().to_base32() })
}

/// The step a code is of, if it is right now.
pub(crate) fn step(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<i64>, Fault> {
    let now = u64::try_from(now.as_second()).unwrap_or_default();
    Ok(totp(secret, "-", "-")?.check(code, now).map(|step| step.cast_signed()))
}

fn totp(secret: &[u8], login: &str, site: &str) -> Result<Totp, Fault> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(secret.to_vec())
        .with_account_name(login.to_owned())
        .with_issuer(Some(site.to_owned()))
        .build()
        .map_err(|_| damaged("a TOTP secret"))
}
