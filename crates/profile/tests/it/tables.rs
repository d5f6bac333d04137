use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use std::path::PathBuf;

use fhir::finding::Language;
use profile::{Library, Membership, PackageId, Profiles, TableForm, Unusable};
use serde_json::{Value, json};

use crate::data::{bytes, folder};

const SYSTEM: &str = "http://x/table";

fn nobody() -> PackageId {
    PackageId { name: "nobody".to_owned(), version: "0".to_owned() }
}

fn form() -> TableForm {
    TableForm { system: Some(SYSTEM.to_owned()), ..TableForm::default() }
}

/// A library that has read this CSV.
fn imported(csv: &[u8], form: &TableForm) -> (tempfile::TempDir, Library, Vec<u64>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("表.csv");
    std::fs::write(&file, csv).unwrap();
    let mut library = Library::open(&folder.path().join("kept")).unwrap();
    let told = library.import(&file, form).unwrap();
    assert_eq!(told.name, "表");
    (folder, library, told.passed)
}

#[test]
fn a_table_in_shift_jis_gives_codes_displays_and_days() {
    let csv = "コード,名称,開始,終了\nA1,肺炎,20200101,99999999\nA2,喘息,00000000,2024/3/31\n,なし,,\n";
    let (sjis, _, _) = encoding_rs::SHIFT_JIS.encode(csv);
    let columns = TableForm {
        code: Some("コード".to_owned()),
        display: Some("2".to_owned()),
        valid_from: Some("開始".to_owned()),
        valid_to: Some("終了".to_owned()),
        ..form()
    };
    let (_folder, library, passed) = imported(&sjis, &columns);
    assert_eq!(passed, [4]);
    let resolver = library.resolver(&nobody());
    let system = resolver.code_system(SYSTEM).unwrap();
    let days = |code: &str| {
        let concept = system.concept(code).unwrap();
        (concept.valid_from.as_deref(), concept.valid_to.as_deref())
    };
    assert_eq!(system.concept("A1").unwrap().display.as_deref(), Some("肺炎"));
    assert_eq!(days("A1"), (Some("2020-01-01"), None));
    assert_eq!(days("A2"), (None, Some("2024-03-31")));
    assert!(system.is_complete());
}

#[test]
fn lines_of_one_code_become_one_code_with_other_words() {
    let csv = b"code,name\nA,\"one, \"\"two\"\"\"\nA,other\\words\n";
    let columns = TableForm { code: Some("code".to_owned()), display: Some("name".to_owned()), ..form() };
    let (_folder, library, _) = imported(csv, &columns);
    let resolver = library.resolver(&nobody());
    let concept = resolver.code_system(SYSTEM).unwrap().concept("A").unwrap();
    assert_eq!(concept.display.as_deref(), Some("one, \"two\""));
    assert_eq!(concept.designations[0].value, "other\\words");
}

#[test]
fn a_table_makes_known_what_a_package_left_open_and_keeps_what_it_told() {
    let resources: [Value; 2] = [
        json!({"resourceType": "CodeSystem", "url": SYSTEM, "content": "fragment",
               "concept": [{"code": "old", "display": "Old"}, {"code": "A", "display": "Other"}]}),
        json!({"resourceType": "ValueSet", "url": "http://x/vs", "compose": {"include": [{"system": SYSTEM}]}}),
    ];
    let manifest = json!({"name": "p", "version": "1.0.0", "fhirVersions": ["4.0.1"]});
    let source = tempfile::tempdir().unwrap();
    for (name, value) in [("a.json", &resources[0]), ("b.json", &resources[1]), ("package.json", &manifest)] {
        std::fs::write(source.path().join(name), bytes(value)).unwrap();
    }
    let csv = b"code,name\nA,One\n";
    let columns = TableForm { code: Some("code".to_owned()), display: Some("name".to_owned()), ..form() };
    let (_folder, mut library, _) = imported(csv, &columns);
    let before = library.fingerprint();
    library.add(source.path()).unwrap();
    assert_ne!(library.fingerprint(), before);
    let expansion = library.resolver(&library.ids()[0]).value_set("http://x/vs");
    let is_in = |code: &str| expansion.contains(SYSTEM, code);
    assert_eq!((is_in("A"), is_in("old"), is_in("B")), (Membership::Yes, Membership::Yes, Membership::No));
    library.remove_table("表").unwrap();
    let expansion = library.resolver(&library.ids()[0]).value_set("http://x/vs");
    assert_eq!(expansion.contains(SYSTEM, "B"), Membership::Unknown);
}

