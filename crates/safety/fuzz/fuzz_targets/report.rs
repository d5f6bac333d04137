//! Whatever is sent as a report or registered as a machine's key, reading it must not panic, and nothing that the key did
//! not sign is read. Two parts with a zero byte between them: a key, a report.
#![no_main]

use identity::app::MachineKey;
use libfuzzer_sys::fuzz_target;
use safety::report::{Sent, linux};

const KEY: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}"#;

fuzz_target!(|bytes: &[u8]| {
    let (key, report) = match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (KEY.as_bytes(), bytes),
    };
    let key = std::str::from_utf8(key).ok().and_then(|text| MachineKey::parse(text).ok());
    if let (Some(key), Ok(sent)) = (key, Sent::parse(report)) {
        let _ = sent.prove(&key).and_then(|signed| signed.read(jiff::Timestamp::UNIX_EPOCH));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (linux::sockets(text), linux::neighbours(text), linux::mounted(text), linux::administrators(text, text));
    }
});
