use fhir::finding::Language;
use fhir::json::Node;
use fhir::systems;

use crate::console::clinical::{concept_code, concept_text};
use crate::console::time;
use crate::words::word;

/// 傷病名
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    /// As entered.
    pub(crate) name: String,
    /// Status in words: 継続中, 寛解, 治癒.
    pub(crate) status: String,
    /// Whether it goes on.
    pub(crate) is_active: bool,
    /// 主病名
    pub(crate) is_main: bool,
    /// Status of knowledge where it is not confirmed.
    pub(crate) doubt: String,
    /// 発症日
    pub(crate) onset: String,
    /// 治癒日
    pub(crate) end: String,
    /// 診療科
    pub(crate) department: String,
}

impl Condition {
    /// Reads a Condition.
    pub(crate) fn of(resource: Node<'_>, language: Language) -> Self {
        let clinical = concept_code(resource, "clinicalStatus").unwrap_or("unknown");
        let date = |element: &str| resource.text_at(&[element]).map(time::day_text).unwrap_or_default();
        let doubt = match concept_code(resource, "verificationStatus") {
            Some("unconfirmed" | "provisional" | "differential") => "status.unconfirmed",
            Some("refuted") => "status.refuted",
            Some("entered-in-error") => "status.entered-in-error",
            _ => "",
        };
        Self {
            name: resource.get("code").and_then(concept_text).unwrap_or_default().to_owned(),
            status: word(language, status_key(clinical)).to_owned(),
            is_active: !matches!(clinical, "resolved" | "remission" | "inactive"),
            is_main: extension(resource, systems::EXT_DIAGNOSIS_TYPE)
                .is_some_and(|concept| concept.text_at(&["coding", "code"]) == Some("principal")),
            doubt: if doubt.is_empty() { String::new() } else { word(language, doubt).to_owned() },
            onset: date("onsetDateTime"),
            end: date("abatementDateTime"),
            department: extension(resource, systems::EXT_DEPARTMENT)
                .and_then(concept_text)
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

fn extension<'t>(resource: Node<'t>, url: &str) -> Option<Node<'t>> {
    let extensions = resource.all(&["extension"]);
    let found = extensions.iter().find(|extension| extension.text_at(&["url"]) == Some(url))?;
    found.get("valueCodeableConcept")
}

fn status_key(code: &str) -> &'static str {
    match code {
        "active" | "recurrence" | "relapse" => "status.active",
        "remission" => "status.remission",
        "resolved" => "status.resolved",
        "inactive" => "status.inactive",
        _ => "status.unknown",
    }
}