#[test]
fn what_is_no_table_is_told_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let mut library = Library::open(folder.path()).unwrap();
    let mut refused = |csv: &[u8], form: &TableForm| {
        let file = folder.path().join("t.csv");
        std::fs::write(&file, csv).unwrap();
        let error = library.import(&file, form).unwrap_err();
        [Language::Japanese, Language::English].map(|language| error.message(language))
    };
    let first = TableForm { code: Some("1".to_owned()), ..form() };
    assert!(refused(&[0x81, 0xff, 0xfe], &first)[1].contains("Shift_JIS"));
    assert!(refused(b"a,b\n1,2\n", &form())[1].contains("column"));
    assert!(refused(b"a,b\n", &first)[1].contains("no line"));
    let unsystematic = TableForm { system: None, ..first };
    assert!(refused(b"a\n1\n", &unsystematic)[1].contains("system"));
    assert_eq!(Unusable::ALL.len(), 4);
}

#[test]
fn j_fagy_is_known_by_its_names() {
    let Some(folder) = folder("j_fagy_is_known_by_its_names") else { return };
    let file: PathBuf = folder.join("terminology/JFAGY_J9FN_20250401_R01.csv");
    let kept = tempfile::tempdir().unwrap();
    let mut library = Library::open(kept.path()).unwrap();
    let told = library.import(&file, &TableForm::default()).unwrap();
    assert_eq!(told.systems.iter().map(|(_, count)| count).sum::<usize>(), 1737);
    assert_eq!(told.passed.len(), 1, "the dummy code of medicines belongs to no system of this table");
    let again = Library::open(kept.path()).unwrap();
    let resolver = again.resolver(&nobody());
    let food = resolver.code_system("http://jpfhir.jp/fhir/core/CodeSystem/JP_JfagyFoodAllergen_CS").unwrap();
    assert_eq!(food.concept("J9FC11310000").and_then(|one| one.display.as_deref()), Some("さば"));
}

#[test]
fn a_code_is_judged_by_the_day_that_the_document_bears() {
    let columns = TableForm {
        code: Some("コード".to_owned()),
        display: Some("名称".to_owned()),
        valid_to: Some("終了".to_owned()),
        ..form()
    };
    let (_folder, library, _) = imported("コード,名称,終了\nA2,喘息,20240331\n".as_bytes(), &columns);
    let validator = Validator::base().with(Profiles::of(&library));
    let findings = |day: &str| {
        let coding = json!({ "system": SYSTEM, "code": "A2", "display": "喘息" });
        let document = json!({
            "resourceType": "Bundle", "type": "collection", "timestamp": format!("{day}T09:00:00+09:00"),
            "entry": [{
                "fullUrl": "urn:uuid:0d51bf2a-4863-4b36-8ad3-cb5ea0df1023",
                "resource": { "resourceType": "Basic", "code": { "coding": [coding] } }
            }]
        });
        let bytes = document.to_string();
        validator.examine(&Parsed::parse(bytes.as_bytes(), &Limits::default()).unwrap())
    };
    assert!(findings("2024-03-31").0.is_empty());
    let late = findings("2024-04-01");
    assert_eq!(
        (late.0[0].key, late.0[0].expected.as_deref()),
        ("profile-code-not-valid", Some("〜2024-03-31"))
    );
}
