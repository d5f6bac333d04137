//! Packages at hand: kept at the command line, judged by everywhere.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use crate::hub::{HOSPITAL, Hub, renkei_in, steady};

const CANONICAL: &str = "http://example.jp/StructureDefinition/SettledPatient";

/// A package folder with one profile: a Patient has a maritalStatus.
fn guide(folder: &Path, name: &str, dependency: Option<&str>) {
    let inside = folder.join(name);
    fs::create_dir_all(&inside).unwrap();
    let manifest = json!({
        "name": name, "version": "0.1.0", "fhirVersions": ["4.0.1"], "title": "架空の案内",
        "canonical": "http://example.jp",
        "dependencies": dependency.map(|name| json!({name: "0.1.0"})).unwrap_or_else(|| json!({})),
    });
    fs::write(inside.join("package.json"), manifest.to_string()).unwrap();
    let element = |path: &str, min: u32, max: &str, kind: &str| {
        let mut element = json!({"id": path, "path": path, "min": min, "max": max,
            "base": {"path": path, "min": 0, "max": max}});
        if !kind.is_empty() {
            element["type"] = json!([{"code": kind}]);
        }
        element
    };
    let mut gender = element("Patient.gender", 0, "1", "code");
    gender["mustSupport"] = json!(true);
    let elements = json!([
        element("Patient", 0, "*", ""),
        gender,
        element("Patient.maritalStatus", 1, "1", "CodeableConcept")
    ]);
    let profile = json!({
        "resourceType": "StructureDefinition", "id": "SettledPatient", "url": CANONICAL, "version": "0.1.0",
        "name": "SettledPatient", "status": "active", "fhirVersion": "4.0.1", "kind": "resource", "abstract": false,
        "type": "Patient", "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
        "derivation": "constraint", "snapshot": {"element": elements}, "differential": {"element": elements},
    });
    fs::write(inside.join("StructureDefinition-SettledPatient.json"), profile.to_string()).unwrap();
}

/// A folder with a library that holds the guide, and documents that claim its profile.
fn prepared() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    guide(folder.path(), "kakuu.r4", None);
    let claims = json!({"resourceType": "Patient", "meta": {"profile": [CANONICAL]}});
    fs::write(folder.path().join("unsettled.json"), claims.to_string()).unwrap();
    fs::write(folder.path().join("plain.json"), "{\"resourceType\":\"Patient\",\"active\":true}").unwrap();
    assert_eq!(run(folder.path(), &["package", "add", "kakuu.r4"]).status.code(), Some(0));
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    renkei_in(folder, arguments)
}

fn codes(output: &Output) -> Vec<(String, Value)> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let finding = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    text.lines().map(|line| (finding(line)["code"].as_str().unwrap().to_owned(), finding(line))).collect()
}

#[test]
fn a_package_is_added_listed_shown_and_removed() {
    let folder = prepared();
    let text = |arguments: &[&str]| String::from_utf8(run(folder.path(), arguments).stdout).unwrap();
    assert_eq!(text(&["package", "list"]), "kakuu.r4#0.1.0\n");
    let shown = text(&["package", "show", "kakuu.r4"]);
    assert!(shown.contains("架空の案内") && shown.contains("StructureDefinition"), "{shown}");
    let json: Value = serde_json::from_str(&text(&["package", "show", "kakuu.r4#0.1.0", "--json"])).unwrap();
    assert_eq!(json["counts"]["StructureDefinition"], 1);
    let again = run(folder.path(), &["package", "add", "kakuu.r4", "--json"]);
    assert_eq!(serde_json::from_slice::<Value>(&again.stdout).unwrap()["unchanged"], true);
    assert_eq!(run(folder.path(), &["package", "remove", "kakuu.r4#0.1.0"]).status.code(), Some(0));
    assert_eq!(text(&["package", "list"]), "");
    for arguments in [["show", "kakuu.r4"], ["remove", "kakuu.r4#0.1.0"], ["add", "unsettled.json"]] {
        let failed = run(folder.path(), &[&["package"], &arguments[..], &["--lang", "en"]].concat());
        assert_eq!(failed.status.code(), Some(2));
        assert!(!failed.stderr.is_empty());
    }
}

#[test]
fn a_dependency_is_told_as_here_or_not() {
    let folder = prepared();
    guide(folder.path(), "rinkoku.r4", Some("kakuu.r4"));
    guide(folder.path(), "toori.r4", Some("absent.r4"));
    assert_eq!(run(folder.path(), &["package", "add", "rinkoku.r4", "toori.r4"]).status.code(), Some(0));
    let dependency = |name: &str| {
        let shown = run(folder.path(), &["package", "show", name, "--json"]);
        serde_json::from_slice::<Value>(&shown.stdout).unwrap()
    };
    assert_eq!(dependency("rinkoku.r4")["dependencies"][0]["resolved"], "kakuu.r4#0.1.0");
    let absent = dependency("toori.r4");
    assert_eq!(absent["dependencies"][0]["resolved"], Value::Null);
    assert!(absent["oddities"].as_array().unwrap().iter().any(|one| one["kind"] == "missing-dependency"));
}

