use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::hub::{HOSPITAL, Hub, prepared, renkei_in, steady};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn validate_says_yes_with_0_no_with_1_and_could_not_with_2() {
    let folder = prepared("renkei.db");
    let good = steady(&crate::hub::region())[0].submissions[0].body.clone();
    fs::write(folder.path().join("good.json"), &good).unwrap();
    fs::write(folder.path().join("bad.json"), "{\"resourceType\":\"Bundle\"}").unwrap();
    let run = |arguments: &[&str]| renkei_in(folder.path(), arguments);
    assert_eq!(run(&["bundle", "validate", "good.json"]).status.code(), Some(0));
    let bad = run(&["bundle", "validate", "bad.json", "--json"]);
    assert_eq!(bad.status.code(), Some(1));
    for line in text(&bad.stdout).lines() {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(finding["code"].as_str().unwrap().starts_with("RK-"));
    }
    assert_eq!(run(&["bundle", "validate", "absent.json"]).status.code(), Some(2));
    assert_eq!(run(&["bundle", "levitate"]).status.code(), Some(2));
}

#[test]
fn a_bundle_goes_in_and_comes_out_at_the_command_line() {
    let hub = Hub::start();
    let sent = steady(&hub.region)[0].submissions[0].clone();
    let token = hub.system(&sent.institution);
    fs::write(hub.folder.path().join("unit.json"), &sent.body).unwrap();
    let at_hub = ["--hub", &hub.url, "--token", &token];
    let registered =
        renkei_in(hub.folder.path(), &[&["bundle", "register", "unit.json"][..], &at_hub].concat());
    assert_eq!(registered.status.code(), Some(0), "{}", text(&registered.stderr));
    let line = text(&registered.stdout);
    let id = line.split_whitespace().find_map(|word| word.strip_prefix("Bundle/")).unwrap();
    let patient = line.split_whitespace().find_map(|word| word.strip_prefix("Patient/")).unwrap();
    let shown = renkei_in(hub.folder.path(), &[&["bundle", "show", id][..], &at_hub].concat());
    assert_eq!(shown.stdout, sent.body);
    let own = hub.token("patient", &["--patient", patient]);
    let as_patient = ["--hub", &hub.url, "--token", &own];
    let summary = renkei_in(hub.folder.path(), &[&["patient", "summary", patient][..], &as_patient].concat());
    assert_eq!(summary.status.code(), Some(0), "{}", text(&summary.stderr));
    let seen = renkei_in(hub.folder.path(), &[&["patient", "seen-by", patient][..], &as_patient].concat());
    assert!(text(&seen.stdout).lines().count() >= 2);
    let list = renkei_in(hub.folder.path(), &[&["audit", "list"][..], &as_patient].concat());
    assert_eq!(list.status.code(), Some(1));
}

#[test]
fn a_revoked_token_opens_nothing() {
    let hub = Hub::start();
    let token = hub.system(HOSPITAL);
    assert_eq!(hub.post(&token, "/fhir/Bundle/$validate", b"{}").status, 200);
    let listed = text(&renkei_in(hub.folder.path(), &["token", "list"]).stdout);
    assert!(!listed.contains(&token));
    let id = listed.split_whitespace().find(|word| word.starts_with("t-")).unwrap().to_owned();
    assert_eq!(renkei_in(hub.folder.path(), &["token", "revoke", &id]).status.code(), Some(0));
    assert_eq!(renkei_in(hub.folder.path(), &["token", "revoke", &id]).status.code(), Some(1));
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert_eq!(hub.post(&token, "/fhir/Bundle/$validate", b"{}").status, 401);
}

#[test]
fn doctor_names_what_is_wrong() {
    let folder = prepared("renkei.db");
    let well = renkei_in(folder.path(), &["doctor"]);
    assert_eq!(well.status.code(), Some(0), "{}", text(&well.stdout));
    fs::set_permissions(folder.path().join("keyring.toml"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::remove_file(folder.path().join("members.csv")).unwrap();
    let ill = renkei_in(folder.path(), &["doctor"]);
    assert_eq!(ill.status.code(), Some(1));
    assert!(text(&ill.stdout).contains("chmod 600"));
    assert!(text(&ill.stdout).contains("members.csv"));
    assert_eq!(renkei_in(folder.path(), &["doctor", "--config", "absent.toml"]).status.code(), Some(1));
}

#[test]
fn help_manual_and_completions_come_from_one_definition_and_a_closed_pipe_is_no_error() {
    let folder = prepared("renkei.db");
    assert!(text(&renkei_in(folder.path(), &["man"]).stdout).contains(".TH renkei"));
    assert!(text(&renkei_in(folder.path(), &["completions", "bash"]).stdout).contains("seen-by"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_renkei"))
        .args(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}
