//! What referral, discharge summary, patient summary and checkup report have in common: sections and the Bundle around.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::{bundle_identifier, coding, entry, instant, narrative};
use crate::seed::Seed;

/// Entries of a document in order, each with the reference it was given.
#[derive(Default)]
pub(crate) struct Entries(Vec<Value>);

impl Entries {
    /// Adds a resource and returns its reference.
    pub(crate) fn add(&mut self, seed: &mut Seed, resource: Value) -> String {
        let full_url = seed.urn();
        self.0.push(entry(&full_url, resource));
        full_url
    }

    pub(crate) fn add_all(
        &mut self,
        seed: &mut Seed,
        resources: impl IntoIterator<Item = Value>,
    ) -> Vec<String> {
        resources.into_iter().map(|resource| self.add(seed, resource)).collect()
    }

    /// The Bundle: the composition first, then the entries.
    pub(crate) fn document(
        self,
        profile: &str,
        bundle_id: &str,
        composition: Value,
        seed: &mut Seed,
        at: DateTime,
    ) -> Value {
        let mut entries = vec![entry(&seed.urn(), composition)];
        entries.extend(self.0);
        json!({
            "resourceType": "Bundle",
            "meta": {
                "lastUpdated": instant(at),
                "profile": [format!("http://jpfhir.jp/fhir/clins/StructureDefinition/{profile}")]
            },
            "identifier": bundle_identifier(bundle_id),
            "type": "document",
            "timestamp": instant(at),
            "entry": entries
        })
    }
}

/// A section of the clins documents. Without text and entries it says that nothing is known.
pub(crate) fn section(code: &str, title: &str, text: &str, entries: &[String]) -> Value {
    let mut section = json!({
        "title": title,
        "code": { "coding": [coding(
            "http://jpfhir.jp/fhir/clins/CodeSystem/document-section",
            code,
            &format!("{title}セクション")
        )] }
    });
    if !text.is_empty() {
        section["text"] = narrative("additional", text);
    }
    if !entries.is_empty() {
        section["entry"] = references(entries);
    }
    if entries.is_empty() {
        section["emptyReason"] = json!({ "coding": [coding(
            "http://terminology.hl7.org/CodeSystem/list-empty-reason",
            "unavailable",
            "Unavailable"
        )] });
    }
    section
}

/// The section that holds the others.
pub(crate) fn structured(sections: Vec<Value>) -> Value {
    json!({
        "title": "構造情報",
        "code": { "coding": [coding(
            "http://jpfhir.jp/fhir/clins/CodeSystem/document-section",
            "300",
            "構造情報セクション"
        )] },
        "section": sections
    })
}

pub(crate) fn references(to: &[String]) -> Value {
    to.iter().map(|reference| json!({ "reference": reference })).collect()
}

/// Kind of a document, and the occasion it was written on.
pub(crate) struct Title {
    pub(crate) profile: &'static str,
    pub(crate) code: &'static str,
    pub(crate) display: &'static str,
    pub(crate) title: &'static str,
    pub(crate) occasion: (&'static str, &'static str),
}

/// The head of a Composition, up to its identifier, title and parties.
pub(crate) fn composition(title: &Title, number: &str, patient: &str, at: DateTime) -> Value {
    json!({
        "resourceType": "Composition",
        "meta": super::meta(at, title.profile),
        "extension": [version()],
        "identifier": { "system": super::INSTANCE, "value": number },
        "status": "final",
        "type": { "coding": [coding(
            "http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes",
            title.code,
            title.display
        )] },
        "category": [{ "coding": [coding(
            "http://jpfhir.jp/fhir/Common/CodeSystem/doc-subtypecodes",
            title.occasion.0,
            title.occasion.1
        )] }],
        "subject": { "reference": patient },
        "date": instant(at),
        "title": title.title
    })
}

pub(crate) fn version() -> Value {
    json!({
        "url": "http://hl7.org/fhir/StructureDefinition/composition-clinicaldocument-versionNumber",
        "valueString": "1"
    })
}
