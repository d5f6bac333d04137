use fhir::finding::Language;
use profile::{Library, Membership, PackageId, Unknown, UnknownKind};
use serde_json::{Value, json};

use crate::data::{library, package};

fn id(name: &str, version: &str) -> PackageId {
    PackageId { name: name.to_owned(), version: version.to_owned() }
}

/// A library of one package with these resources.
fn of(resources: &[Value]) -> Library {
    Library::of(vec![package("t", "1.0.0", &json!({}), resources)])
}

fn colours() -> Value {
    json!({"resourceType": "CodeSystem", "url": "http://x/colours", "content": "complete", "concept": [
        {"code": "red", "display": "Red", "concept": [{"code": "crimson"}, {"code": "rose"}]},
        {"code": "blue", "property": [{"code": "cold", "valueBoolean": true}]}]})
}

fn value_set(compose: &Value) -> Value {
    json!({"resourceType": "ValueSet", "url": "http://x/vs", "compose": compose})
}

fn codes(compose: &Value) -> Vec<String> {
    let library = of(&[colours(), value_set(compose)]);
    let expansion = library.resolver(&id("t", "1.0.0")).value_set("http://x/vs");
    assert!(expansion.is_complete(), "{:?}", expansion.unknown);
    expansion.systems.iter().flat_map(|system| &system.codes).map(|member| member.code.clone()).collect()
}

#[test]
fn includes_filters_and_excludes_give_the_codes() {
    let filter = |property: &str, op: &str, value: &str| {
        json!({"include": [{"system": "http://x/colours",
               "filter": [{"property": property, "op": op, "value": value}]}]})
    };
    assert_eq!(codes(&filter("concept", "is-a", "red")), ["crimson", "red", "rose"]);
    assert_eq!(codes(&filter("concept", "descendent-of", "red")), ["crimson", "rose"]);
    assert_eq!(codes(&filter("concept", "is-not-a", "red")), ["blue"]);
    assert_eq!(codes(&filter("concept", "in", "red, blue")), ["blue", "red"]);
    assert_eq!(codes(&filter("concept", "not-in", "red,blue")), ["crimson", "rose"]);
    assert_eq!(codes(&filter("concept", "generalizes", "rose")), ["red", "rose"]);
    assert_eq!(codes(&filter("code", "regex", "r.*")), ["red", "rose"]);
    assert_eq!(codes(&filter("cold", "=", "true")), ["blue"]);
    assert_eq!(codes(&filter("cold", "exists", "false")), ["crimson", "red", "rose"]);
    let without = json!({"include": [{"system": "http://x/colours"}],
                         "exclude": [{"system": "http://x/colours", "concept": [{"code": "red"}]}]});
    assert_eq!(codes(&without), ["blue", "crimson", "rose"]);
}

#[test]
fn what_is_not_at_hand_makes_a_code_unknown_and_never_wrong() {
    let compose = json!({"include": [{"system": "http://x/colours"}, {"system": "http://loinc.org"}]});
    let library = of(&[colours(), value_set(&compose)]);
    let resolver = library.resolver(&id("t", "1.0.0"));
    let expansion = resolver.value_set("http://x/vs");
    assert_eq!(expansion.contains("http://x/colours", "red"), Membership::Yes);
    assert_eq!(expansion.contains("http://x/colours", "green"), Membership::No);
    assert_eq!(expansion.contains("http://loinc.org", "8302-2"), Membership::Unknown);
    assert_eq!(expansion.contains("http://x/other", "a"), Membership::No);
    let nowhere = resolver.value_set("http://x/nowhere");
    assert_eq!(nowhere.contains("http://x/other", "a"), Membership::Unknown);
}

#[test]
fn value_sets_made_of_each_other_end_and_say_so() {
    let set = |url: &str, of: &str| json!({"resourceType": "ValueSet", "url": url, "compose": {"include": [{"valueSet": [of]}]}});
    let library = of(&[set("http://x/a", "http://x/b"), set("http://x/b", "http://x/a")]);
    let expansion = library.resolver(&id("t", "1.0.0")).value_set("http://x/a");
    assert_eq!(expansion.contains("http://x/colours", "red"), Membership::Unknown);
}

