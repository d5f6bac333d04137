//! Prints what is found in files by the profiles of packages:
//! `cargo run -p profile --example examine -- PACKAGE.tgz … -- FILE …`, one finding a line.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use fhir::finding::{Finding, Findings, Language};
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use profile::{Library, Package, Profiles};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut sides = arguments.split(|argument| argument == "--");
    let packages = sides.next().unwrap_or_default().iter().map(|path| Package::read(Path::new(path)));
    let library = Library::of(packages.collect::<Result<_, _>>()?);
    let begin = Instant::now();
    let profiles = Profiles::of(&library);
    let mut out = io::stdout().lock();
    writeln!(out, "{profiles:?} in {:?}", begin.elapsed())?;
    for (profile, what) in profiles.oddities() {
        writeln!(out, "odd\t{profile}\t{what}")?;
    }
    let validator = Validator::new().with(profiles);
    for path in sides.next().unwrap_or_default() {
        let bytes = std::fs::read(path)?;
        let findings = match Parsed::parse(&bytes, &Limits::default()) {
            Err(findings) => findings,
            Ok(document) => validator.examine(&document),
        };
        print(&mut out, path, &findings)?;
    }
    Ok(())
}

fn print(out: &mut impl Write, path: &str, findings: &Findings) -> io::Result<()> {
    for finding in &findings.0 {
        tell(out, path, finding, 0)?;
    }
    if findings.0.is_empty() { writeln!(out, "{path}\tok") } else { Ok(()) }
}

fn tell(out: &mut impl Write, path: &str, finding: &Finding, depth: usize) -> io::Result<()> {
    let message = finding.message(Language::Japanese);
    let profile = finding.profile.as_deref().unwrap_or_default();
    let example = finding.example.as_deref().unwrap_or_default();
    writeln!(out, "{path}\t{}{finding:?}\t{message}\t{profile}\t{example}", "  ".repeat(depth))?;
    finding.consequences.iter().try_for_each(|one| tell(out, path, one, depth + 1))
}
