//! Vital signs: R4's own profiles, asked of an Observation by its code.

use fhir::json::Node;

use super::links::Scope;
use super::session::Session;

const LOINC: &str = "http://loinc.org";
const SNOMED: &str = "http://snomed.info/sct";

/// Codes of vital signs, and R4's profile for each.
const VITAL_SIGNS: [(&str, &[&str], &str); 11] = [
    (LOINC, &["85353-1"], "vitalspanel"),
    (LOINC, &["9279-1"], "resprate"),
    (LOINC, &["8867-4"], "heartrate"),
    (LOINC, &["2708-6", "59408-5"], "oxygensat"),
    (LOINC, &["8310-5"], "bodytemp"),
    (SNOMED, &["276885007"], "bodytemp"),
    (LOINC, &["8302-2"], "bodyheight"),
    (LOINC, &["9843-4"], "headcircum"),
    (LOINC, &["29463-7"], "bodyweight"),
    (LOINC, &["39156-5"], "bmi"),
    (LOINC, &["85354-9", "76534-7", "76535-4"], "bp"),
];

impl<'t> Session<'_, 't> {
    /// R4 asks its own profiles of whoever sends a vital sign, claimed or not (observation-vitalsigns.html).
    pub(super) fn vital_signs(&mut self, node: Node<'t>, scope: Scope<'t>) {
        for coding in node.all(&["code", "coding"]) {
            let code = (coding.text_at(&["system"]), coding.text_at(&["code"]));
            let (Some(system), Some(code)) = code else { continue };
            let sign = VITAL_SIGNS.iter().find(|row| row.0 == system && row.1.contains(&code));
            let canonical = sign.map(|row| format!("http://hl7.org/fhir/StructureDefinition/{}", row.2));
            if let Some(id) = canonical.and_then(|canonical| self.program().named(&canonical)) {
                self.require(node, id, scope);
            }
        }
    }
}
