//! R4's base, one fault at a time in a sound Patient or Bundle.

use fhir::finding::Severity;
use fhir::json::Limits;
use fhir::validate::{Parsed, Validator};
use serde_json::{Value, json};

use crate::fixtures::{self, examine, keys, url};

fn basic() -> Value {
    json!({ "resourceType": "Patient", "gender": "male", "birthDate": "1960-02-29", "name": [{ "given": ["太郎"] }] })
}

/// The one finding after `change`: key, expression, found, expected.
fn one(change: impl FnOnce(&mut Value)) -> (&'static str, String) {
    let mut patient = basic();
    change(&mut patient);
    let findings = examine(&patient).0;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    (findings[0].key, findings[0].expression.clone())
}

#[test]
fn a_sound_resource_of_any_type_is_taken() {
    assert_eq!(examine(&basic()).0, []);
}

#[test]
fn structure_is_judged() {
    type Case = (fn(&mut Value), &'static str, &'static str);
    let cases: [Case; 12] = [
        (|p| p["nam"] = json!(1), "r4-unknown-element", "Patient.nam"),
        (|p| p["name"] = json!({ "text": "x" }), "r4-must-be-array", "Patient.name"),
        (|p| p["gender"] = json!(["male"]), "r4-must-not-be-array", "Patient.gender"),
        (|p| p["active"] = json!("true"), "r4-wrong-kind", "Patient.active"),
        (|p| p["active"] = Value::Null, "r4-null", "Patient.active"),
        (|p| p["name"][0]["text"] = json!(""), "r4-empty", "Patient.name[0].text"),
        (|p| p["address"] = json!([]), "r4-empty", "Patient.address"),
        (|p| p["address"] = json!([{}]), "r4-empty", "Patient.address[0]"),
        (|p| p["gender"] = json!("Male"), "r4-binding", "Patient.gender"),
        (|p| p["birthDate"] = json!("1960-02-30"), "r4-format", "Patient.birthDate"),
        (|p| p["link"] = json!([{ "type": "seealso" }]), "r4-required", "Patient.link[0]"),
        (|p| p["contact"] = json!([{ "gender": "male" }]), "r4-patient-contact", "Patient.contact[0]"),
    ];
    for (change, key, expression) in cases {
        assert_eq!(one(change), (key, expression.to_owned()));
    }
}

#[test]
fn a_choice_is_made_once_and_told_as_fhirpath() {
    let twice = one(|p| {
        p["deceasedBoolean"] = json!(true);
        p["deceasedDateTime"] = json!("2026-01-01");
    });
    assert_eq!(twice, ("r4-choice", "Patient.deceased.ofType(dateTime)".to_owned()));
    assert_eq!(one(|p| p["deceased"] = json!(true)).0, "r4-unknown-element");
}

#[test]
fn a_primitive_may_have_extensions_beside_or_instead() {
    let url = "http://example.jp/fictional";
    let mut patient = basic();
    patient["_birthDate"] = json!({ "extension": [{ "url": url, "valueString": "約" }] });
    patient["name"][0]["given"] = json!(["太郎", null]);
    patient["name"][0]["_given"] = json!([null, { "extension": [{ "url": url, "valueString": "不明" }] }]);
    assert_eq!(examine(&patient).0, []);
    assert_eq!(one(|p| p["name"][0]["given"] = json!(["太郎", null])).0, "r4-alignment");
    assert_eq!(one(|p| p["_gender"] = json!({ "extension": [{ "url": url }] })).0, "r4-extension");
    assert_eq!(one(|p| p["_name"] = json!({ "id": "a" })).0, "r4-unknown-element");
}

#[test]
fn the_nearest_code_is_suggested() {
    let mut patient = basic();
    patient["gender"] = json!("femal");
    let findings = examine(&patient).0;
    assert!(findings[0].expected.as_deref().is_some_and(|expected| expected.contains("female")));
}

#[test]
fn references_must_lead_somewhere_and_to_the_right_type() {
    let subject = |document: &mut Value, reference: &str| {
        document["entry"][1]["resource"]["encounter"]["reference"] = reference.into();
    };
    let mut lost = fixtures::condition_bundle();
    subject(&mut lost, &url(99));
    assert_eq!(keys(&lost), ["r4-contained-unused", "r4-reference-unresolved"]);
    let mut wrong = fixtures::condition_bundle();
    subject(&mut wrong, &url(1));
    assert_eq!(keys(&wrong), ["r4-contained-unused", "r4-reference-type"]);
    let mut nowhere = fixtures::condition_bundle();
    subject(&mut nowhere, "#nowhere");
    assert_eq!(keys(&nowhere), ["r4-contained-unused", "r4-contained-unresolved"]);
}

