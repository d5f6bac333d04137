//! What holds across the entries of a Bundle, beyond the service's own.

use serde_json::{Value, json};

use crate::fixtures::{examine, keys};

const BASE: &str = "http://fhir.example.jp/r4";

fn bundle(kind: &str, entries: Value) -> Value {
    json!({ "resourceType": "Bundle", "type": kind, "entry": entries })
}

fn patient(id: &str) -> Value {
    json!({ "fullUrl": format!("{BASE}/Patient/{id}"), "resource": { "resourceType": "Patient", "id": id } })
}

/// A document about Patient/1 whose only section points to `entry`.
fn document(entry: &str) -> Value {
    let composition = json!({
        "resourceType": "Composition", "id": "1", "status": "final", "type": { "text": "架空" }, "date": "2026-04-01",
        "title": "架空", "subject": { "reference": "Patient/1" }, "author": [{ "reference": "#a" }],
        "contained": [{ "resourceType": "Practitioner", "id": "a" }],
        "section": [{ "title": "架空", "entry": [{ "reference": entry }] }],
    });
    let first = json!({ "fullUrl": format!("{BASE}/Composition/1"), "resource": composition });
    let mut document = bundle("document", json!([first, patient("1"), patient("2")]));
    document["identifier"] = json!({ "system": "urn:ietf:rfc:3986", "value": "urn:uuid:1" });
    document["timestamp"] = "2026-04-01T09:00:00+09:00".into();
    document
}

/// Key and place of every finding of the base.
fn told(document: &Value) -> Vec<(&'static str, String)> {
    examine(document).0.into_iter().map(|one| (one.key, one.expression)).collect()
}

#[test]
fn a_full_url_is_absolute_and_ends_with_type_and_id() {
    let entry = |url: &str| json!([{ "fullUrl": url, "resource": { "resourceType": "Patient", "id": "1" } }]);
    for (url, expected) in [
        ("Patient/1", Some("r4-full-url-relative")),
        ("http://a.example.jp/Patient/2", Some("r4-full-url-id")),
        ("http://a.example.jp/Patient/1", None),
        ("urn:uuid:00000000-0000-4000-8000-000000000001", None),
        ("http://a.example.jp/anything", None),
    ] {
        let found = keys(&bundle("collection", entry(url)));
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{url}");
    }
}

#[test]
fn links_that_turn_pages_stand_once_and_only_in_searches_and_histories() {
    let mut found = bundle("searchset", json!([]));
    found.as_object_mut().expect("a Bundle").remove("entry");
    found["link"] = json!([{ "relation": "next", "url": "a" }, { "relation": "next", "url": "a" }]);
    assert_eq!(told(&found), [("r4-link-twice", "Bundle.link[1].relation".to_owned())]);
    found["type"] = "collection".into();
    assert_eq!(keys(&found), ["r4-link", "r4-link"]);
}

#[test]
fn search_results_have_ids_and_are_what_was_searched_for() {
    let entry = json!([
        { "resource": { "resourceType": "Patient" }, "search": { "mode": "match" } },
        { "resource": { "resourceType": "Patient", "id": "1" }, "search": { "mode": "include" } },
    ]);
    let mut found = bundle("searchset", entry);
    found["link"] = json!([{ "relation": "self", "url": "http://a.example.jp/Basic?code=x" }]);
    let place = "Bundle.entry[0].resource".to_owned();
    assert_eq!(told(&found), [("r4-search-id", place.clone()), ("r4-search-type", place)]);
}

#[test]
fn what_a_composition_names_is_in_its_document() {
    assert_eq!(told(&document("Patient/2")), []);
    let place = "Bundle.entry[0].resource.section[0].entry[0].reference".to_owned();
    let loose = ("r4-document-loose", "Bundle.entry[2]".to_owned());
    assert_eq!(told(&document("Patient/9")), [("r4-bundle-reference", place.clone()), loose]);
    let mut twice = document("Patient/2");
    twice["entry"][1] = patient("2");
    twice["entry"][1]["resource"]["meta"] = json!({ "versionId": "7" });
    twice["entry"][0]["resource"]["subject"] = json!({ "display": "架空" });
    assert_eq!(told(&twice), [("r4-bundle-ambiguous", place)]);
    twice["entry"][0]["resource"]["section"][0]["entry"][0]["reference"] = "Patient/2/_history/7".into();
    assert_eq!(keys(&twice), ["r4-document-loose"]);
}

#[test]
fn entries_of_a_document_are_tied_by_references_in_either_direction() {
    let mut document = document("Patient/1");
    assert_eq!(told(&document), [("r4-document-loose", "Bundle.entry[2]".to_owned())]);
    document["entry"][2]["resource"]["link"] =
        json!([{ "other": { "reference": "Patient/1" }, "type": "seealso" }]);
    assert_eq!(told(&document), []);
}
