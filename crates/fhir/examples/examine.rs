//! Prints what is found in files: `cargo run -p fhir --example examine -- FILE…`, one finding a line.

use std::io::{self, Write};

use fhir::finding::{Findings, Language};
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};

fn main() -> io::Result<()> {
    let validator = Validator::new();
    let mut out = io::stdout().lock();
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let findings = match Parsed::parse(&bytes, &Limits::default()) {
            Err(findings) => findings,
            Ok(document) => validator.examine(&document),
        };
        print(&mut out, &path, &findings)?;
    }
    Ok(())
}

fn print(out: &mut impl Write, path: &str, findings: &Findings) -> io::Result<()> {
    for finding in &findings.0 {
        let message = finding.message(Language::Japanese);
        writeln!(out, "{path}\t{finding:?}\t{message}\t{}", finding.found.as_deref().unwrap_or_default())?;
    }
    if findings.0.is_empty() { writeln!(out, "{path}\tok") } else { Ok(()) }
}
