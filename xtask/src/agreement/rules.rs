//! The service's rule tables beside the packages: where both speak, do they say the same?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fhir::finding::{Finding, Findings};
use fhir::validate::Validator;
use serde::Deserialize;
use serde_json::Value;

use super::judge::{errors, examine};
use super::mutate::{Dice, mutated};
use super::packages::{EDITIONS, profiles, validator};
use super::place::Place;
use super::table::{cut, share, table};
use super::{parallel, read, read_json, read_toml};

const HEAD: &str = include_str!("../../agreement/rules-and-packages.head.md");
/// The editions that the rule tables were written from.
const EDITION: [&str; 2] = ["jp-clins/1.10.0/", "jp-echeckup/1.5.0/"];
const MUTATIONS: usize = 1000;
/// Examples in a row of the table of differences.
const SHOWN: usize = 60;

/// A difference that is settled: by the rule that speaks, or by the finding of the packages that does.
#[derive(Deserialize)]
struct Settled {
    /// The start of a rule id of ours, or of `finding rule` of the packages; the longest that fits counts.
    rules: BTreeMap<String, String>,
    packages: BTreeMap<String, String>,
}

/// What a fault made speak up that was silent before.
struct Outcome {
    kind: &'static str,
    place: String,
    base: bool,
    rules: BTreeSet<String>,
    packages: BTreeSet<String>,
}

/// The document `docs/agreement/rules-and-packages.md`.
pub(crate) fn document(data: &Path) -> Result<String, String> {
    let settled: Settled = read_toml("rules-and-packages.toml")?;
    let rows: Vec<Value> = read_json(&data.join("examples/expected.json"))?;
    let files: Vec<&str> = rows.iter().filter_map(|row| row["file"].as_str()).collect();
    let bundles = files.into_iter().filter(|file| file.contains("/Bundle-"));
    let bundles: Vec<&str> =
        bundles.filter(|file| EDITION.iter().any(|edition| file.starts_with(edition))).collect();
    let outcomes = parallel(&bundles, |file| outcomes(data, file));
    let outcomes: Vec<Vec<Outcome>> = outcomes.into_iter().collect::<Result<_, _>>()?;
    let mut out = HEAD.to_owned();
    out.push_str("\n## By Bundle\n\n");
    let mut all: Vec<(&str, Vec<&Outcome>)> =
        bundles.iter().zip(&outcomes).map(|(file, list)| (*file, list.iter().collect())).collect();
    all.push(("**all**", outcomes.iter().flatten().collect()));
    out.push_str(&table(
        [
            "Bundle",
            "faults",
            "R4 refuses",
            "neither",
            "both",
            "rules alone",
            "packages alone",
            "same verdict",
        ],
        all.iter().map(|(file, list)| counts(file, list)),
    ));
    let every = &all.last().ok_or("no Bundle")?.1;
    let alone = |ours: fn(&Outcome) -> &BTreeSet<String>, theirs: fn(&Outcome) -> &BTreeSet<String>| {
        let mut groups: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
        for outcome in every.iter().filter(|one| !one.base && theirs(one).is_empty()) {
            ours(outcome).iter().for_each(|key| groups.entry(key).or_default().push(outcome));
        }
        groups
    };
    out.push_str("\n## The rules speak alone\n\n");
    out.push_str(&differences("rule", alone(|one| &one.rules, |one| &one.packages), &settled.rules));
    out.push_str("\n## The packages speak alone\n\n");
    out.push_str(&differences(
        "finding and element",
        alone(|one| &one.packages, |one| &one.rules),
        &settled.packages,
    ));
    Ok(out)
}

fn outcomes(data: &Path, file: &str) -> Result<Vec<Outcome>, String> {
    let names = EDITIONS.iter().find(|row| file.starts_with(row.0)).ok_or("no edition")?.1;
    let (rules, packages) = (Validator::new(), validator(&profiles(data, names, Vec::new())?));
    let bytes = read(&data.join("examples").join(file))?;
    let sound: Value = serde_json::from_slice(&bytes).map_err(|error| format!("{file}: {error}"))?;
    let before = (examine(&rules, &bytes), examine(&packages, &bytes));
    let before = (said(&before.0), said(&before.1));
    let mut dice = Dice::new(file.bytes().fold(1, |seed, byte| seed * 31 % 1_000_003 + u64::from(byte)));
    let one = |_| {
        let fault = mutated(&sound, &mut dice);
        let bytes = fault.document.to_string().into_bytes();
        let by_rules = examine(&rules, &bytes);
        let by_packages = examine(&packages, &bytes);
        Outcome {
            kind: fault.kind,
            place: fault.place,
            base: new(&by_rules, &before.0).any(is_base),
            rules: new(&by_rules, &before.0).filter(|finding| !is_base(finding)).map(rule).collect(),
            packages: new(&by_packages, &before.1).filter(|finding| !is_base(finding)).map(element).collect(),
        }
    };
    Ok((0..MUTATIONS).map(one).collect())
}

/// Errors as their keys and places, to tell which are new.
fn said(findings: &Findings) -> BTreeSet<(String, String)> {
    errors(findings).map(identity).collect()
}

fn identity(finding: &Finding) -> (String, String) {
    (element(finding), Place::of(&finding.expression).without_indices().to_string())
}

fn new<'f>(findings: &'f Findings, before: &BTreeSet<(String, String)>) -> impl Iterator<Item = &'f Finding> {
    errors(findings).filter(|finding| !before.contains(&identity(finding)))
}

fn is_base(finding: &Finding) -> bool {
    finding.profile.is_none() && (finding.rule.as_deref() == Some("R4") || finding.key.starts_with("json"))
}

fn rule(finding: &Finding) -> String {
    finding.rule.as_deref().unwrap_or(finding.key).to_owned()
}

/// The finding with the element of the profile that asks: `profile-missing Patient.name`.
fn element(finding: &Finding) -> String {
    format!("{} {}", finding.key, finding.rule.as_deref().unwrap_or_default())
}

fn counts(file: &str, list: &[&Outcome]) -> [String; 8] {
    let of = |holds: fn(&Outcome) -> bool| list.iter().filter(|one| holds(one)).count();
    let neither = of(|one| !one.base && one.rules.is_empty() && one.packages.is_empty());
    let both = of(|one| !one.base && !one.rules.is_empty() && !one.packages.is_empty());
    let base = of(|one| one.base);
    [
        file.rsplit('/').next().unwrap_or(file).to_owned(),
        list.len().to_string(),
        base.to_string(),
        neither.to_string(),
        both.to_string(),
        of(|one| !one.base && !one.rules.is_empty() && one.packages.is_empty()).to_string(),
        of(|one| !one.base && one.rules.is_empty() && !one.packages.is_empty()).to_string(),
        share(base + neither + both, list.len()),
    ]
}

fn differences(
    head: &str,
    groups: BTreeMap<&str, Vec<&Outcome>>,
    settled: &BTreeMap<String, String>,
) -> String {
    let rows = groups.into_iter().map(|(key, list)| {
        let first = list.first().map(|one| format!("{} {}", one.kind, one.place)).unwrap_or_default();
        let fits = settled.iter().filter(|(start, _)| key.starts_with(start.as_str()));
        let why = fits.max_by_key(|(start, _)| start.len()).map(|(_, why)| why.clone());
        [key.to_owned(), list.len().to_string(), cut(&first, SHOWN), why.unwrap_or_default()]
    });
    table([head, "faults", "the first", "settled"], rows)
}
