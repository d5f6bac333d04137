//! Whatever the bytes, reading and judging them must not panic.
#![no_main]

use std::sync::LazyLock;

use fhir::finding::Language;
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use libfuzzer_sys::fuzz_target;

static VALIDATOR: LazyLock<Validator> = LazyLock::new(Validator::new);

fuzz_target!(|bytes: &[u8]| {
    let findings = match Parsed::parse(bytes, &Limits::default()) {
        Err(findings) => findings,
        Ok(document) => VALIDATOR.examine(&document),
    };
    let _ = findings.to_operation_outcome(Language::Japanese);
});
