//! The official test cases (FHIR/fhir-test-cases, the R4 cases in JSON) and how far we agree with their outcomes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use fhir::validate::Validator;
use serde_json::Value;

use super::judge::{errors, examine, places, told};
use super::outcome::{Outcome, Told};
use super::place::Place;
use super::scope::{self, CASES, ERRORS};
use super::support::Judges;
use super::table::{cut, share, table};
use super::{parallel, read_json, read_toml};

const HEAD: &str = include_str!("../../agreement/fhir-test-cases.head.md");

/// One document to judge, with what the official validator said.
pub(crate) struct Case {
    /// The name in the manifest, with ` (profile)` where a profile is demanded besides.
    pub(crate) name: String,
    pub(crate) module: String,
    pub(crate) document: Vec<u8>,
    /// The same as JSON, null where it is none.
    pub(crate) root: Value,
    /// Files and packages to know before judging.
    pub(crate) support: Vec<String>,
    /// The canonical of the profile that is demanded of the document.
    pub(crate) demanded: Option<String>,
    /// The row of the manifest.
    pub(crate) options: Value,
    pub(crate) official: Outcome,
}

/// How one case came out.
struct Result {
    official: Vec<(Place, String)>,
    official_is_wrong: bool,
    ours: Vec<(Vec<Place>, String)>,
}

/// The document `docs/agreement/fhir-test-cases.md`.
pub(crate) fn document(data: &Path) -> std::result::Result<String, String> {
    let folder = data.join("test-cases/fhir-test-cases");
    let cases = cases(&folder)?;
    let reasons: BTreeMap<String, String> = read_toml("fhir-test-cases.toml")?;
    let counted: Vec<&Case> = cases.iter().filter(|case| scope::case_class(case).is_none()).collect();
    let judges = Judges::of(data, &folder, &counted)?;
    let judged =
        parallel(&counted, |case| judges.of_case(case).map(|judge| (*case, Result::of(&judge, case))));
    let results = judged.into_iter().collect::<std::result::Result<Vec<_>, _>>()?;
    let mut out = HEAD.to_owned();
    out.push_str("\n## By module\n\n");
    out.push_str(&by_module(&cases, &results));
    out.push_str("\n## Not counted\n\nClasses of cases:\n\n");
    out.push_str(&table(
        ["class", "cases", "why"],
        CASES.iter().map(|class| {
            let count =
                cases.iter().filter(|case| is(scope::case_class(case).map(|c| c.name), class.name)).count();
            [class.name.to_owned(), count.to_string(), class.why.to_owned()]
        }),
    ));
    out.push_str("\nClasses of official errors in counted cases:\n\n");
    out.push_str(&table(
        ["class", "errors", "why"],
        ERRORS.iter().map(|class| {
            let of_class = |told: &&Told| is(scope::error_class(told).map(|c| c.name), class.name);
            let count: usize = results.iter().map(|(case, _)| case.told().filter(of_class).count()).sum();
            [class.name.to_owned(), count.to_string(), class.why.to_owned()]
        }),
    ));
    out.push_str("\n## Every disagreement\n\n");
    out.push_str(&disagreements(&results, &reasons));
    Ok(out)
}

fn is(found: Option<&str>, name: &str) -> bool {
    found == Some(name)
}

fn by_module(cases: &[Case], results: &[(&Case, Result)]) -> String {
    let mut modules: Vec<&str> = cases.iter().map(|case| case.module.as_str()).collect();
    modules.sort_unstable();
    modules.dedup();
    let row = |name: &str, holds: &dyn Fn(&Case) -> bool| {
        let here: Vec<&Result> = results.iter().filter(|(case, _)| holds(case)).map(|(_, r)| r).collect();
        let count = |holds: fn(&Result) -> bool| here.iter().filter(|result| holds(result)).count();
        let wrong = count(|result| !result.official.is_empty());
        let placed = |holds: fn(&Result) -> bool| {
            here.iter().filter(|result| !result.official.is_empty() && holds(result)).count()
        };
        [
            name.to_owned(),
            cases.iter().filter(|case| holds(case)).count().to_string(),
            here.len().to_string(),
            share(count(Result::verdict_agrees), here.len()),
            share(placed(|result| result.place_agrees(Place::is)), wrong),
            share(placed(|result| result.place_agrees(Place::is_near)), wrong),
        ]
    };
    let mut rows: Vec<_> = modules.iter().map(|module| row(module, &|case| case.module == *module)).collect();
    rows.push(row("**all**", &|_| true));
    table(["module", "cases", "counted", "verdict agrees", "place agrees", "or beside it"], rows)
}

