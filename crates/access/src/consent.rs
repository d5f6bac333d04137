use std::sync::LazyLock;

use fhir::bundle::UnitKind;
use serde::Deserialize;
use store::Information;

/// A group of information that is opened as a whole: by the patient at the card reader (閲覧同意区分), or in an
/// emergency.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentGroup {
    /// Code kept in grants.
    pub code: String,
    /// Name in Japanese.
    pub name_ja: String,
    /// Name in English.
    pub name_en: String,
    /// The flags of the card reader's result that stand for it together (OQSCD036); none for an emergency scope.
    #[serde(default)]
    pub reader: Vec<String>,
    /// Which of the six informations it opens.
    pub informations: Vec<Information>,
    kinds: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    group: Vec<ConsentGroup>,
    emergency: Vec<ConsentGroup>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../rules/consent.toml"))
        .expect("rules/consent.toml is compiled in and a test reads it")
});

/// The groups that a patient consents to, as `rules/consent.toml` names them.
pub fn consent_groups() -> &'static [ConsentGroup] {
    &TABLE.group
}

/// What can be opened in an emergency without consent: the summary, or everything.
pub fn emergency_scopes() -> &'static [ConsentGroup] {
    &TABLE.emergency
}

/// The consent group or emergency scope with this code.
pub fn scope(code: &str) -> Option<&'static ConsentGroup> {
    TABLE.group.iter().chain(&TABLE.emergency).find(|group| group.code == code)
}

impl ConsentGroup {
    /// Which kinds of document it opens.
    pub fn kinds(&self) -> impl Iterator<Item = UnitKind> {
        self.kinds.iter().filter_map(|code| store::kind_from_code(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_information_belongs_to_exactly_one_consent_group() {
        for information in Information::ALL {
            let groups = consent_groups().iter().filter(|group| group.informations.contains(&information));
            assert_eq!(groups.count(), 1, "{information:?}");
        }
    }

    #[test]
    fn the_full_emergency_scope_opens_what_all_consent_groups_open_together() {
        let full = scope("emergency-full").unwrap();
        for group in consent_groups() {
            assert!(group.informations.iter().all(|one| full.informations.contains(one)), "{}", group.code);
            assert!(group.kinds.iter().all(|one| full.kinds.contains(one)), "{}", group.code);
        }
    }

    #[test]
    fn every_document_kind_named_in_the_table_is_known() {
        for group in consent_groups().iter().chain(emergency_scopes()) {
            assert_eq!(group.kinds().count(), group.kinds.len(), "{}", group.code);
        }
    }
}
