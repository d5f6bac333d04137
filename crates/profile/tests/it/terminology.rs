use profile::{Library, Membership, PackageId};
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
