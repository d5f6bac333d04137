use std::fs;

use serde_json::Value;

use crate::hub::{CLINIC, HOSPITAL, Hub, renkei_in, steady};

const INSTITUTIONS: &str = "医療機関番号,名称,カナ,電話番号,郵便番号,所在地,種別,診療科,ベンダー,利用開始日,利用終了日,廃止日,引継先番号
4919999921,架空みなと医院,カクウミナトイイン,000-1111-0021,000-0021,架空県架空市港１,診療所,内科、小児科,架空システムズ,20250401,99999999,,
4919999922,架空やま診療所,カクウヤマシンリョウジョ,000-1111-0022,000-0022,架空県架空市山２,診療所,,,20250401,,20260101,4919999921
";

fn lines(output: &std::process::Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn import(hub: &Hub, kind: &str, version: &str, from: &str, bytes: &[u8]) -> std::process::Output {
    fs::write(hub.folder.path().join("master.csv"), bytes).unwrap();
    let arguments = ["--json", "master", "import", kind, "master.csv", "--version", version, "--from", from];
    renkei_in(hub.folder.path(), &arguments)
}

#[test]
fn an_imported_institution_is_found_and_one_that_moved_names_its_successor() {
    let hub = Hub::start();
    let (text, _, _) = encoding_rs::SHIFT_JIS.encode(INSTITUTIONS);
    let imported = import(&hub, "institutions", "2026-04", "2026-04-01", &text);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    assert_eq!(lines(&imported)[0]["rows"], 2);
    let token = hub.system(HOSPITAL);
    let found = hub.get(&token, "/fhir/Organization?name=%EF%BE%90%EF%BE%85%EF%BE%84").matches();
    assert_eq!(found[0]["name"], "架空みなと医院");
    let moved = hub.get(&token, "/fhir/Organization?identifier=4919999922");
    let issue = &moved.json()["entry"][0]["resource"]["issue"][0]["details"];
    assert_eq!(issue["coding"][0]["code"], "institution-moved");
    assert!(issue["text"].as_str().unwrap().contains("4919999921"));
    assert_eq!(hub.get(&token, &format!("/fhir/Organization/{CLINIC}")).json()["active"], true);
}

#[test]
fn a_file_with_bad_lines_is_refused_whole_and_every_bad_line_is_named() {
    let hub = Hub::start();
    let broken =
        INSTITUTIONS.replace("4919999922,", "491999992,").replace("20250401,99999999", "2025-13-01,")
            + "4919999923,架空かわ医院,,,,,何か,,,,,,\n,名無し,,,,,診療所,,,,,,\n";
    let refused = import(&hub, "institutions", "2026-04", "2026-04-01", broken.as_bytes());
    assert_eq!(refused.status.code(), Some(1));
    let named: Vec<(u64, String)> = lines(&refused)
        .iter()
        .map(|row| (row["line"].as_u64().unwrap(), row["code"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(named, [(2, "bad-day".to_owned()), (5, "no-code".to_owned())]);
    let in_form = broken.replace("2025-13-01", "2025-12-01").replace("\n,名無し", "\n4919999924,名無し");
    let refused = import(&hub, "institutions", "2026-04", "2026-04-01", in_form.as_bytes());
    let named: Vec<Value> = lines(&refused).iter().map(|row| row["code"].clone()).collect();
    assert_eq!(named, ["bad-number", "unknown-kind"]);
    let token = hub.system(HOSPITAL);
    assert_eq!(hub.get(&token, "/fhir/Organization/4919999921").status, 404);
    assert!(lines(&renkei_in(hub.folder.path(), &["--json", "master", "list"])).is_empty());
}

#[test]
fn versions_stand_side_by_side_and_can_be_compared_and_downloaded() {
    let hub = Hub::start();
    let old = "code,display,valid_from\nA,一,\nB,二,\n";
    let new = "code,display,valid_from\nA,壱,\nC,三,\n";
    assert!(import(&hub, "department", "1", "2020-01-01", old.as_bytes()).status.success());
    assert!(import(&hub, "department", "2", "2021-01-01", new.as_bytes()).status.success());
    assert_eq!(import(&hub, "department", "1", "2020-01-01", new.as_bytes()).status.code(), Some(2));
    let again = import(&hub, "department", "1", "2020-01-01", old.as_bytes());
    assert_eq!(lines(&again)[0]["was_there"], true);
    let arguments = ["--json", "master", "diff", "department", "--from", "1", "--to", "2"];
    let changes = lines(&renkei_in(hub.folder.path(), &arguments));
    let told: Vec<_> = changes.iter().map(|row| (row["change"].clone(), row["code"].clone())).collect();
    let expected = [("+", "C"), ("-", "B"), ("~", "A")];
    assert_eq!(told, expected.map(|(change, code)| (Value::from(change), Value::from(code))));
    let token = hub.system(HOSPITAL);
    let listed = hub.get(&token, "/api/v1/masters").json();
    let department = listed["masters"].as_array().unwrap().iter().find(|one| one["kind"] == "department");
    let versions = department.unwrap()["versions"].clone();
    assert_eq!((&versions[0]["inForce"], &versions[1]["inForce"]), (&Value::from(false), &Value::from(true)));
    let newest = hub.get(&token, "/api/v1/masters/department");
    assert_eq!(String::from_utf8(newest.body).unwrap().replace('\r', ""), new);
    let first = hub.get(&token, "/api/v1/masters/department?version=1&format=json").json();
    assert_eq!(first["rows"][1]["code"], "B");
    assert_eq!(hub.get(&token, "/api/v1/masters/department?version=3").status, 404);
    assert_eq!(hub.get(&token, "/api/v1/masters/nothing").status, 404);
    let difference = hub.get(&token, "/api/v1/masters/department/difference?from=1&to=2").json();
    assert_eq!(difference["changed"][0]["cells"][0]["old"], "一");
    assert_eq!(hub.get(&hub.token("insurer", &["--institution", "06499901"]), "/api/v1/masters").status, 403);
}

const DISEASE: &str = "http://medis.or.jp/CodeSystem/master-disease-keyNumber";

/// Every code of the system of diseases in a document.
fn diseases(node: &Value, found: &mut Vec<String>) {
    if node["system"] == DISEASE {
        found.extend(node["code"].as_str().map(str::to_owned));
    }
    let members = node.as_object().into_iter().flat_map(serde_json::Map::values);
    members.chain(node.as_array().into_iter().flatten()).for_each(|inner| diseases(inner, found));
}

/// A sender, its bundle with diseases, and their codes.
fn diagnosed(hub: &Hub) -> (String, Vec<u8>, Vec<String>) {
    let patients = steady(&hub.region);
    let sent = patients.iter().flat_map(|patient| &patient.submissions);
    let mut coded = sent.filter_map(|sent| {
        let mut codes = Vec::new();
        diseases(&serde_json::from_slice(&sent.body).unwrap(), &mut codes);
        codes.sort();
        codes.dedup();
        (!codes.is_empty()).then(|| (sent.institution.clone(), sent.body.clone(), codes))
    });
    coded.next().unwrap()
}

#[test]
fn a_code_that_ended_before_its_items_day_is_warned_of_or_refused_as_the_operator_wishes() {
    let hub = Hub::start();
    let (sender, body, diseases) = diagnosed(&hub);
    let token = hub.system(&sender);
    let row = |to: &str| {
        let row = |code: &String| format!("{code},架空の病名,1900-01-01,{to}\n");
        "code,display,valid_from,valid_to\n".to_owned() + &diseases.iter().map(row).collect::<String>()
    };
    assert!(import(&hub, "disease", "a", "1900-01-01", row("").as_bytes()).status.success());
    let fine = hub.post(&token, "/fhir/Bundle", &body);
    assert_eq!(fine.status, 201);
    let codes = |answer: &crate::hub::Answer| {
        let outcome = answer.parameter("outcome");
        let issues = outcome["resource"]["issue"].as_array().unwrap().clone();
        let code = |issue: &Value| issue["details"]["coding"][0]["code"].as_str().unwrap_or("").to_owned();
        issues.iter().map(code).collect::<Vec<_>>()
    };
    assert!(!codes(&fine).iter().any(|code| code.starts_with("RK-501")));
    assert!(import(&hub, "disease", "b", "1901-01-01", row("1902-12-31").as_bytes()).status.success());
    let changed = String::from_utf8(body.clone()).unwrap().replacen('{', "{ ", 1).into_bytes();
    let warned = hub.post(&token, "/fhir/Bundle", &changed);
    assert_eq!(warned.status, 200);
    assert!(codes(&warned).contains(&"RK-5012".to_owned()), "{:?}", codes(&warned));
    let folder = hub.kill();
    let config = fs::read_to_string(folder.path().join("renkei.toml")).unwrap();
    fs::write(folder.path().join("renkei.toml"), format!("master_codes = \"refuse\"\n{config}")).unwrap();
    let hub = Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")]);
    let refused = hub.post(&token, "/fhir/Bundle", &body);
    assert_eq!((refused.status, refused.codes().contains(&"RK-5012".to_owned())), (422, true));
    let told = ["--json", "master", "revalidate", "disease", "--version", "b"];
    let counted = lines(&renkei_in(hub.folder.path(), &told));
    let total: u64 = counted.iter().map(|row| row["count"].as_u64().unwrap()).sum();
    assert!(total >= 1);
    assert!(counted.iter().all(|row| row["institution"] == sender.as_str()));
    assert_eq!(lines(&renkei_in(hub.folder.path(), &told)), counted);
    let manager = hub.token("safety-manager", &["--institution", HOSPITAL]);
    let events = hub.get(&manager, "/fhir/AuditEvent").matches();
    let told = events.iter().filter(|event| event.to_string().contains("revalidate disease b"));
    assert_eq!(told.count(), 1);
}
