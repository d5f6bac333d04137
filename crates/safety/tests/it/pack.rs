//! An inspection pack, opened by others.

use std::collections::{BTreeMap, BTreeSet};

use guideline::{Catalogue, Proof, Standing, Why};
use jiff::Timestamp;
use jiff::civil::date;
use paper::{Limits, read_sheets, sheet_named};
use ring::digest::{SHA256, digest};
use safety::pack::{Gathered, Line, PACK_FORM, STEPS, archive, contents, file};
use serde_json::Value;
use store::{Bucket, Evidence, new_event_id};

/// 2026-11-21 09:00 in Japan.
fn now() -> Timestamp {
    "2026-11-21T00:00:00Z".parse().unwrap()
}

/// The words' own keys.
fn words(key: &str) -> String {
    key.to_owned()
}

fn standing(number: usize) -> Standing {
    match number % 4 {
        0 => Standing::Yes { by: Proof::Auto, since: now(), until: "2026-12-21T00:00:00Z".parse().unwrap() },
        1 => Standing::No { target: Some(date(2027, 1, 31)), failing: vec!["mfa_enforced".to_owned()] },
        2 => Standing::NotApplicable {
            reason: "リモートメンテナンスの\n契約がない".to_owned()
        },
        _ => Standing::Unconfirmed { why: Why::Never },
    }
}

fn gathered() -> Gathered {
    let (edition, rows) = PACK_FORM;
    let items = Catalogue::shipped().items().iter().filter(|item| item.id.starts_with(rows));
    let lines: Vec<Line> = items
        .enumerate()
        .map(|(number, item)| Line { item, standing: standing(number), answer: None })
        .collect();
    let control = lines.iter().find_map(|line| line.item.controls.first()).unwrap().clone();
    let evidence = Evidence {
        id: new_event_id(Bucket::of_text("x"), now()).unwrap(),
        scope: "4919999901".to_owned(),
        control,
        source: "check".to_owned(),
        kind: "auto".to_owned(),
        holds: true,
        measured: r#"{"accounts":12,"note":"=1+1"}"#.to_owned(),
        true_at: now(),
        received_at: now(),
        holds_until: now(),
        by: None,
    };
    Gathered {
        institution: "4919999901".to_owned(),
        name: "架空中央病院".to_owned(),
        made_at: now(),
        made_by: "架空 企画".to_owned(),
        edition: Catalogue::shipped().edition(edition).unwrap(),
        lines,
        evidence: vec![evidence],
        acts: Vec::new(),
        words,
    }
}

fn packed() -> Vec<u8> {
    archive(&gathered(), || {}).unwrap()
}

fn json(bytes: &[u8], name: &str) -> Value {
    serde_json::from_slice(&file(bytes, &format!("oscal/{name}.json")).unwrap()).unwrap()
}

#[test]
fn each_file_has_the_hash_that_the_list_names_and_the_same_facts_make_the_same_bytes() {
    let mut told = 1;
    let facts = gathered();
    let bytes = archive(&facts, || told += 1).unwrap();
    assert_eq!(told, STEPS);
    assert_eq!(bytes, archive(&facts, || {}).unwrap());
    let sums = String::from_utf8(file(&bytes, "SHA256SUMS").unwrap()).unwrap();
    let sums: BTreeMap<&str, &str> =
        sums.lines().map(|line| line.split_once("  ").map(|(sum, name)| (name, sum)).unwrap()).collect();
    let names: Vec<String> = contents(&bytes).into_iter().map(|(name, _)| name).collect();
    assert_eq!(sums.len(), names.len() - 1);
    for name in names.iter().filter(|name| *name != "SHA256SUMS") {
        let content = file(&bytes, name).unwrap();
        let sum: String =
            digest(&SHA256, &content).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sums[name.as_str()], sum, "{name}");
    }
    for wanted in
        ["checklist.xlsx", "checklist.pdf", "oscal/catalog.json", "evidence/evidence.csv", "record/acts.csv"]
    {
        assert!(names.iter().any(|name| name == wanted), "{wanted}: {names:?}");
    }
}

#[test]
fn what_was_not_held_against_the_original_stands_on_a_leaf_of_its_own() {
    let sheets = read_sheets(&file(&packed(), "checklist.xlsx").unwrap(), &Limits::default()).unwrap();
    let form = sheet_named(&sheets, "pack-paper.form").unwrap();
    let facts = gathered();
    let asked: BTreeSet<String> = form.rows.iter().map(|row| row.cell(1).text()).collect();
    for line in &facts.lines {
        assert_eq!(asked.contains(&line.item.ja), line.item.is_printable(), "{}", line.item.id);
    }
    let left_out = facts.lines.iter().filter(|line| !line.item.is_printable()).count();
    match sheet_named(&sheets, "pack-paper.left-out") {
        Ok(sheet) => assert_eq!(sheet.rows.len(), left_out + 3),
        Err(_) => assert_eq!(left_out, 0),
    }
    let no = form.rows.iter().find(|row| row.cell(2).text() == "pack-paper.no").unwrap();
    assert_eq!(no.cell(4).day(), Some(date(2027, 1, 31)));
}

#[test]
fn nothing_of_a_pack_says_that_somebody_complies() {
    let bytes = packed();
    for (name, _) in
        contents(&bytes).into_iter().filter(|(name, _)| name.ends_with(".json") || name.ends_with(".csv"))
    {
        let text = String::from_utf8(file(&bytes, &name).unwrap()).unwrap().to_lowercase();
        assert!(!text.contains("complian") && !text.contains("準拠"), "{name}");
    }
}

#[test]
fn oscal_names_only_what_is_there_and_is_of_the_form_nist_publishes() {
    let bytes = packed();
    let catalog = &json(&bytes, "catalog")["catalog"];
    let mut controls = BTreeSet::new();
    each(catalog, &mut |key, value| {
        if key == "controls" {
            let ids = value.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
            controls.extend(ids);
        }
    });
    assert_eq!(controls.len(), gathered().lines.len());
    let mut uuids = BTreeSet::new();
    for name in ["catalog", "profile", "component-definition", "assessment-results", "poam"] {
        let model = json(&bytes, name);
        let root = model.as_object().unwrap().values().next().unwrap();
        assert_eq!(root["metadata"]["oscal-version"], "1.1.3");
        each(&model, &mut |key, value| {
            match (key, value) {
                ("uuid", Value::String(uuid)) => {
                    assert_eq!(uuid.as_bytes()[14], b'5', "{uuid} is of version 5");
                    uuids.insert(uuid.clone());
                }
                ("control-id", Value::String(id)) => assert!(controls.contains(id), "{id}"),
                ("with-ids", Value::Array(ids)) => {
                    assert!(ids.iter().all(|id| controls.contains(id.as_str().unwrap())));
                }
                (_, Value::Array(all)) => assert!(!all.is_empty(), "{name}: {key} is empty"),
                (_, Value::String(text)) => {
                    assert!(!text.is_empty() && text.trim() == text, "{name}: {key} {text:?}")
                }
                _ => {}
            };
        });
    }
    for name in ["assessment-results", "poam"] {
        each(&json(&bytes, name), &mut |key, value| {
            if ["observation-uuid", "risk-uuid"].contains(&key) {
                assert!(uuids.contains(value.as_str().unwrap()), "{key} {value}");
            }
        });
    }
}

/// Every member of every object.
fn each(value: &Value, see: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                see(key, value);
                each(value, see);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| each(one, see)),
        _ => {}
    }
}
