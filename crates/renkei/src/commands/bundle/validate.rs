//! Judging documents without a hub.

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use fhir::finding::{Finding, Findings, Position};
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use profile::{Library, Package, Profiles, UnknownProfile};

use super::pool::in_order;
use super::progress::{Progress, grouped};
use super::report::{self, Report};
use super::source::{self, Document, Input, Origin, Text};
use crate::cli::Validate;
use crate::commands::{Manner, talk};
use crate::fault::Fault;
use crate::library;

/// A document after it was judged, or why it could not be read.
struct Judged {
    origin: Origin,
    outcome: io::Result<(Findings, u64)>,
}

/// Judges everything named. False if one document is not acceptable.
pub(super) fn run(what: &Validate, manner: Manner) -> Result<bool, Fault> {
    let mut report = report::chosen(what, manner)?;
    let inputs = source::inputs(&what.files, what.ndjson, manner)?;
    let validator = validator(what, manner)?;
    let is_many = inputs.len() > 1 || inputs.iter().any(|input| input.is_lines);
    let bytes = inputs.iter().map(|input| input.size).sum::<u64>();
    let bytes = (!inputs.iter().any(|input| input.is_lines && input.size == 0)).then_some(bytes);
    let progress = Progress::new(bytes, is_many && !what.quiet && !what.no_progress, manner);
    let jobs = what.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
    let outcome = judge_all(&inputs, &validator, jobs, report.as_mut(), &progress);
    let totals = progress.end();
    let unread = outcome?;
    if is_many && !what.quiet {
        let (rate, megabytes) = totals.rates();
        let values: [(&str, &dyn std::fmt::Display); 6] = [
            ("documents", &grouped(totals.documents)),
            ("good", &grouped(totals.documents - totals.bad)),
            ("bad", &grouped(totals.bad)),
            ("seconds", &format!("{:.1}", totals.time.as_secs_f64())),
            ("rate", &grouped(rate)),
            ("megabytes", &format!("{megabytes:.1}")),
        ];
        talk(&manner.words("validate.done", &values));
    }
    if unread > 0 { Err(Fault::Unread(unread)) } else { Ok(totals.bad == 0) }
}

/// The base and the rules of the service, and the packages chosen.
fn validator(what: &Validate, manner: Manner) -> Result<Validator, Fault> {
    let rules = Validator::new();
    if what.no_packages {
        return Ok(rules);
    }
    let Some(profiles) = profiles(what, manner)? else {
        return match what.profile.first() {
            Some(profile) => Err(UnknownProfile(profile.clone()).into()),
            None => Ok(rules),
        };
    };
    let demanding = profiles.demanding(&what.profile)?;
    Ok(rules.with(if what.must_support { demanding.listing_must_support() } else { demanding }))
}

/// Those of all packages at hand, compiled before; or of the few that were named, compiled for this once.
fn profiles(what: &Validate, manner: Manner) -> Result<Option<Profiles>, Fault> {
    let folder = library::folder(what.library.folder.clone())?;
    if what.package.is_empty() {
        return library::profiles(&folder, manner);
    }
    let is_path = |name: &&String| Path::new(name).exists();
    let (paths, names): (Vec<&String>, Vec<&String>) = what.package.iter().partition(is_path);
    let read = paths.iter().map(|path| Package::read(Path::new(path))).collect::<Result<Vec<_>, _>>()?;
    let chosen = Library::open(&folder)?.narrowed(&names, read)?;
    Ok(Some(library::busy(manner, || Profiles::of(&chosen))))
}

/// Judges on `jobs` threads and reports in the order of the input; how many could not be read.
fn judge_all(
    inputs: &[Input],
    validator: &Validator,
    jobs: usize,
    report: &mut dyn Report,
    progress: &Progress,
) -> Result<usize, Fault> {
    let limits = Limits::default();
    let unread = AtomicUsize::new(0);
    let give = |hand_over: &mut dyn FnMut(Document) -> bool| {
        for input in inputs {
            match input.documents(limits.bytes, hand_over) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tell_unread(&input.path, &error, progress);
                    unread.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    };
    let work = |document| judge(document, validator, &limits);
    report.begin(&mut io::stdout().lock())?;
    in_order(jobs, give, work, |judged| -> Result<(), Fault> {
        let Judged { origin, outcome } = judged;
        match outcome {
            Err(error) => {
                tell_unread(&origin.path, &error, progress);
                unread.fetch_add(1, Ordering::Relaxed);
            }
            Ok((findings, bytes)) => {
                progress.add(bytes, findings.has_errors());
                let mut text = Vec::new();
                report.document(&origin, &findings, &mut text)?;
                if !text.is_empty() {
                    progress.beside(|| io::stdout().write_all(&text))?;
                }
            }
        }
        Ok(())
    })?;
    report.end(&mut io::stdout().lock())?;
    io::stdout().flush()?;
    Ok(unread.into_inner())
}

fn judge(document: Document, validator: &Validator, limits: &Limits) -> Judged {
    let origin = document.origin.clone();
    let outcome = document.text(limits.bytes).map(|text| match text {
        Text::Whole(bytes) => (findings(&bytes, validator, limits), bytes.len() as u64),
        Text::TooLong(size) => {
            let finding = Finding::new("json-too-large").found(size.to_string());
            (finding.expected(limits.bytes.to_string()).into(), size)
        }
    });
    let placed = |(findings, size): (Findings, u64)| match origin.line {
        Some(line) => (findings.inside(Position { line, column: 1 }), size),
        None => (findings, size),
    };
    Judged { outcome: outcome.map(placed), origin }
}

fn findings(bytes: &[u8], validator: &Validator, limits: &Limits) -> Findings {
    match Parsed::parse(bytes, limits) {
        Ok(parsed) => validator.examine(&parsed),
        Err(findings) => findings,
    }
}

fn tell_unread(path: &Path, error: &io::Error, progress: &Progress) {
    progress.beside(|| talk(&format!("renkei: {}: {error}", path.display())));
}

/// Whether standard output is a terminal that shows colours.
pub(super) fn shows_colour(manner: Manner) -> bool {
    match manner.colour {
        crate::cli::Colour::Always => true,
        crate::cli::Colour::Never => false,
        crate::cli::Colour::Auto => {
            io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}
