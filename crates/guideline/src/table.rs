//! The shape of a file under `data/`.

use serde::Deserialize;

use crate::control::Explanation;
use crate::edition::{Chapter, Edition, Milestone, Original, Source, SystemType, YearlyEdition};
use crate::item::Item;

/// A table of an edition.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EditionTable {
    source: Source,
    #[serde(default, rename = "chapter")]
    chapters: Vec<Chapter>,
    #[serde(default, rename = "document")]
    originals: Vec<Original>,
    #[serde(default, rename = "timeline")]
    milestones: Vec<Milestone>,
    #[serde(default, rename = "edition")]
    years: Vec<YearlyEdition>,
    #[serde(default, rename = "type")]
    system_types: Vec<SystemType>,
    #[serde(default, rename = "item")]
    items: Vec<Item>,
}

impl EditionTable {
    /// The edition and its items, which learn where they belong.
    pub(crate) fn parts(self) -> (Edition, Vec<Item>) {
        let Source { id, ja, en, publisher, edition, published, status, url, basis, coverage } = self.source;
        let mut items = self.items;
        for item in &mut items {
            item.edition.clone_from(&id);
        }
        let edition = Edition {
            id,
            ja,
            en,
            publisher,
            edition,
            published,
            status,
            url,
            basis,
            coverage,
            chapters: self.chapters,
            originals: self.originals,
            milestones: self.milestones,
            years: self.years,
            system_types: self.system_types,
        };
        (edition, items)
    }
}

/// A table of anything else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table<Row> {
    #[serde(rename = "source")]
    _source: Source,
    #[serde(rename = "item")]
    pub(crate) rows: Vec<Row>,
}

/// The explanations of controls.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explanations {
    #[serde(rename = "control")]
    pub(crate) rows: Vec<Explanation>,
}