fn disagreements(results: &[(&Case, Result)], reasons: &BTreeMap<String, String>) -> String {
    let differing =
        results.iter().filter(|(_, result)| !result.verdict_agrees() || !result.place_agrees(Place::is_near));
    let rows = differing.map(|(case, result)| {
        let lost = result.official.iter().filter(|(place, _)| !result.has(place, Place::is_near));
        let lost: Vec<String> = lost.map(|(_, text)| cut(text, 140)).collect();
        let surplus = result.ours.iter().filter(|_| result.official.is_empty());
        let surplus: Vec<String> = surplus.map(|(_, text)| cut(text, 140)).collect();
        [
            case.name.clone(),
            if result.verdict_agrees() { "place" } else { "**verdict**" }.to_owned(),
            brief(&lost),
            brief(&surplus),
            reasons.get(&case.name).cloned().unwrap_or_default(),
        ]
    });
    table(["case", "differs", "official errors not found", "our errors where there is none", "reason"], rows)
}

fn brief(texts: &[String]) -> String {
    let mut out = texts.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
    if texts.len() > 3 {
        let _ = write!(out, "; and {} more", texts.len() - 3);
    }
    out
}

impl Case {
    /// The official errors.
    fn told(&self) -> impl Iterator<Item = &Told> {
        let told = match &self.official {
            Outcome::Told(told) => told.as_slice(),
            _ => &[],
        };
        told.iter()
    }
}

impl Result {
    fn of(validator: &Validator, case: &Case) -> Self {
        let findings = examine(validator, &case.document);
        let ours: Vec<_> = errors(&findings).map(|finding| (places(finding), told(finding))).collect();
        let is_found =
            |told: &Told| ours.iter().any(|(places, _)| places.iter().any(|one| one.is_near(&told.place)));
        let counted = case.told().filter(|told| scope::error_class(told).is_none() || is_found(told));
        let official: Vec<_> = counted.map(|told| (told.place.clone(), told.text.clone())).collect();
        let official_is_wrong = match case.official {
            Outcome::Counted(errors) => errors > 0,
            _ => !official.is_empty(),
        };
        Self { official, official_is_wrong, ours }
    }

    fn verdict_agrees(&self) -> bool {
        self.official_is_wrong != self.ours.is_empty()
    }

    /// Whether every official error has one of ours at its place.
    fn place_agrees(&self, same: fn(&Place, &Place) -> bool) -> bool {
        self.official.iter().all(|(place, _)| self.has(place, same))
    }

    fn has(&self, place: &Place, same: fn(&Place, &Place) -> bool) -> bool {
        self.ours.iter().any(|(ours, _)| place.is_nowhere() || ours.iter().any(|one| same(place, one)))
    }
}

/// Every row of the manifest, and once more for each that demands a profile.
fn cases(folder: &Path) -> std::result::Result<Vec<Case>, String> {
    let manifest: Value = read_json(&folder.join("manifest.json"))?;
    let mut cases = Vec::new();
    for row in manifest["test-cases"].as_array().into_iter().flatten() {
        cases.push(case(folder, row, None)?);
        if let Some(profile) = row.get("profile") {
            cases.push(case(folder, row, Some(profile))?);
        }
    }
    Ok(cases)
}

fn case(folder: &Path, row: &Value, profile: Option<&Value>) -> std::result::Result<Case, String> {
    let text = |name: &str| row[name].as_str().unwrap_or_default();
    let listed = |value: &Value, name: &str| -> Vec<String> {
        let files = value[name].as_array().into_iter().flatten();
        files.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut support: Vec<String> =
        ["supporting", "supporting5", "profiles"].iter().flat_map(|name| listed(row, name)).collect();
    if let Some(profile) = profile {
        support.extend(listed(profile, "supporting"));
        support.extend(profile["source"].as_str().map(str::to_owned));
    }
    let archives = row["package-map"].as_object().into_iter().flatten().map(|(_, file)| file);
    let archives = row["packages"].as_array().into_iter().flatten().chain(archives);
    support.extend(archives.filter_map(Value::as_str).map(str::to_owned));
    let demanded = profile.and_then(|profile| profile["source"].as_str());
    let document = std::fs::read(folder.join(text("file"))).unwrap_or_default();
    Ok(Case {
        name: text("name").to_owned() + if profile.is_some() { " (profile)" } else { "" },
        module: row["module"].as_str().unwrap_or("(none)").to_owned(),
        root: serde_json::from_slice(&document).unwrap_or_default(),
        document,
        support,
        demanded: demanded.and_then(|file| canonical(&folder.join(file))),
        options: row.clone(),
        official: Outcome::of(&profile.unwrap_or(row)["java"], folder)?,
    })
}

/// The canonical with version of the definition in a file.
fn canonical(path: &Path) -> Option<String> {
    let root: Value = read_json(path).ok()?;
    let url = root["url"].as_str()?;
    Some(root["version"].as_str().map_or_else(|| url.to_owned(), |version| format!("{url}|{version}")))
}
