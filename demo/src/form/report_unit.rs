//! A report unit (1報告単位) of the five informations: a collection Bundle under JP_Bundle_CLINS.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::{bundle_identifier, entry, instant, party};
use crate::person::Person;
use crate::seed::Seed;

/// The resources are written by `content`, which is given the patient's reference.
pub(crate) fn report_unit(
    person: &Person,
    bundle_id: &str,
    kind: &str,
    seed: &mut Seed,
    at: DateTime,
    content: impl FnOnce(&str) -> Vec<Value>,
) -> Value {
    let institution = bundle_id.split('^').next().unwrap_or_default();
    let patient = seed.urn();
    let mut entries = vec![entry(&patient, party::patient(person, institution, at))];
    for resource in content(&patient) {
        entries.push(entry(&seed.urn(), resource));
    }
    json!({
        "resourceType": "Bundle",
        "meta": {
            "lastUpdated": instant(at),
            "profile": ["http://jpfhir.jp/fhir/clins/StructureDefinition/JP_Bundle_CLINS"],
            "tag": [{
                "system": "http://jpfhir.jp/fhir/clins/CodeSystem/BundleResourceType_CS",
                "code": kind
            }]
        },
        "identifier": bundle_identifier(bundle_id),
        "type": "collection",
        "timestamp": instant(at),
        "entry": entries
    })
}
