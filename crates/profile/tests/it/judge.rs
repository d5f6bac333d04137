//! What the profiles of packages find in documents.

use fhir::finding::{Finding, Findings, Severity};
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use profile::{Library, Profiles};
use serde_json::{Value, json};

use crate::data::package;

const PATIENT: &str = "http://example.jp/Patient";

/// A profile of `kind` whose differential is `elements`, without a snapshot: R4's own definitions complete it.
fn profile(url: &str, kind: &str, elements: &Value) -> Value {
    json!({
        "resourceType": "StructureDefinition", "url": url, "version": "1.0.0", "name": "Example",
        "status": "draft", "kind": "resource", "abstract": false, "type": kind,
        "baseDefinition": format!("http://hl7.org/fhir/StructureDefinition/{kind}"),
        "derivation": "constraint", "snapshot": { "element": whole(kind, elements) },
        "differential": { "element": elements },
    })
}

/// The elements with the root before them.
fn whole(kind: &str, elements: &Value) -> Value {
    let root = json!({ "id": kind, "path": kind, "min": 0, "max": "*" });
    std::iter::once(root).chain(elements.as_array().unwrap().iter().cloned()).collect()
}

fn element(id: &str, more: &Value) -> Value {
    let path: Vec<&str> = id.split('.').map(|part| part.split(':').next().unwrap()).collect();
    let mut element = json!({ "id": id, "path": path.join(".") });
    if let Some((_, slice)) = id.rsplit('.').next().unwrap().split_once(':') {
        element["sliceName"] = slice.into();
    }
    for (name, value) in more.as_object().unwrap() {
        element[name] = value.clone();
    }
    element
}

fn judged(resources: &[Value], document: &Value) -> Findings {
    let library = Library::of(vec![package("example", "1.0.0", &json!({}), resources)]);
    examine(&Validator::base().with(Profiles::of(&library)), document)
}

fn examine(validator: &Validator, document: &Value) -> Findings {
    let bytes = document.to_string();
    validator.examine(&Parsed::parse(bytes.as_bytes(), &Limits::default()).unwrap())
}

