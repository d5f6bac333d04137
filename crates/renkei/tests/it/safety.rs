//! What the hub proves of itself, and how soon it stops proving what is no longer so.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::access_review::{said, signed_in};
use crate::hub::{HOSPITAL, Hub, prepared, renkei_in, today};

/// What a run of the checks read: each control, whether it holds, and what was measured.
fn checked(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = renkei_in(folder, &[&["safety", "check", "--json"], arguments].concat());
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of<'v>(read: &'v [Value], control: &str) -> &'v Value {
    read.iter().find(|one| one["control"] == control).unwrap_or_else(|| panic!("{control} was not read"))
}

fn holds(read: &[Value], control: &str) -> bool {
    of(read, control)["holds"].as_bool().unwrap()
}

/// Where the items that rest on a control stand for the hospital.
fn standings(folder: &Path, item: &str) -> String {
    let output = renkei_in(folder, &["safety", "status", "--json", "--institution", HOSPITAL]);
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.contains(&format!("\"item\":\"{item}\""))).unwrap();
    serde_json::from_str::<Value>(line).unwrap()["standing"].as_str().unwrap().to_owned()
}

/// A hub that backs itself up, with three generations.
fn backed_up() -> Hub {
    let folder = prepared("renkei.db");
    let config = folder.path().join("renkei.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("vulnerabilities = \"osv.json\"\n{text}\n[backup]\nfolder = \"backups\"\n"))
        .unwrap();
    fs::write(folder.path().join("osv.json"), "[]").unwrap();
    let hub = Hub::run_in(folder, &[env!("CARGO_BIN_EXE_renkei")]);
    for _ in 0..3 {
        said(&hub, &["backup", "make"]);
    }
    hub
}

#[test]
fn a_stopped_backup_and_a_bad_copy_turn_what_they_prove_and_a_new_backup_turns_it_back() {
    let hub = backed_up();
    let folder = hub.folder.path();
    let read = checked(folder, &[]);
    assert!(holds(&read, "backup_generations"), "{}", of(&read, "backup_generations"));
    assert!(holds(&read, "restore_drill"), "{}", of(&read, "restore_drill"));
    assert!(holds(&read, "sbom_vuln") && holds(&read, "patch_state"));
    assert_eq!(of(&read, "tls_profile")["measured"]["encrypted"], false, "http is told as it is");

    // Backups stopped two days ago.
    let manifests: Vec<_> = fs::read_dir(folder.join("backups"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    let kept: Vec<String> = manifests.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let year = today().year().to_string();
    for (path, text) in manifests.iter().zip(&kept) {
        let old = text.replacen(&format!("\"made_at\": \"{year}"), "\"made_at\": \"2020", 1);
        assert_ne!(&old, text);
        fs::write(path, old).unwrap();
    }
    assert!(!holds(&checked(folder, &[]), "backup_generations"));
    for (path, text) in manifests.iter().zip(&kept) {
        fs::write(path, text).unwrap();
    }
    assert!(holds(&checked(folder, &[]), "backup_generations"));

    // The newest copy is cut short: the drill finds it before the day it is needed.
    let newest = said(&hub, &["backup", "list", "--json"]);
    let newest: Value = serde_json::from_str(newest.lines().next().unwrap()).unwrap();
    let copy = folder.join("backups").join(newest["file"].as_str().unwrap());
    let whole = fs::read(&copy).unwrap();
    fs::remove_file(&copy).unwrap();
    fs::write(&copy, &whole[..whole.len() / 2]).unwrap();
    assert!(!holds(&checked(folder, &[]), "restore_drill"));
    said(&hub, &["backup", "make"]);
    assert!(holds(&checked(folder, &[]), "restore_drill"));
    assert!(said(&hub, &["backup", "drill"]).is_empty());
}

#[test]
fn a_record_that_somebody_altered_on_a_copy_fails_there_and_not_where_it_was_not() {
    let hub = backed_up();
    signed_in(&hub, "anzen.kiroku", "safety-manager", HOSPITAL);
    assert!(holds(&checked(hub.folder.path(), &[]), "audit_log_integrity"));
    let folder = hub.kill();
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let database = rusqlite::Connection::open(copy.path().join("renkei.db")).unwrap();
    let altered = "update event set body = replace(body, 'done', 'none') where act = 'sign-in'";
    assert!(database.execute(altered, []).unwrap() > 0);
    drop(database);
    let read = checked(copy.path(), &[]);
    assert_eq!(of(&read, "audit_log_integrity")["measured"]["broken"]["why"], "event-altered");
    assert_eq!(standings(copy.path(), "mhlw6.op.17.2"), "no");
    assert!(holds(&checked(folder.path(), &[]), "audit_log_integrity"));
    assert_ne!(standings(folder.path(), "mhlw6.op.17.2"), "no");
}

#[test]
fn an_exception_from_the_second_factor_turns_the_item_and_its_end_turns_it_back() {
    let hub = Hub::start();
    signed_in(&hub, "anzen.niyoso", "safety-manager", HOSPITAL);
    signed_in(&hub, "kango.niyoso", "nurse", HOSPITAL);
    let folder = hub.folder.path();
    let institution = ["--institution", HOSPITAL];
    checked(folder, &[]);
    assert!(holds(&checked(folder, &institution), "mfa_enforced"));
    assert_eq!(standings(folder, "mhlw6.pm.13.2"), "yes");
    let until = today().tomorrow().unwrap().to_string();
    said(
        &hub,
        &["account", "except", "kango.niyoso", "--reason", "両手をけがして端末を持てない", "--until", &until],
    );
    let read = checked(folder, &institution);
    assert_eq!(of(&read, "mfa_enforced")["measured"]["excepted"], 1);
    assert_eq!(standings(folder, "mhlw6.pm.13.2"), "no");
    said(&hub, &["account", "end-exception", "kango.niyoso"]);
    assert!(holds(&checked(folder, &institution), "mfa_enforced"));
    assert_eq!(standings(folder, "mhlw6.pm.13.2"), "yes");
}

#[test]
fn at_least_sixty_items_are_proved_by_the_hub_itself() {
    let hub = backed_up();
    let manager = signed_in(&hub, "anzen.rokuju", "safety-manager", HOSPITAL);
    assert_eq!(manager.get("/audit").status, 200);
    let folder = hub.folder.path();
    checked(folder, &[]);
    checked(folder, &["--institution", HOSPITAL]);
    let output =
        renkei_in(folder, &["safety", "status", "--json", "--institution", HOSPITAL, "--standing", "yes"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let proved = text.lines().count();
    assert!(proved >= 60, "{proved} items: {text}");
}
