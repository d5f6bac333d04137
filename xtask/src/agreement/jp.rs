//! The cases of fhir-jp-validator: each document names the issues that the official validator raises on it.

use std::collections::BTreeMap;
use std::path::Path;

use fhir::finding::{Finding, Findings, Severity};
use fhir::validate::Validator;
use serde::Deserialize;
use serde_json::Value;

use super::judge::{all, errors, examine, places, told};
use super::packages::{JP_VALIDATOR, profiles};
use super::place::Place;
use super::table::{cut, share, table};
use super::{read, read_json, read_toml};

const HEAD: &str = include_str!("../../agreement/jp-validator.head.md");
const TAG: &str = "http://fhir-jp-validator.test/expected-issue";

/// Our reading of the suite: `xtask/agreement/jp-validator.toml`.
#[derive(Deserialize)]
struct Reading {
    /// Where an issue stands whose pattern is no cardinality.
    at: BTreeMap<String, Vec<String>>,
    /// The rule that must have raised it, where the place alone says too little.
    rule: BTreeMap<String, String>,
    /// Classes that are not counted: of issues, or of an issue in one file (`file issue`).
    class: BTreeMap<String, Class>,
    /// Why an expected issue is not found, by `file issue`.
    reason: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Class {
    why: String,
    issues: Vec<String>,
}

/// One issue that a document is expected to raise.
struct Expected {
    file: String,
    group: String,
    issue: String,
    /// `error-warning`, `info-only-pass`, `record-only-spec-not-encoded` or `positive-control`.
    kind: String,
    places: Vec<Place>,
    document: Vec<u8>,
}

/// The document `docs/agreement/jp-validator.md`.
pub(crate) fn document(data: &Path) -> Result<String, String> {
    let reading: Reading = read_toml("jp-validator.toml")?;
    let issues = expected(&data.join("test-cases/jp-validator"), &reading)?;
    let validator = Validator::advising().with(profiles(data, JP_VALIDATOR, Vec::new())?);
    let class_of = |one: &Expected| reading.class.values().find(|class| class.has(one));
    let judged = issues.iter().filter(|one| class_of(one).is_none()).map(|one| {
        let findings = examine(&validator, &one.document);
        let found = one.is_met(&findings, reading.rule.get(&one.issue).map(String::as_str));
        (one, found, findings)
    });
    let judged: Vec<_> = judged.collect();
    let mut out = HEAD.to_owned();
    out.push_str("\n## By group\n\n");
    let counts: Vec<_> = judged.iter().map(|(one, found, _)| (*one, *found)).collect();
    out.push_str(&by_group(&issues, &counts));
    out.push_str("\n## Not counted\n\n");
    out.push_str(&table(
        ["class", "issues", "why"],
        reading.class.iter().map(|(name, class)| {
            let count = issues.iter().filter(|one| class.has(one)).count();
            [name.clone(), count.to_string(), class.why.clone()]
        }),
    ));
    out.push_str("\n## Not met\n\n");
    let unmet = judged.iter().filter(|(_, found, _)| !found);
    out.push_str(&table(
        ["file", "issue", "expected at", "our errors", "reason"],
        unmet.map(|(one, _, findings)| {
            let ours: Vec<String> = errors(findings).take(4).map(|finding| cut(&told(finding), 90)).collect();
            let places: Vec<String> = one.places.iter().map(Place::to_string).collect();
            let reason = reading.reason.get(&one.name()).cloned().unwrap_or_default();
            [one.file.clone(), one.issue.clone(), places.join(", "), ours.join("; "), reason]
        }),
    ));
    Ok(out)
}

fn by_group(all: &[Expected], judged: &[(&Expected, bool)]) -> String {
    let mut groups: Vec<&str> = all.iter().map(|one| one.group.as_str()).collect();
    groups.dedup();
    let row = |name: &str, holds: &dyn Fn(&Expected) -> bool| {
        let here: Vec<bool> = judged.iter().filter(|(one, _)| holds(one)).map(|(_, found)| *found).collect();
        let met = here.iter().filter(|found| **found).count();
        let known = all.iter().filter(|one| holds(one)).count();
        [name.to_owned(), known.to_string(), here.len().to_string(), share(met, here.len())]
    };
    let mut rows: Vec<_> = groups.iter().map(|group| row(group, &|one| one.group == *group)).collect();
    for kind in ["error-warning", "positive-control", "info-only-pass", "record-only-spec-not-encoded"] {
        rows.push(row(&format!("*{kind}*"), &|one| one.kind == kind));
    }
    rows.push(row("**all**", &|_| true));
    table(["group", "issues", "counted", "met"], rows)
}

impl Class {
    fn has(&self, one: &Expected) -> bool {
        self.issues.contains(&one.issue) || self.issues.contains(&one.name())
    }
}

impl Expected {
    fn name(&self) -> String {
        format!("{} {}", self.file, self.issue)
    }