/// The one error there is.
fn only(findings: &Findings) -> &Finding {
    let errors: Vec<&Finding> =
        findings.0.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{findings:#?}");
    errors[0]
}

fn patient(more: &Value) -> Value {
    let mut patient = json!({ "resourceType": "Patient", "meta": { "profile": [PATIENT] } });
    for (name, value) in more.as_object().unwrap() {
        patient[name] = value.clone();
    }
    patient
}

#[test]
fn a_missing_element_is_told_with_its_profile_and_the_smallest_thing_that_mends_it() {
    let elements = json!([
        element("Patient.identifier", &json!({ "min": 1, "max": "*" })),
        element("Patient.identifier.system", &json!({ "min": 1, "max": "1", "fixedUri": "urn:example" })),
        element("Patient.identifier.value", &json!({ "min": 1, "max": "1" })),
    ]);
    let findings = judged(&[profile(PATIENT, "Patient", &elements)], &patient(&json!({})));
    let finding = only(&findings);
    assert_eq!((finding.key, finding.expression.as_str()), ("profile-missing", "Patient"));
    assert_eq!(finding.profile.as_deref(), Some("http://example.jp/Patient|1.0.0"));
    assert_eq!(finding.rule.as_deref(), Some("Patient.identifier"));
    assert_eq!(finding.example.as_deref(), Some(r#""identifier": [{"system":"urn:example","value":"…"}]"#));
}

#[test]
fn an_element_that_the_profile_forbids_is_found_where_it_stands() {
    let elements = json!([element("Patient.photo", &json!({ "min": 0, "max": "0" }))]);
    let document = patient(&json!({ "photo": [{ "title": "a" }] }));
    let findings = judged(&[profile(PATIENT, "Patient", &elements)], &document);
    assert_eq!(only(&findings).expression, "Patient.photo[0]");
}

#[test]
fn a_fixed_value_must_be_exact_and_a_pattern_may_be_exceeded() {
    let coding = json!({ "coding": [{ "system": "urn:example", "code": "M" }] });
    let resource = |name: &str| {
        let elements = json!([element("Patient.maritalStatus", &json!({ name: coding }))]);
        profile(PATIENT, "Patient", &elements)
    };
    let exact = patient(&json!({ "maritalStatus": coding }));
    let more = patient(&json!({ "maritalStatus": {
        "coding": [{ "system": "urn:other", "code": "x" }, { "system": "urn:example", "code": "M", "display": "m" }]
    } }));
    let (fixed, pattern) = (resource("fixedCodeableConcept"), resource("patternCodeableConcept"));
    assert!(!judged(std::slice::from_ref(&fixed), &exact).has_errors());
    assert!(!judged(std::slice::from_ref(&pattern), &exact).has_errors());
    assert!(!judged(&[pattern], &more).has_errors());
    assert_eq!(only(&judged(&[fixed], &more)).key, "profile-fixed");
}

/// Identifiers in two slices, told apart by their system.
fn sliced(rules: &str, more: &Value) -> Value {
    let slicing = json!({ "discriminator": [{ "type": "value", "path": "system" }], "rules": rules });
    let mut elements = vec![
        element("Patient.identifier", &json!({ "slicing": slicing })),
        element("Patient.identifier:insured", &json!({ "min": 1, "max": "1" })),
        element("Patient.identifier:insured.system", &json!({ "min": 1, "fixedUri": "urn:oid:1.2.3.4" })),
        element("Patient.identifier:local", &json!({ "min": 0, "max": "1" })),
        element("Patient.identifier:local.system", &json!({ "min": 1, "fixedUri": "urn:local" })),
    ];
    elements.extend(more.as_array().unwrap().iter().cloned());
    profile(PATIENT, "Patient", &elements.into())
}

#[test]
fn a_value_that_nearly_fits_a_missing_slice_is_told_which_and_why_not() {
    let document = patient(&json!({ "identifier": [{ "system": "urn:oid:1.2.3.5", "value": "1" }] }));
    let findings = judged(&[sliced("open", &json!([]))], &document);
    let finding = only(&findings);
    assert_eq!((finding.key, finding.expression.as_str()), ("profile-slice-near", "Patient.identifier[0]"));
    assert_eq!(finding.element.as_deref(), Some("insured"));
    assert_eq!(finding.found.as_deref(), Some("system = urn:oid:1.2.3.5"));
    assert_eq!(finding.expected.as_deref(), Some("system = urn:oid:1.2.3.4"));
}

#[test]
fn where_nothing_is_near_the_slice_is_missing_from_its_parent() {
    let document = patient(&json!({ "identifier": [{ "system": "urn:local", "value": "1" }] }));
    let findings = judged(&[sliced("open", &json!([]))], &document);
    assert_eq!(
        (only(&findings).key, only(&findings).expression.as_str()),
        ("profile-slice-missing", "Patient")
    );
}

#[test]
fn a_closed_slicing_takes_no_stranger_and_an_open_one_does() {
    let document = patient(&json!({ "identifier": [
        { "system": "urn:oid:1.2.3.4", "value": "1" }, { "system": "urn:stranger", "value": "2" }
    ] }));
    assert!(!judged(&[sliced("open", &json!([]))], &document).has_errors());
    let findings = judged(&[sliced("closed", &json!([]))], &document);
    assert_eq!(only(&findings).key, "profile-slice-closed");
    assert_eq!(only(&findings).expression, "Patient.identifier[1]");
}

#[test]
fn a_slice_may_have_too_many_values_though_the_element_has_not() {
    let local = json!({ "system": "urn:local", "value": "1" });
    let document = patient(&json!({ "identifier": [{ "system": "urn:oid:1.2.3.4" }, local, local] }));
    let findings = judged(&[sliced("open", &json!([]))], &document);
    assert_eq!(only(&findings).key, "profile-slice-too-many");
    assert_eq!(only(&findings).expression, "Patient.identifier[2]");
}

#[test]
fn slices_inside_a_slice_are_told_apart_in_their_turn() {
    let inner = json!([
        element(
            "Patient.identifier:local",
            &json!({
                "min": 0, "max": "*",
                "slicing": { "discriminator": [{ "type": "value", "path": "use" }], "rules": "closed" }
            })
        ),
        element("Patient.identifier:local/old", &json!({ "min": 0, "max": "1" })),
        element("Patient.identifier:local/old.use", &json!({ "min": 1, "fixedCode": "old" })),
    ]);
    let mut resource = sliced("open", &json!([]));
    let list = resource["snapshot"]["element"].as_array_mut().unwrap();
    list.retain(|one| one["id"] != "Patient.identifier:local");
    list.extend(inner.as_array().unwrap().iter().cloned());
    let document = |usage: &str| {
        patient(&json!({ "identifier": [
            { "system": "urn:oid:1.2.3.4" }, { "system": "urn:local", "use": usage, "value": "1" }
        ] }))
    };
    assert!(!judged(std::slice::from_ref(&resource), &document("old")).has_errors());
    let findings = judged(&[resource], &document("temp"));
    assert_eq!(only(&findings).rule.as_deref(), Some("Patient.identifier:local/old"));
}

#[test]
fn a_choice_is_narrowed_to_the_types_that_the_profile_leaves() {
    let url = "http://example.jp/Observation";
    let elements = json!([element("Observation.value[x]", &json!({ "type": [{ "code": "Quantity" }] }))]);
    let document = json!({
        "resourceType": "Observation", "meta": { "profile": [url] }, "status": "final",
        "code": { "text": "身長" }, "valueString": "170cm"
    });
    let findings = judged(&[profile(url, "Observation", &elements)], &document);
    let finding = only(&findings);
    assert_eq!((finding.key, finding.expected.as_deref()), ("profile-type", Some("Quantity")));
    assert_eq!(finding.expression, "Observation.value.ofType(string)");
}

fn colours() -> [Value; 2] {
    [
        json!({
            "resourceType": "CodeSystem", "url": "urn:colours", "version": "1", "content": "complete",
            "concept": [{ "code": "red", "display": "赤色" }, { "code": "green", "display": "緑色" }]
        }),
        json!({
            "resourceType": "ValueSet", "url": "http://example.jp/colours", "version": "1",
            "compose": { "include": [{ "system": "urn:colours" }] }
        }),
    ]
}

fn coloured(strength: &str) -> Vec<Value> {
    let binding = json!({ "strength": strength, "valueSet": "http://example.jp/colours" });
    let elements = json!([element("Patient.maritalStatus", &json!({ "binding": binding }))]);
    let [system, set] = colours();
    vec![profile(PATIENT, "Patient", &elements), system, set]
}

fn colour(code: &str, display: &str) -> Value {
    let coding = json!({ "system": "urn:colours", "code": code, "display": display });
    patient(&json!({ "maritalStatus": { "coding": [coding] } }))
}

#[test]
fn a_code_outside_a_required_set_is_an_error_that_names_the_nearest_code() {
    let findings = judged(&coloured("required"), &colour("grean", "緑色"));
    let finding = findings.0.iter().find(|finding| finding.key == "profile-binding").unwrap();
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(finding.expected.as_deref(), Some("http://example.jp/colours (green)"));
}

#[test]
fn a_code_outside_an_extensible_set_is_a_warning() {
    let findings = judged(&coloured("extensible"), &colour("grean", "緑色"));
    let finding = findings.0.iter().find(|finding| finding.key == "profile-binding").unwrap();
    assert_eq!(finding.severity, Severity::Warning);
}

#[test]
fn a_display_that_only_looks_right_is_told_by_its_code_points() {
    let findings = judged(&coloured("required"), &colour("red", "⾚色"));
    let finding = &findings.0[0];
    assert_eq!(finding.key, "profile-display-lookalike");
    assert!(finding.found.as_deref().unwrap().contains("U+2F9A"), "{finding:?}");
    assert_eq!(finding.expected.as_deref(), Some("赤色"));
    assert!(judged(&coloured("required"), &colour("red", "赤色")).0.is_empty());
}

#[test]
fn a_set_of_a_system_that_is_not_at_hand_refuses_nobody_and_says_so() {
    let mut resources = coloured("required");
    resources.remove(1);
    let findings = judged(&resources, &colour("blue", "青"));
    assert!(!findings.has_errors());
    assert_eq!(findings.0[0].key, "profile-code-unknown");
}

#[test]
fn an_invariant_is_told_by_its_key_and_its_words() {
    let constraint = json!([{
        "key": "ex-1", "severity": "error", "human": "氏名が必要です", "expression": "name.exists()"
    }]);
    let mut resource = profile(PATIENT, "Patient", &json!([]));
    resource["snapshot"]["element"][0]["constraint"] = constraint;
    let findings = judged(&[resource], &patient(&json!({})));
    let finding = only(&findings);
    assert_eq!((finding.key, finding.rule.as_deref()), ("profile-invariant", Some("ex-1")));
    assert_eq!(finding.found.as_deref(), Some("氏名が必要です"));
}

#[test]
fn an_invariant_that_does_not_parse_is_an_oddity_and_refuses_nobody() {
    let mut resource = profile(PATIENT, "Patient", &json!([]));
    resource["snapshot"]["element"][0]["constraint"] =
        json!([{ "key": "ex-1", "severity": "error", "human": "?", "expression": "name.(" }]);
    let profiles = Profiles::of(&Library::of(vec![package("example", "1.0.0", &json!({}), &[resource])]));
    assert!(profiles.oddities().any(|(_, what)| what.contains("ex-1")));
    assert!(!examine(&Validator::base().with(profiles), &patient(&json!({}))).has_errors());
}

#[test]
fn an_extension_is_judged_by_its_definition_wherever_it_stands() {
    let url = "http://example.jp/Extension/colour";
    let mut definition = profile(
        url,
        "Extension",
        &json!([
            element("Extension.url", &json!({ "min": 1, "fixedUri": url })),
            element("Extension.value[x]", &json!({ "min": 1, "type": [{ "code": "code" }] })),
        ]),
    );
    definition["context"] = json!([{ "type": "element", "expression": "HumanName" }]);
    let document = |extension: Value| json!({ "resourceType": "Patient", "name": [{ "text": "a", "extension": [extension] }] });
    let good = document(json!({ "url": url, "valueCode": "red" }));
    assert!(!judged(std::slice::from_ref(&definition), &good).has_errors());
    let wrong = document(json!({ "url": url, "valueString": "red" }));
    assert_eq!(only(&judged(std::slice::from_ref(&definition), &wrong)).key, "profile-type");
    let elsewhere = json!({ "resourceType": "Patient", "extension": [{ "url": url, "valueCode": "red" }] });
    assert_eq!(only(&judged(&[definition], &elsewhere)).key, "profile-extension-context");
}

/// A collection whose entries are told apart by profile.
fn collection() -> Vec<Value> {
    let url = "http://example.jp/Bundle";
    let slicing = json!({ "discriminator": [{ "type": "profile", "path": "resource" }], "rules": "closed" });
    let bundle = profile(
        url,
        "Bundle",
        &json!([
            element("Bundle.entry", &json!({ "slicing": slicing })),
            element("Bundle.entry:patient", &json!({ "min": 1, "max": "1" })),
            element(
                "Bundle.entry:patient.resource",
                &json!({ "type": [{ "code": "Patient", "profile": [PATIENT] }] })
            ),
        ]),
    );
    let patient = profile(PATIENT, "Patient", &json!([element("Patient.name", &json!({ "min": 1 }))]));
    vec![bundle, patient]
}

#[test]
fn a_fault_inside_an_entry_is_told_once_with_what_follows_from_it() {
    let bundle = json!({
        "resourceType": "Bundle", "meta": { "profile": ["http://example.jp/Bundle"] }, "type": "collection",
        "entry": [{ "fullUrl": "urn:uuid:0d51bf2a-4863-4b36-8ad3-cb5ea0df1023", "resource": patient(&json!({})) }]
    });
    let findings = judged(&collection(), &bundle);
    let finding = only(&findings);
    assert_eq!((finding.key, finding.expression.as_str()), ("profile-missing", "Bundle.entry[0].resource"));
    let follows: Vec<&str> = finding.consequences.iter().map(|one| one.key).collect();
    assert_eq!(follows, ["profile-slice-closed", "profile-slice-near"]);
}

#[test]
fn a_profile_that_refers_to_itself_in_a_circle_comes_to_an_end() {
    let url = "http://example.jp/Group";
    let managing = json!({ "type": [{ "code": "Reference", "targetProfile": [url] }] });
    let elements =
        json!([element("Group.member", &json!({ "min": 1 })), element("Group.member.entity", &managing)]);
    let group = |id: &str, other: &str| {
        json!({
            "resourceType": "Group", "id": id, "type": "person", "actual": true,
            "meta": { "profile": [url] }, "member": [{ "entity": { "reference": other } }]
        })
    };
    let entry = |id: &str, other: &str| json!({ "fullUrl": format!("http://a.example/Group/{id}"), "resource": group(id, other) });
    let bundle = json!({
        "resourceType": "Bundle", "type": "collection",
        "entry": [entry("1", "http://a.example/Group/2"), entry("2", "http://a.example/Group/1")]
    });
    assert!(!judged(&[profile(url, "Group", &elements)], &bundle).has_errors());
}

#[test]
fn a_profile_can_be_demanded_of_a_document_that_does_not_claim_it() {
    let elements = json!([element("Patient.name", &json!({ "min": 1 }))]);
    let library =
        Library::of(vec![package("example", "1.0.0", &json!({}), &[profile(PATIENT, "Patient", &elements)])]);
    let profiles = Profiles::of(&library);
    let document = json!({ "resourceType": "Patient", "active": true });
    assert!(!examine(&Validator::base().with(profiles.clone()), &document).has_errors());
    let demanding = profiles.demanding(&[PATIENT.to_owned()]).unwrap();
    assert_eq!(only(&examine(&Validator::base().with(demanding), &document)).key, "profile-missing");
    assert!(profiles.demanding(&["http://example.jp/Nobody".to_owned()]).is_err());
}

#[test]
fn of_two_versions_the_one_named_is_asked_and_else_the_newest() {
    let strict = profile(PATIENT, "Patient", &json!([element("Patient.name", &json!({ "min": 1 }))]));
    let mut lenient = profile(PATIENT, "Patient", &json!([]));
    lenient["version"] = "0.9.0".into();
    let document =
        |claim: &str| json!({ "resourceType": "Patient", "active": true, "meta": { "profile": [claim] } });
    let resources = [strict, lenient];
    assert!(judged(&resources, &document(PATIENT)).has_errors());
    assert!(judged(&resources, &document("http://example.jp/Patient|1.0.0")).has_errors());
    assert!(!judged(&resources, &document("http://example.jp/Patient|0.9.0")).has_errors());
}

#[test]
fn elements_marked_must_support_are_listed_only_on_request() {
    let elements = json!([element("Patient.name", &json!({ "mustSupport": true }))]);
    let library =
        Library::of(vec![package("example", "1.0.0", &json!({}), &[profile(PATIENT, "Patient", &elements)])]);
    let profiles = Profiles::of(&library);
    assert!(examine(&Validator::base().with(profiles.clone()), &patient(&json!({}))).0.is_empty());
    let listed = examine(&Validator::base().with(profiles.listing_must_support()), &patient(&json!({})));
    assert_eq!((listed.0[0].key, listed.0[0].severity), ("profile-must-support", Severity::Information));
}

#[test]
fn a_reference_out_of_the_document_is_judged_by_the_type_in_its_address() {
    let url = "http://example.jp/Observation";
    let subject = json!({ "type": [{ "code": "Reference", "targetProfile": [PATIENT] }] });
    let resources = [
        profile(url, "Observation", &json!([element("Observation.subject", &subject)])),
        profile(PATIENT, "Patient", &json!([])),
    ];
    let document = |reference: &str| {
        json!({
            "resourceType": "Observation", "meta": { "profile": [url] }, "status": "final",
            "code": { "text": "身長" }, "subject": { "reference": reference }
        })
    };
    assert!(!judged(&resources, &document("Patient/1")).has_errors());
    assert!(!judged(&resources, &document("urn:uuid:0d51bf2a-4863-4b36-8ad3-cb5ea0df1023")).has_errors());
    assert_eq!(only(&judged(&resources, &document("Group/1"))).key, "profile-target-type");
}

#[test]
fn an_invariant_that_repeats_a_rule_of_the_service_stands_under_it() {
    let url = "http://jpfhir.jp/fhir/eCS/StructureDefinition/JP_Patient_eCS";
    let mut resource = profile(url, "Patient", &json!([]));
    resource["snapshot"]["element"][0]["constraint"] = json!([{
        "key": "ex-1", "severity": "error", "human": "R1012:被保険者個人識別子が必要です", "expression": "identifier.exists()"
    }]);
    let library = Library::of(vec![package("example", "1.0.0", &json!({}), &[resource])]);
    let document = json!({ "resourceType": "Patient", "meta": { "profile": [url] }, "active": true });
    let findings = examine(&Validator::new().with(Profiles::of(&library)), &document);
    let finding = findings.0.iter().find(|finding| finding.key == "R1012").unwrap();
    assert_eq!(finding.consequences.iter().map(|one| one.key).collect::<Vec<_>>(), ["profile-invariant"]);
    assert!(findings.0.iter().all(|finding| finding.key != "profile-invariant"));
}

#[test]
fn an_invariant_that_costs_too_much_ends_and_is_told_once() {
    let constraint = json!([{
        "key": "ex-1", "severity": "error", "human": "?",
        "expression": "%resource.descendants().where(%resource.descendants().count() > 0).count() > 0"
    }]);
    let mut resource =
        profile(PATIENT, "Patient", &json!([element("Patient.name", &json!({ "constraint": constraint }))]));
    resource["version"] = "1.0.0".into();
    let names: Vec<Value> = (0..1500).map(|place| json!({ "text": format!("架空 {place}") })).collect();
    let findings = judged(&[resource], &patient(&json!({ "name": names })));
    assert!(!findings.has_errors());
    let told: Vec<&str> = findings.0.iter().map(|finding| finding.key).collect();
    assert_eq!(told, ["profile-invariant-open"]);
}

#[test]
fn a_quantity_is_held_against_bounds_in_other_units() {
    const URL: &str = "http://example.jp/Weight";
    let bound = |value: i64| json!({ "value": value, "system": "http://unitsofmeasure.org", "code": "kg" });
    let more = json!({ "type": [{ "code": "Quantity" }], "minValueQuantity": bound(1), "maxValueQuantity": bound(2) });
    let definition = profile(URL, "Observation", &json!([element("Observation.value[x]", &more)]));
    let of = |value: i64, unit: &str| {
        let observation = json!({
            "resourceType": "Observation", "meta": { "profile": [URL] }, "status": "final", "code": { "text": "体重" },
            "valueQuantity": { "value": value, "system": "http://unitsofmeasure.org", "code": unit },
        });
        let findings = judged(std::slice::from_ref(&definition), &observation);
        findings.0.iter().map(|finding| finding.key).collect::<Vec<_>>()
    };
    assert_eq!(of(999, "g"), ["profile-too-small"]);
    assert_eq!(of(2001, "g"), ["profile-too-large"]);
    assert_eq!(of(1500, "g"), [] as [&str; 0]);
    assert_eq!(of(1, "mm"), [] as [&str; 0]);
}

#[test]
fn whoever_sends_a_vital_sign_is_asked_r4s_profile_for_it_where_that_is_installed() {
    let performer = json!([element("Observation.performer", &json!({ "min": 1 }))]);
    let definition = profile("http://hl7.org/fhir/StructureDefinition/heartrate", "Observation", &performer);
    let observation = |code: &str| {
        json!({
            "resourceType": "Observation", "status": "final",
            "code": { "coding": [{ "system": "http://loinc.org", "code": code }] },
        })
    };
    let findings = judged(std::slice::from_ref(&definition), &observation("8867-4"));
    assert_eq!(only(&findings).rule.as_deref(), Some("Observation.performer"));
    assert_eq!(judged(&[definition], &observation("8302-2")).0, []);
}

#[test]
fn a_definition_that_calls_itself_a_new_type_of_its_own_type_is_a_profile() {
    let mut definition = profile(PATIENT, "Patient", &json!([element("Patient.name", &json!({ "min": 1 }))]));
    definition["derivation"] = "specialization".into();
    let findings = judged(&[definition], &patient(&json!({})));
    assert_eq!(only(&findings).key, "profile-missing");
}

#[test]
fn an_invariant_may_ask_whether_a_code_is_in_a_set() {
    let constraint = json!([{
        "key": "ex-1", "severity": "error", "human": "色のコードが必要です",
        "expression": "maritalStatus.coding.where(memberOf('http://example.jp/colours')).exists()"
    }]);
    let mut resource = profile(PATIENT, "Patient", &json!([]));
    resource["snapshot"]["element"][0]["constraint"] = constraint;
    let [system, set] = colours();
    let resources = [resource, system, set];
    assert!(!judged(&resources, &colour("red", "赤色")).has_errors());
    let other = json!({ "maritalStatus": { "coding": [{ "system": "urn:other", "code": "red" }] } });
    assert_eq!(only(&judged(&resources, &patient(&other))).rule.as_deref(), Some("ex-1"));
}

#[test]
fn arrays_where_single_values_belong_are_left_to_the_base() {
    let bundle = json!({
        "resourceType": "Bundle", "meta": { "profile": ["http://example.jp/Bundle"] }, "type": "collection",
        "entry": [[{ "resource": [patient(&json!({}))] }], { "resource": [[patient(&json!({}))]] }]
    });
    assert!(judged(&collection(), &bundle).has_errors());
}
