//! The tables that people read: rules, findings, words.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::{Table, Value};

fn table(path: &str) -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&path).expect("the table is there").parse().expect("it is TOML")
}

fn text<'v>(row: &'v Value, name: &str) -> &'v str {
    row.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} is missing in {row}"))
}

fn rules() -> Vec<Value> {
    table("rules/clins.toml")["rule"].as_array().expect("rules").clone()
}

fn keys() -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = table("rules/findings.toml").keys().cloned().collect();
    keys.extend(rules().iter().map(|row| text(row, "id").to_owned()));
    keys
}

fn placeholders(template: &str) -> BTreeSet<&str> {
    template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn both_languages_have_words_for_exactly_the_findings_there_are() {
    let [ja, en] = ["locale/ja/findings.toml", "locale/en/findings.toml"].map(table);
    let names = |table: &Table| table.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&ja), keys());
    assert_eq!(names(&en), keys());
    for (key, words) in &ja {
        for part in ["message", "mend"] {
            let (here, there) = (text(words, part), text(&en[key], part));
            assert!(!here.is_empty() && !there.is_empty(), "{key} {part}");
            let known = BTreeSet::from(["element", "expected", "found"]);
            assert!(placeholders(here).is_subset(&known), "{key} {part}");
        }
        let all = |words: &Value| -> BTreeSet<String> {
            let templates = [text(words, "message"), text(words, "mend")];
            templates.iter().flat_map(|template| placeholders(template)).map(str::to_owned).collect()
        };
        assert_eq!(all(words), all(&en[key]), "{key}");
    }
}

#[test]
fn codes_are_ours_and_given_once() {
    let mut codes: BTreeMap<String, String> = BTreeMap::new();
    let findings = table("rules/findings.toml");
    let rows = rules();
    let all = findings
        .iter()
        .map(|(key, row)| (key.as_str(), row))
        .chain(rows.iter().map(|row| (text(row, "id"), row)));
    for (key, row) in all {
        let code = text(row, "code").to_owned();
        assert!(code.starts_with("RK-") && code.len() == 7, "{key} {code}");
        assert!(["error", "warning", "information"].contains(&text(row, "severity")), "{key}");
        assert!(!text(row, "source").is_empty(), "{key}");
        let before = codes.insert(code.clone(), key.to_owned());
        assert_eq!(before, None, "{code} is given to {key} too");
    }
    assert!(rules().iter().all(|row| row["title"].get("ja").is_some() && row["title"].get("en").is_some()));
}

/// Findings that only other rooms raise.
const OF_OTHERS: [&str; 16] = [
    "sender-mismatch",
    "member-unknown",
    "member-expired",
    "member-other-identity",
    "unit-in-use",
    "type-mismatch",
    "attachment-only",
    "attachment-other-person",
    "change-of-another-unit",
    "destination-is-sender",
    "destination-missing",
    "destination-not-in-service",
    "destination-unknown",
    "master-code-unknown",
    "master-code-ended",
    "master-code-not-yet",
];

#[test]
fn every_finding_in_the_table_is_raised_somewhere() {
    let mut code = String::new();
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![own.join("src"), own.join("../profile/src")];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).expect("a folder") {
            let path = file.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                code.push_str(&std::fs::read_to_string(path).expect("a source file"));
            }
        }
    }
    let unused: Vec<String> = keys()
        .into_iter()
        .filter(|key| !OF_OTHERS.contains(&key.as_str()) && !code.contains(&format!("\"{key}\"")))
        .collect();
    assert_eq!(unused, [] as [&str; 0]);
}

#[test]
fn every_finding_can_be_made_and_read_in_both_languages() {
    use fhir::finding::{Finding, Language};
    for key in keys() {
        let finding = Finding::new(&key).at("Bundle.entry[0]").found("a").expected("b").element("c");
        for language in [Language::Japanese, Language::English] {
            for text in [finding.message(language), finding.mend(language)] {
                assert!(!text.is_empty() && !text.contains('{') && !text.contains('}'), "{key}: {text}");
            }
        }
    }
}