#[test]
fn every_real_value_set_can_be_expanded() {
    let Some(library) = library("every_real_value_set_can_be_expanded") else { return };
    let clins = id("jp-eCSCLINS.r4", "1.10.0");
    let resolver = library.resolver(&clins);
    let gender = resolver.value_set("http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1");
    assert_eq!(gender.contains("http://hl7.org/fhir/administrative-gender", "male"), Membership::Yes);
    assert_eq!(gender.contains_code("man"), Membership::No);
    let package = library.package("jp-eCSCLINS.r4", Some("1.10.0")).unwrap();
    for resource in package.resources().iter().filter(|resource| resource.type_name == "ValueSet") {
        let expansion = resolver.value_set(resource.url.as_deref().unwrap());
        assert!(!expansion.systems.is_empty() || !expansion.unknown.is_empty(), "{resource:?}");
    }
}

#[test]
fn a_supplement_adds_words_to_the_codes_of_its_system() {
    let supplement = json!({"resourceType": "CodeSystem", "url": "http://x/words", "content": "supplement",
        "supplements": "http://x/colours|1", "concept": [
            {"code": "red", "designation": [{"language": "ja", "value": "赤"}]}, {"code": "none", "display": "無"}]});
    let library = of(&[supplement, colours()]);
    let systems = library.code_systems();
    assert_eq!(systems.len(), 1);
    let red = systems[0].concept("red").unwrap();
    assert_eq!((red.display.as_deref(), red.designations[0].value.as_str()), (Some("Red"), "赤"));
    assert!(systems[0].concept("none").is_none());
}

#[test]
fn the_list_its_makers_give_stands_in_where_its_rules_cannot_be_followed() {
    let mut set = value_set(&json!({"include": [{"system": "http://x/nowhere"}]}));
    set["expansion"] =
        json!({"total": 1, "contains": [{"system": "http://x/nowhere", "code": "a", "display": "A"}]});
    let library = of(std::slice::from_ref(&set));
    let expansion = library.resolver(&id("t", "1.0.0")).value_set("http://x/vs");
    assert_eq!(expansion.contains("http://x/nowhere", "b"), Membership::No);
    set["expansion"]["total"] = json!(2);
    let library = of(&[set]);
    let expansion = library.resolver(&id("t", "1.0.0")).value_set("http://x/vs");
    assert_eq!(expansion.contains("http://x/nowhere", "b"), Membership::Unknown);
}

#[test]
fn codes_both_value_sets_of_a_clause_hold_are_in_it() {
    let set = |url: &str, codes: &[&str]| {
        let concepts: Vec<Value> = codes.iter().map(|code| json!({"code": code})).collect();
        json!({"resourceType": "ValueSet", "url": url,
               "compose": {"include": [{"system": "http://x/colours", "concept": concepts}]}})
    };
    let both = value_set(&json!({"include": [{"valueSet": ["http://x/a", "http://x/b"]}]}));
    let open = json!({"resourceType": "ValueSet", "url": "http://x/open",
        "compose": {"include": [{"valueSet": ["http://x/a", "http://x/nowhere"]}]}});
    let resources =
        [set("http://x/a", &["red", "blue"]), set("http://x/b", &["blue", "rose"]), both, open, colours()];
    let library = of(&resources);
    let resolver = library.resolver(&id("t", "1.0.0"));
    let expansion = resolver.value_set("http://x/vs");
    let is_in = |code: &str| expansion.contains("http://x/colours", code);
    assert_eq!(
        (is_in("blue"), is_in("red"), is_in("rose")),
        (Membership::Yes, Membership::No, Membership::No)
    );
    let open = resolver.value_set("http://x/open");
    assert_eq!(open.contains("http://x/colours", "red"), Membership::Unknown);
    assert_eq!(open.contains("http://x/other", "red"), Membership::No);
}

#[test]
fn every_reason_for_not_knowing_has_words_in_both_languages() {
    for kind in UnknownKind::ALL {
        let unknown = Unknown { system: None, kind: *kind, what: "w".to_owned() };
        for language in [Language::Japanese, Language::English] {
            assert!(!unknown.message(language).contains('{'), "{kind:?}");
        }
    }
}

#[test]
fn a_code_that_only_an_older_guide_knows_is_known() {
    let system = |version: &str, codes: [&str; 2]| {
        json!({"resourceType": "CodeSystem", "url": "http://x/types", "version": version, "content": "complete",
               "concept": codes.map(|code| json!({"code": code}))})
    };
    let older = package("old", "1.0.0", &json!({}), &[system("1", ["checkup", "referral"])]);
    let newer = package("new", "1.0.0", &json!({}), &[system("5.11", ["summary", "referral"])]);
    let library = Library::of(vec![older, newer]);
    let [types] = &library.code_systems()[..] else { panic!("one system was expected") };
    assert!(["checkup", "referral", "summary"].iter().all(|code| types.concept(code).is_some()));
    assert!(types.is_complete() && types.concept("other").is_none());
}