#[test]
fn contained_resources_do_not_nest_and_full_urls_are_unique() {
    let mut nested = fixtures::condition_bundle();
    let inner = json!([{ "resourceType": "Basic", "id": "b", "code": { "text": "架空" } }]);
    nested["entry"][1]["resource"]["contained"][0]["contained"] = inner;
    assert_eq!(keys(&nested), ["r4-contained-nested"]);
    let mut twice = fixtures::condition_bundle();
    twice["entry"][1]["fullUrl"] = url(1).into();
    assert!(keys(&twice).contains(&"r4-full-url-twice"));
}

#[test]
fn what_is_no_resource_is_said_to_be_none() {
    assert_eq!(keys(&json!([1])), ["not-a-resource"]);
    assert_eq!(keys(&json!({ "a": 1 })), ["not-a-resource"]);
    assert_eq!(keys(&json!({ "resourceType": "Patiant" })), ["r4-unknown-type"]);
    assert_eq!(keys(&json!({ "resourceType": "HumanName" })), ["r4-unknown-type"]);
}

#[test]
fn a_thousand_findings_are_told_and_the_rest_counted() {
    let names: Vec<Value> = (0..1500).map(|_| json!({ "text": "" })).collect();
    let findings = examine(&json!({ "resourceType": "Patient", "name": names })).0;
    assert_eq!(findings.len(), 1001);
    assert_eq!(findings[1000].found.as_deref(), Some("500"));
}

#[test]
fn addresses_are_judged_by_where_they_stand() {
    type Case = (fn(&mut Value), &'static str, &'static str);
    let cases: [Case; 7] = [
        (
            |p| p["identifier"] = json!([{ "system": "local", "value": "1" }]),
            "r4-system-relative",
            "Patient.identifier[0].system",
        ),
        (
            |p| {
                p["maritalStatus"] =
                    json!({ "coding": [{ "system": "http://hl7.org/fhir/ValueSet/x", "code": "M" }] })
            },
            "r4-system-value-set",
            "Patient.maritalStatus.coding[0].system",
        ),
        (
            |p| p["maritalStatus"] = json!({ "coding": [{ "code": "M" }] }),
            "r4-coding-system",
            "Patient.maritalStatus.coding[0]",
        ),
        (
            |p| p["meta"] = json!({ "profile": ["JP_Patient"] }),
            "r4-canonical-relative",
            "Patient.meta.profile[0]",
        ),
        (
            |p| p["implicitRules"] = json!("http://www.example.org/rules"),
            "r4-example-url",
            "Patient.implicitRules",
        ),
        (
            |p| p["implicitRules"] = json!("urn:uuid:B76EF6F6-f6e3-c110-5039-eee64ef6ab6a"),
            "r4-format",
            "Patient.implicitRules",
        ),
        (
            |p| p["extension"] = json!([{ "url": "http://example.jp/a|1", "valueString": "x" }]),
            "r4-url-version",
            "Patient.extension[0].url",
        ),
    ];
    for (change, key, expression) in cases {
        assert_eq!(one(change), (key, expression.to_owned()));
    }
}

#[test]
fn an_extension_cannot_stand_for_a_required_code() {
    let absent = json!({ "extension": [{ "url": "http://example.jp/absent", "valueCode": "unknown" }] });
    let found = one(|p| {
        p["_gender"] = absent.clone();
        p.as_object_mut().expect("a Patient").remove("gender");
    });
    assert_eq!(found, ("r4-code-absent", "Patient.gender".to_owned()));
    assert_eq!(one(|p| p["name"][0]["_use"] = absent.clone()).1, "Patient.name[0].use");
}

#[test]
fn the_id_of_an_element_stands_once_in_a_resource() {
    let twice = |p: &mut Value| p["name"] = json!([{ "id": "a", "text": "x" }, { "id": "a", "text": "y" }]);
    assert_eq!(one(twice), ("r4-element-id", "Patient.name[1].id".to_owned()));
}

