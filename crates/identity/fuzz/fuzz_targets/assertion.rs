//! Whatever is sent as an assertion or registered as a key set, reading it must not panic, and nothing without a
//! signature by a key of the set is proved. Two parts with a zero byte between them: a key set, an assertion.
#![no_main]

use identity::app::{KeySet, Presented};
use libfuzzer_sys::fuzz_target;

const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-384","kid":"es",
    "x":"qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3",
    "y":"NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f"}]}"#;

fuzz_target!(|bytes: &[u8]| {
    let (keys, assertion) = match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (KEYS.as_bytes(), bytes),
    };
    let keys = std::str::from_utf8(keys).ok().and_then(|text| KeySet::parse(text).ok());
    let Ok(presented) = Presented::parse(std::str::from_utf8(assertion).unwrap_or_default()) else { return };
    let _ = keys.map(|keys| presented.prove(&keys).map(|proven| proven.spend(&[], jiff::Timestamp::UNIX_EPOCH)));
});