#[test]
fn documents_are_judged_by_the_packages_at_hand_those_named_or_none() {
    let folder = prepared();
    let validate =
        |arguments: &[&str]| run(folder.path(), &[&["bundle", "validate", "--json"], arguments].concat());
    let by_default = validate(&["unsettled.json"]);
    assert_eq!(by_default.status.code(), Some(1));
    let (code, finding) = codes(&by_default).remove(0);
    assert_eq!(
        (code.as_str(), finding["profile"].as_str()),
        ("RK-4004", Some(&*format!("{CANONICAL}|0.1.0")))
    );
    for named in ["kakuu.r4", "kakuu.r4#0.1.0", "./kakuu.r4"] {
        assert_eq!(validate(&["unsettled.json", "--package", named]).status.code(), Some(1), "{named}");
    }
    assert_eq!(validate(&["unsettled.json", "--no-packages"]).status.code(), Some(0));
    assert_eq!(validate(&["plain.json"]).status.code(), Some(0));
    assert_eq!(validate(&["plain.json", "--profile", CANONICAL]).status.code(), Some(1));
    let listed = codes(&validate(&["plain.json", "--must-support", "--profile", CANONICAL]));
    assert!(
        listed.iter().any(|(code, one)| code == "RK-4029" && one["severity"] == "information"),
        "{listed:?}"
    );
    assert_eq!(validate(&["plain.json", "--profile", "http://example.jp/absent"]).status.code(), Some(2));
    assert_eq!(validate(&["plain.json", "--package", "absent.r4"]).status.code(), Some(2));
}

#[test]
fn a_table_of_codes_is_imported_listed_and_removed() {
    let folder = prepared();
    fs::write(folder.path().join("表.csv"), "コード,名称,開始\nA1,架空の病名,20250401\nA2,,\n").unwrap();
    let import = ["terminology", "import", "表.csv", "--system", "http://example.jp/cs"];
    assert_eq!(run(folder.path(), &import).status.code(), Some(2));
    let columns = ["--code", "コード", "--display", "名称", "--from", "開始", "--json"];
    let imported = run(folder.path(), &[&import[..], &columns[..]].concat());
    assert_eq!(imported.status.code(), Some(0), "{}", String::from_utf8_lossy(&imported.stderr));
    let told: Value = serde_json::from_slice(&imported.stdout).unwrap();
    assert_eq!(told["systems"], json!([{"system": "http://example.jp/cs", "codes": 2}]));
    let listed = String::from_utf8(run(folder.path(), &["terminology", "list"]).stdout).unwrap();
    assert!(listed.contains("http://example.jp/cs"), "{listed}");
    let name = told["table"].as_str().unwrap().to_owned();
    assert_eq!(run(folder.path(), &["terminology", "remove", &name]).status.code(), Some(0));
    assert!(run(folder.path(), &["terminology", "list"]).stdout.is_empty());
}

#[test]
fn doctor_tells_what_is_judged_by() {
    let folder = crate::hub::prepared("renkei.db");
    let doctor = || String::from_utf8(run(folder.path(), &["doctor", "--lang", "en"]).stdout).unwrap();
    assert!(doctor().contains("only the R4 base"));
    guide(folder.path(), "kakuu.r4", None);
    run(folder.path(), &["package", "add", "kakuu.r4"]);
    assert!(doctor().contains("1, with 1 profiles"), "{}", doctor());
}

#[test]
fn a_hub_judges_by_its_packages_when_asked_and_at_registration() {
    let folder = crate::hub::prepared("renkei.db");
    guide(folder.path(), "kakuu.r4", None);
    assert_eq!(run(folder.path(), &["package", "add", "kakuu.r4"]).status.code(), Some(0));
    let hub = Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")]);
    let token = hub.system(HOSPITAL);
    let plain = json!({"resourceType": "Patient", "active": true});
    let claiming = json!({"resourceType": "Patient", "meta": {"profile": [CANONICAL]}});
    let validate = |query: &str, body: &Value| {
        hub.post(&token, &format!("/fhir/Patient/$validate{query}"), body.to_string().as_bytes())
    };
    assert_eq!(validate("", &claiming).codes(), ["RK-4004"]);
    assert!(!validate("", &plain).codes().contains(&"RK-4004".to_owned()));
    assert_eq!(validate(&format!("?profile={CANONICAL}"), &plain).codes(), ["RK-4004"]);
    let parameters = json!({"resourceType": "Parameters", "parameter": [
        {"name": "resource", "resource": plain}, {"name": "profile", "valueCanonical": CANONICAL}]});
    assert_eq!(validate("", &parameters).codes(), ["RK-4004"]);
    let sent = &steady(&hub.region)[0].submissions[0];
    let mut body: Value = serde_json::from_slice(&sent.body).unwrap();
    let patient = body["entry"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|one| one["resource"]["resourceType"] == "Patient")
        .unwrap();
    patient["resource"]["meta"]["profile"].as_array_mut().unwrap().push(json!(CANONICAL));
    let refused = hub.post(&hub.system(&sent.institution), "/fhir/Bundle", body.to_string().as_bytes());
    assert_eq!(refused.status, 422);
    assert!(refused.codes().contains(&"RK-4004".to_owned()), "{:?}", refused.codes());
}
