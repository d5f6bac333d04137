use std::sync::LazyLock;

use fhir::bundle::UnitKind;
use serde::Deserialize;
use store::Information;

/// A group of information that a patient consents to as a whole at the card reader (閲覧同意区分).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentGroup {
    /// Code kept in grants.
    pub code: String,
    /// Name in Japanese.
    pub name_ja: String,
    /// Name in English.
    pub name_en: String,
    /// Which of the six informations it opens.
    pub informations: Vec<Information>,
    kinds: Vec<String>,
}

static GROUPS: LazyLock<Vec<ConsentGroup>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Table {
        group: Vec<ConsentGroup>,
    }
    let table: Table = toml::from_str(include_str!("../../../rules/consent.toml"))
        .expect("rules/consent.toml is compiled in and a test reads it");
    table.group
});

/// The groups of `rules/consent.toml`.
pub fn consent_groups() -> &'static [ConsentGroup] {
    &GROUPS
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
    fn every_document_kind_named_in_the_table_is_known() {
        for group in consent_groups() {
            assert_eq!(group.kinds().count(), group.kinds.len(), "{}", group.code);
        }
    }
}
