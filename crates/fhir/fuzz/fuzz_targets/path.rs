//! Whatever the text, compiling it as FHIRPath must not panic, and running it must end.
#![no_main]

use fhir::json::{Json, Limits};
use fhir::path::{Element, Expression, Scope, Value};
use libfuzzer_sys::fuzz_target;

const DOCUMENT: &[u8] = br##"{
    "resourceType": "Patient", "id": "p", "active": true, "birthDate": "1974-12-25", "multipleBirthInteger": 2,
    "_birthDate": { "extension": [{ "url": "http://example.jp/t", "valueDateTime": "1974-12-25T14:35:45+09:00" }] },
    "text": { "status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>" },
    "name": [{ "use": "official", "family": "Kaku", "given": ["a", "b"] }, { "use": "usual", "given": ["a"] }],
    "contained": [{ "resourceType": "Observation", "id": "o", "status": "final",
        "valueQuantity": { "value": 1.50, "unit": "mg", "code": "mg", "system": "http://unitsofmeasure.org" } }],
    "managingOrganization": { "reference": "#o" }
}"##;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(expression) = Expression::compile(text) else { return };
    let Ok(json) = Json::parse(DOCUMENT, &Limits::default()) else { return };
    let Some(focus) = Element::resource(json.root()) else { return };
    let mut scope = Scope::of(Some(focus));
    scope.now = Some("2026-04-01T10:00:00+09:00");
    scope.budget.set(200_000);
    let member = |_: &Value<'_>, set: &str| Some(set.len() % 2 == 0);
    scope.member_of = Some(&member);
    let _ = expression.evaluate(&scope, &[Value::Element(focus)]);
    let _ = expression.foreseen(&|_| Some(false));
});