#[test]
fn an_invariant_of_the_table_names_itself_and_its_expression() {
    let findings = examine(&json!({
        "resourceType": "DocumentReference", "status": "current",
        "content": [{ "attachment": { "data": "QUJD", "contentType": "text/plain" } }, { "attachment": { "data": "QUJD" } }],
    }))
    .0;
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(
        (findings[0].key, &*findings[0].expression),
        ("r4-invariant", "DocumentReference.content[1].attachment")
    );
    assert_eq!(findings[0].element.as_deref(), Some("att-1"));
    assert_eq!(findings[0].expected.as_deref(), Some("data.empty() or contentType.exists()"));
}

#[test]
fn invariants_of_elements_and_of_whole_resources_are_judged() {
    let organization =
        json!({ "resourceType": "Organization", "telecom": [{ "use": "home" }, { "use": "work" }] });
    let told: Vec<_> =
        examine(&organization).0.iter().map(|f| (f.element.clone(), f.expression.clone())).collect();
    let wanted = [("org-1", "Organization"), ("org-3", "Organization.telecom[0]")];
    assert_eq!(told, wanted.map(|(key, place)| (Some(key.to_owned()), place.to_owned())));
}

#[test]
fn a_warning_of_r4_stays_one_and_best_practice_is_told_only_on_request() {
    let set = examine(&json!({ "resourceType": "ValueSet", "status": "draft", "name": "値集合" })).0;
    assert_eq!(
        set.iter().map(|f| (f.severity, f.element.as_deref())).collect::<Vec<_>>(),
        [(Severity::Warning, Some("vsd-0"))]
    );
    let bytes = basic().to_string().into_bytes();
    let parsed = Parsed::parse(&bytes, &Limits::default()).expect("it is JSON");
    let advice = Validator::advising().examine(&parsed).0;
    assert_eq!(
        advice.iter().map(|f| (f.severity, f.element.as_deref())).collect::<Vec<_>>(),
        [(Severity::Warning, Some("dom-6"))]
    );
}

#[test]
fn periods_are_compared_across_zones_and_never_guessed() {
    let period = |start: &str, end: &str| {
        let mut patient = basic();
        patient["name"][0]["period"] = json!({ "start": start, "end": end });
        keys(&patient)
    };
    assert!(period("2026-04-01T00:30:00+09:00", "2026-03-31T16:00:00Z").is_empty());
    assert_eq!(period("2026-04-01T02:00:00+09:00", "2026-03-31T16:00:00Z"), ["r4-period"]);
    assert_eq!(
        period("2026-04-01", "2026-04-01T06:20:00Z"),
        ["r4-period"],
        "as the official validator judges"
    );
}

#[test]
fn narratives_are_xhtml_that_only_shows_text() {
    let told = |div: &str| {
        let mut patient = basic();
        patient["text"] = json!({ "status": "generated", "div": div });
        examine(&patient).0.into_iter().map(|f| (f.key, f.found.unwrap_or_default())).collect::<Vec<_>>()
    };
    let inside = |markup: &str| told(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{markup}</div>"));
    assert!(
        inside("<p class=\"a\">架空 &amp; <b>太郎</b><br/></p><a name=\"x\" href=\"#x\">次</a>").is_empty()
    );
    assert!(inside("<img src=\"#i\" alt=\"\"/>").is_empty());
    assert_eq!(inside("<script>x</script>"), [("r4-narrative-markup", "script".to_owned())]);
    assert_eq!(inside("<p onclick=\"x\">x</p>"), [("r4-narrative-markup", "p.onclick".to_owned())]);
    assert_eq!(inside(" <p> </p>&#160;"), [("r4-narrative-empty", String::new())]);
    assert_eq!(inside("<p>x").len(), 1);
    assert_eq!(told("<div>x</div>"), [("r4-narrative-form", "<div>".to_owned())]);
}

#[test]
fn a_link_in_a_narrative_leads_to_something_of_the_same_resource() {
    let div = |inner: &str| format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inner}</div>");
    let text = |inner: &str| json!({ "status": "additional", "div": div(inner) });
    let lost = one(|p| p["text"] = text("<a href=\"#nowhere\">架空</a>"));
    assert_eq!(lost, ("r4-narrative-link", "Patient.text.div".to_owned()));
    for inner in [
        "<a name=\"a\"/><a href=\"#a\">架空</a>",
        "<p id=\"a\">架空</p><a href='#a'>架空</a>",
        "<a href=\"#n\">架空</a>",
    ] {
        let mut patient = basic();
        patient["name"][0]["id"] = "n".into();
        patient["text"] = text(inner);
        assert_eq!(examine(&patient).0, [], "{inner}");
    }
}
