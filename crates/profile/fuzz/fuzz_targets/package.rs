//! Whatever a package holds, reading it, completing its profiles and expanding its value sets must not panic.
//!
//! Bytes that begin as gzip are an archive. Others are the files of a package, one after the other with a zero byte
//! between them, so that the fuzzer need not learn to compress. Any package at hand is a seed for the first form, any
//! definition for the second.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use profile::{Library, Limits, Package};

const LIMITS: Limits = Limits { bytes: 4 << 20, file_bytes: 1 << 20, entries: 200 };
const MANIFEST: &[u8] = br#"{"name": "fuzz", "version": "1.0.0", "fhirVersions": ["4.0.1"], "dependencies": {"fuzz": "x"}}"#;

fuzz_target!(|bytes: &[u8]| {
    let package = if bytes.starts_with(&[0x1f, 0x8b]) {
        Package::from_bytes(bytes, Path::new("fuzz.tgz"), &LIMITS)
    } else {
        let files = bytes.split(|byte| *byte == 0).enumerate();
        let files = files.map(|(place, bytes)| (format!("{place}.json"), bytes.to_vec()));
        Package::from_files(files.chain([("package.json".to_owned(), MANIFEST.to_vec())]).collect())
    };
    let Ok(package) = package else { return };
    let id = package.id().clone();
    let library = Library::of(vec![package]);
    let resolver = library.resolver(&id);
    let _ = resolver.examine();
    for resource in library.packages()[0].resources() {
        if let Some(url) = &resource.url {
            let _ = resolver.value_set(url);
        }
    }
    let _ = library.code_systems();
});
