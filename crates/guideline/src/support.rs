//! 支援文書: pages of our own words that explain items.

use std::sync::LazyLock;

use serde::Deserialize;

/// One support page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportPage {
    /// Its code in addresses.
    pub code: String,
    /// Its title, in Japanese.
    pub ja: String,
    /// Its title, in English.
    pub en: String,
}

/// One entry of a support page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupportEntry {
    /// The page it stands on, by code.
    pub page: String,
    /// A term, a question, a step, in Japanese.
    pub ja: String,
    /// The same, in English.
    pub en: String,
    /// What it means, in Japanese.
    pub text_ja: String,
    /// What it means, in English.
    pub text_en: String,
    /// The items it explains, by id.
    pub items: Vec<String>,
}

/// All support pages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// The pages, in the order of reading.
    #[serde(rename = "page")]
    pub pages: Vec<SupportPage>,
    /// Their entries, in order.
    #[serde(rename = "entry")]
    pub entries: Vec<SupportEntry>,
}

static SHIPPED: LazyLock<Support> = LazyLock::new(|| {
    toml::from_str(include_str!("../data/support.toml"))
        .expect("the table is compiled in and a test of this room reads it")
});

impl Support {
    /// The one that comes with the program.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn every_entry_stands_on_a_page_and_explains_items_that_are_there() {
        let support = Support::shipped();
        for entry in &support.entries {
            assert!(support.pages.iter().any(|page| page.code == entry.page), "{}", entry.ja);
            assert!(!entry.items.is_empty(), "{}", entry.ja);
            for id in &entry.items {
                assert!(Catalogue::shipped().item(id).is_some(), "{id}");
            }
        }
        for page in &support.pages {
            assert!(support.entries.iter().any(|entry| entry.page == page.code), "{}", page.code);
        }
    }
}
