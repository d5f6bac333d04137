//! `renkei bundle validate` as vendors and their CI meet it.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::hub::{region, renkei_in, steady};

const BAD: &str = "{\"resourceType\":\"Bundle\"}";

/// A folder with good and bad documents, two folders deep, and files that are none.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("b/c");
    fs::create_dir_all(&deep).unwrap();
    let good = steady(&region())[0].submissions[0].body.clone();
    fs::write(folder.path().join("a.json"), &good).unwrap();
    fs::write(deep.join("悪い, 例.json"), BAD).unwrap();
    fs::write(deep.join("読まない.txt"), "hello").unwrap();
    let one_line: Value = serde_json::from_slice(&good).unwrap();
    fs::write(folder.path().join("d.ndjson"), format!("{one_line}\n\n{BAD}\n{one_line}\n{{\n")).unwrap();
    folder
}

fn validate(folder: &Path, arguments: &[&str]) -> Output {
    renkei_in(folder, &[&["bundle", "validate"], arguments].concat())
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn objects(output: &Output) -> Vec<Value> {
    text(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn folders_are_read_to_their_depth_in_the_order_of_names() {
    let folder = folder();
    let output = validate(folder.path(), &[".", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let mut files: Vec<_> = objects(&output).iter().map(|one| one["file"].clone()).collect();
    files.dedup();
    assert_eq!(files, ["./b/c/悪い, 例.json", "./d.ndjson"]);
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(talk.contains("6件を検証しました: 適合3件、不適合3件"), "{talk}");
    let nothing = tempfile::tempdir().unwrap();
    assert_eq!(validate(nothing.path(), &["."]).status.code(), Some(2));
}

#[test]
fn a_line_of_ndjson_is_a_document_and_its_findings_stand_on_that_line() {
    let folder = folder();
    let output = validate(folder.path(), &["d.ndjson", "--json"]);
    let findings = objects(&output);
    assert!(findings.iter().all(|one| one["line"] == 3 || one["line"] == 5));
    let truncated = findings.iter().find(|one| one["code"] == "RK-1009").unwrap();
    assert_eq!(truncated["line"], 5);
    let verdicts = text(&validate(folder.path(), &["d.ndjson"]));
    assert!(verdicts.contains("d.ndjson:3  不適合") && verdicts.contains("d.ndjson:5  不適合"), "{verdicts}");
    assert!(!verdicts.contains("d.ndjson:1 "), "{verdicts}");
}

#[test]
fn standard_input_may_be_ndjson() {
    let lines = format!("{BAD}\n{BAD}\n");
    let run = |arguments: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_renkei"))
            .args(["bundle", "validate", "-", "--outcome"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        objects(&child.wait_with_output().unwrap())
    };
    assert_eq!(run(&["--ndjson"]).len(), 2);
    assert_eq!(run(&[]).len(), 1);
    assert!(run(&["--ndjson"]).iter().all(|outcome| outcome["resourceType"] == "OperationOutcome"));
}

#[test]
fn however_many_work_the_order_is_that_of_the_input() {
    let folder = tempfile::tempdir().unwrap();
    let good = steady(&region())[0].submissions[0].body.clone();
    for number in 0..60 {
        let name = folder.path().join(format!("{number:03}.json"));
        fs::write(name, if number % 7 == 0 { good.clone() } else { BAD.into() }).unwrap();
    }
    let [one, many] =
        ["1", "8"].map(|jobs| text(&validate(folder.path(), &[".", "--jobs", jobs, "--sarif"])));
    assert_eq!(one, many);
    assert_eq!(validate(folder.path(), &[".", "--jobs", "0"]).status.code(), Some(2));
}

#[test]
fn sarif_has_what_its_schema_requires_and_what_github_reads() {
    let folder = folder();
    let output = validate(folder.path(), &["b", "d.ndjson", "--sarif"]);
    assert_eq!(output.status.code(), Some(1));
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "Renkei");
    let rules = driver["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(!rules.is_empty() && results.len() >= 3);
    for rule in rules {
        assert!(rule["id"].as_str().unwrap().starts_with("RK-"));
        for part in ["shortDescription", "fullDescription", "help"] {
            assert!(!rule[part]["text"].as_str().unwrap().is_empty(), "{rule}");
        }
    }
    for result in results {
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].as_str().unwrap().is_ascii());
        assert!(place["region"]["startLine"].as_u64().is_none_or(|line| line >= 1));
        assert_eq!(result["partialFingerprints"]["renkei/v1"].as_str().unwrap().len(), 16);
    }
    let uri = results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
    assert_eq!(uri, "b/c/%E6%82%AA%E3%81%84%2C%20%E4%BE%8B.json");
    let none: Value =
        serde_json::from_slice(&validate(folder.path(), &["a.json", "--sarif"]).stdout).unwrap();
    assert_eq!(none["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn a_fingerprint_knows_the_mistake_and_not_the_patient() {
    let folder = tempfile::tempdir().unwrap();
    let prints = |body: &str| {
        fs::write(folder.path().join("x.json"), body).unwrap();
        let log: Value =
            serde_json::from_slice(&validate(folder.path(), &["x.json", "--sarif"]).stdout).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap();
        results.iter().map(|one| one["partialFingerprints"]["renkei/v1"].clone()).collect::<Vec<_>>()
    };
    let one = prints("{\"resourceType\":\"Patient\",\"架空\":1,\"gender\":\"x\"}");
    let other = prints("\n\n{\"resourceType\":\"Patient\",\"連携\":1,\"gender\":\"y\"}");
    assert!(one.len() >= 2);
    assert_eq!(one, other);
}

#[test]
fn annotations_name_file_line_and_column() {
    let folder = folder();
    let said = text(&validate(folder.path(), &["b", "--github"]));
    let first = said.lines().next().unwrap();
    assert!(first.starts_with("::error file=b/c/悪い%2C 例.json,line=1,col=1,title=RK-"), "{first}");
    assert!(said.lines().all(|line| line.starts_with("::")));
}

#[test]
fn quiet_says_nothing_and_two_forms_are_one_too_many() {
    let folder = folder();
    let output = validate(folder.path(), &[".", "--quiet"]);
    assert_eq!((output.status.code(), output.stdout, output.stderr), (Some(1), Vec::new(), Vec::new()));
    for arguments in [["--json", "--sarif"], ["--sarif", "--github"], ["--quiet", "--outcome"]] {
        assert_eq!(validate(folder.path(), &[&["."], &arguments[..]].concat()).status.code(), Some(2));
    }
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_judged() {
    let folder = folder();
    let output = validate(folder.path(), &["absent.json", "absent.ndjson", "a.json", "--lang", "en"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("a.json  conformant"));
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(talk.contains("absent.json") && talk.contains("2 could not be read"), "{talk}");
}

#[test]
fn a_line_or_a_file_over_ten_megabytes_is_refused_without_being_held() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("\"{}\"", "x".repeat(11 << 20));
    fs::write(folder.path().join("long.ndjson"), format!("{long}\n{BAD}\n")).unwrap();
    fs::write(folder.path().join("long.json"), &long).unwrap();
    let findings = objects(&validate(folder.path(), &["long.ndjson", "long.json", "--json"]));
    let too_large: Vec<_> = findings.iter().filter(|one| one["code"] == "RK-1002").collect();
    assert_eq!(too_large.len(), 2);
    assert_eq!(too_large[0]["found"], (long.len() + 1).to_string());
    assert!(findings.iter().any(|one| one["line"] == 2));
}

#[test]
fn whoever_stops_reading_does_so_in_peace() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("many.ndjson"), format!("{BAD}\n").repeat(20_000)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_renkei"))
        .args(["bundle", "validate", "many.ndjson", "--json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
}

#[test]
fn the_same_said_of_many_places_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let patient = "{\"resourceType\":\"Patient\",\"name\":[{\"use\":\"x\"},{\"use\":\"x\"},{\"use\":\"y\"}]}";
    fs::write(folder.path().join("x.json"), patient).unwrap();
    let said = text(&validate(folder.path(), &["x.json", "--lang", "en"]));
    assert_eq!(said.matches("RK-1213").count(), 2, "{said}");
    assert!(said.contains("1 more places:\n          Patient.name[1].use  line 1 column"), "{said}");
}
