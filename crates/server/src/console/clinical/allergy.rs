use fhir::finding::Language;
use fhir::json::Node;

use crate::console::clinical::{concept_code, concept_text, unbroken};
use crate::console::time;
use crate::words::word;

/// 薬剤アレルギー等 or その他アレルギー等.
#[derive(Clone, Debug)]
pub(crate) struct Allergy {
    /// To what.
    pub(crate) name: String,
    /// Whether it is to a medicine.
    pub(crate) is_drug: bool,
    /// Whether it can kill: 重症度 高.
    pub(crate) is_high: bool,
    /// 重症度 in words.
    pub(crate) criticality: String,
    /// What kind: 薬剤, 食品, 環境, other.
    pub(crate) category: String,
    /// What happened.
    pub(crate) reactions: Vec<String>,
    /// Whether it still stands.
    pub(crate) is_active: bool,
    /// Status in words, where it is not simply active and confirmed.
    pub(crate) status: String,
    /// Since when.
    pub(crate) onset: String,
}

impl Allergy {
    /// Reads an AllergyIntolerance.
    pub(crate) fn of(resource: Node<'_>, language: Language) -> Self {
        let categories = resource.all(&["category"]);
        let category = categories.iter().find_map(|category| category.str()).unwrap_or_default();
        let criticality = resource.text_at(&["criticality"]).unwrap_or_default();
        let clinical = concept_code(resource, "clinicalStatus").unwrap_or("active");
        let verification = concept_code(resource, "verificationStatus").unwrap_or("confirmed");
        Self {
            name: resource.get("code").and_then(concept_text).unwrap_or_default().to_owned(),
            is_drug: category == "medication",
            is_high: criticality == "high",
            criticality: word(language, criticality_key(criticality)).to_owned(),
            category: word(language, category_key(category)).to_owned(),
            reactions: reactions(resource),
            is_active: clinical == "active",
            status: status(clinical, verification, language),
            onset: resource.text_at(&["onsetDateTime"]).map(time::day_text).unwrap_or_default(),
        }
    }
}

impl Allergy {
    /// Takes in what another institution says of the same allergy: the graver word, and reactions not told yet.
    pub(crate) fn join(&mut self, other: Self) {
        if other.is_high && !self.is_high {
            (self.is_high, self.criticality) = (true, other.criticality);
        }
        let new = other.reactions.into_iter().filter(|reaction| !self.reactions.contains(reaction));
        let new: Vec<String> = new.collect();
        self.reactions.extend(new);
    }
}

fn reactions(resource: Node<'_>) -> Vec<String> {
    let manifestations = resource.all(&["reaction", "manifestation"]);
    let described = resource.all(&["reaction", "description"]);
    let texts = manifestations.into_iter().filter_map(concept_text);
    texts.chain(described.iter().filter_map(|text| text.str())).map(unbroken).collect()
}

fn criticality_key(code: &str) -> &'static str {
    match code {
        "high" => "criticality.high",
        "low" => "criticality.low",
        _ => "criticality.unknown",
    }
}

fn category_key(code: &str) -> &'static str {
    match code {
        "medication" => "allergen.medication",
        "food" => "allergen.food",
        "environment" => "allergen.environment",
        _ => "allergen.other",
    }
}

fn status(clinical: &str, verification: &str, language: Language) -> String {
    let clinical = match clinical {
        "inactive" => Some("status.inactive"),
        "resolved" => Some("status.resolved"),
        _ => None,
    };
    let verification = match verification {
        "unconfirmed" => Some("status.unconfirmed"),
        "refuted" => Some("status.refuted"),
        "entered-in-error" => Some("status.entered-in-error"),
        _ => None,
    };
    let keys = clinical.into_iter().chain(verification);
    keys.map(|key| word(language, key)).collect::<Vec<_>>().join(" / ")
}
