//! The archive: every file of a pack, and the hash of each.

use std::io::{Cursor, Write};

use audit::Event;
use jiff::tz::{TimeZone, offset};
use paper::{NotSet, NotWritten, csv, pdf, xlsx};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use store::Evidence;
use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipWriter};

use super::{Gathered, form, minute, oscal};

/// Why a pack was not put together.
#[derive(Debug, thiserror::Error)]
pub enum NotPacked {
    /// The document could not be set.
    #[error(transparent)]
    Document(#[from] NotSet),
    /// The workbook could not be written.
    #[error(transparent)]
    Workbook(#[from] NotWritten),
    /// The archive could not be written.
    #[error(transparent)]
    Archive(#[from] zip::result::ZipError),
    /// A file of the archive could not be written.
    #[error(transparent)]
    File(#[from] std::io::Error),
}

/// Puts a pack together. `told` hears after each part, [`super::STEPS`] times. The same facts are always the same bytes.
///
/// # Errors
/// See [`NotPacked`].
pub fn archive(gathered: &Gathered, mut told: impl FnMut()) -> Result<Vec<u8>, NotPacked> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    files.push(("checklist.xlsx".to_owned(), xlsx(&form::workbook(gathered))?));
    told();
    files.push(("checklist.pdf".to_owned(), pdf(&form::document(gathered))?));
    told();
    for (name, value) in oscal::models(gathered) {
        files.push((format!("oscal/{name}.json"), pretty(&value)));
    }
    told();
    files.extend(evidence(gathered));
    files.push(("record/acts.csv".to_owned(), acts(gathered)));
    told();
    files.push(("README.txt".to_owned(), gathered.word("readme").replace('\n', "\r\n").into_bytes()));
    let sums = sums(&files);
    files.push(("SHA256SUMS".to_owned(), sums));
    let bytes = packed(&files, gathered)?;
    told();
    Ok(bytes)
}

/// What proves the items: a table of all of it, and a file for each control.
fn evidence(gathered: &Gathered) -> Vec<(String, Vec<u8>)> {
    let head =
        ["control", "source", "kind", "verdict", "true_at", "received_at", "holds_until", "by", "measured"];
    let row = |one: &Evidence| {
        let by = one.by.as_ref().map(|by| by.name.clone()).unwrap_or_default();
        let [true_at, received_at, until] = [one.true_at, one.received_at, one.holds_until].map(minute);
        let [control, source, kind] = [&one.control, &one.source, &one.kind].map(Clone::clone);
        [
            control,
            source,
            kind,
            verdict(one).to_owned(),
            true_at,
            received_at,
            until,
            by,
            one.measured.clone(),
        ]
    };
    let rows = std::iter::once(head.map(str::to_owned)).chain(gathered.evidence.iter().map(row));
    let mut files = vec![("evidence/evidence.csv".to_owned(), csv(rows))];
    let mut controls: Vec<&str> = gathered.evidence.iter().map(|one| one.control.as_str()).collect();
    controls.sort_unstable();
    controls.dedup();
    for control in controls {
        let of_it = gathered.evidence.iter().filter(|one| one.control == control);
        let all: Vec<Value> = of_it.map(told_of).collect();
        files.push((format!("evidence/{}.json", file_name(control)), pretty(&json!(all))));
    }
    files
}

fn told_of(one: &Evidence) -> Value {
    let measured: Value = serde_json::from_str(&one.measured).unwrap_or_else(|_| json!(one.measured));
    json!({
        "id": one.id.to_string(),
        "scope": one.scope,
        "control": one.control,
        "source": one.source,
        "kind": one.kind,
        "verdict": verdict(one),
        "measured": measured,
        "true_at": one.true_at,
        "received_at": one.received_at,
        "holds_until": one.holds_until,
        "by": one.by.as_ref().map(|by| &by.name),
    })
}

fn verdict(one: &Evidence) -> &'static str {
    if one.holds { "holds" } else { "fails" }
}

/// Acts of safety management. Events hold no clinical content; what names a patient is left out all the same.
fn acts(gathered: &Gathered) -> Vec<u8> {
    let head = ["at", "actor", "role", "outcome", "rule", "objects", "event"];
    let row = |one: &Event| {
        let actor = &one.actor;
        [
            minute(one.at),
            actor.name.clone(),
            (gathered.words)(&format!("role.{}", actor.role)),
            one.outcome.code().to_owned(),
            one.rule.clone(),
            one.objects.join(" "),
            one.id.to_string(),
        ]
    };
    let without_patient = gathered.acts.iter().filter(|one| one.patient.is_none());
    csv(std::iter::once(head.map(str::to_owned)).chain(without_patient.map(row)))
}

/// As `sha256sum --check` reads it.
fn sums(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let line =
        |(name, bytes): &(String, Vec<u8>)| format!("{}  {name}\n", hex(digest(&SHA256, bytes).as_ref()));
    files.iter().map(line).collect::<String>().into_bytes()
}

fn packed(files: &[(String, Vec<u8>)], gathered: &Gathered) -> Result<Vec<u8>, NotPacked> {
    let made = gathered.made_at.to_zoned(TimeZone::fixed(offset(9))).datetime();
    let part = |number: i8| number.unsigned_abs();
    let date = DateTime::from_date_and_time(
        made.year().unsigned_abs(),
        part(made.month()),
        part(made.day()),
        part(made.hour()),
        part(made.minute()),
        part(made.second()),
    );
    let options = SimpleFileOptions::default().last_modified_time(date.unwrap_or_default());
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(name.as_str(), options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}

/// A name that no system takes for a path.
fn file_name(control: &str) -> String {
    control
        .chars()
        .map(|one| if one.is_ascii_alphanumeric() || "_-".contains(one) { one } else { '_' })
        .collect()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