    fn is_met(&self, findings: &Findings, rule: Option<&str>) -> bool {
        let stands = |finding: &&Finding| {
            let by_rule = rule.is_none_or(|rule| {
                finding.rule.as_deref() == Some(rule) || finding.element.as_deref() == Some(rule)
            });
            let here = places(finding).into_iter().map(Place::without_indices);
            by_rule && here.into_iter().any(|place| self.places.iter().any(|wanted| place.is_near(wanted)))
        };
        let mut standing = all(findings).into_iter().filter(stands);
        match self.kind.as_str() {
            "record-only-spec-not-encoded" => errors(findings).next().is_none(),
            "info-only-pass" => standing.any(|finding| finding.severity == Severity::Information),
            _ => {
                standing.any(|finding| finding.severity <= Severity::Warning) || self.is_told(findings, rule)
            }
        }
    }

    /// A control asks only that something is said.
    fn is_told(&self, findings: &Findings, rule: Option<&str>) -> bool {
        self.kind == "positive-control"
            && rule
                .is_some_and(|rule| all(findings).iter().any(|finding| finding.rule.as_deref() == Some(rule)))
    }
}

fn expected(folder: &Path, reading: &Reading) -> Result<Vec<Expected>, String> {
    let patterns: BTreeMap<String, BTreeMap<String, String>> =
        read_json(&folder.join("expected-issues.json"))?;
    let mut all = Vec::new();
    for path in files(folder)? {
        let shown = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        let (group, file) = shown.split_once('/').unwrap_or(("", &shown));
        for line in read(&path)?.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let root: Value = serde_json::from_slice(line).map_err(|error| format!("{shown}: {error}"))?;
            for tag in root["meta"]["tag"].as_array().into_iter().flatten().filter(|tag| tag["system"] == TAG)
            {
                let issue = tag["code"].as_str().unwrap_or_default().to_owned();
                let row = patterns.get(&issue).ok_or_else(|| format!("no pattern for {issue}"))?;
                all.push(Expected {
                    file: file.to_owned(),
                    group: group.to_owned(),
                    kind: row.get("expected_type").map_or("error-warning", String::as_str).to_owned(),
                    places: where_expected(reading, &issue, &row["pattern"], &root),
                    document: line.to_vec(),
                    issue,
                });
            }
        }
    }
    Ok(all)
}

fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| error.to_string())?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "ndjson") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The places of our reading, or those of a pattern about a missing element: `Task\.(status|intent).*(最小必要値…`.
fn where_expected(reading: &Reading, issue: &str, pattern: &str, root: &Value) -> Vec<Place> {
    let own = root["resourceType"].as_str().unwrap_or_default();
    if let Some(places) = reading.at.get(issue) {
        let here = places.iter().filter(|place| place.split('.').next() == Some(own));
        return here.map(|place| Place::of(place)).collect();
    }
    let path = pattern.split(".*").next().unwrap_or_default();
    let path = path.replace(r"(\[\d+\]|\.[^:]+)?", "").replace(r"(\[\d+\])?", "").replace(r"\[x\]", "");
    let path = path.replace(r"\w+", own).replace(r"\.", ".");
    let slices_off = |place: &str| {
        let steps = place.split('.').map(|step| step.split(':').next().unwrap_or(step));
        Place::of(&steps.collect::<Vec<_>>().join("."))
    };
    match path.split_once('(') {
        None => vec![slices_off(&path)],
        Some((start, names)) => {
            let names = names.trim_end_matches(')').split('|');
            names.map(|name| slices_off(&format!("{start}{name}"))).collect()
        }
    }
}
