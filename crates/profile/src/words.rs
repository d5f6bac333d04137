//! The words for oddities and errors, in both languages.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use fhir::finding::Language;

/// The sentence under `key`, with `{what}` and `{file}` filled in.
///
/// # Panics
/// If there is no such key; keys are literals, and a test asks for each of them.
pub(crate) fn sentence(key: &str, language: Language, file: &str, what: &str) -> String {
    let template = words(language).get(key).unwrap_or_else(|| panic!("no words for {key}"));
    template.replace("{file}", file).replace("{what}", what)
}

/// All words of a language.
pub(crate) fn words(language: Language) -> &'static BTreeMap<String, String> {
    static JA: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    static EN: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    let table = |text| toml::from_str(text).expect("the table is compiled in and read by a test");
    match language {
        Language::Japanese => JA.get_or_init(|| table(include_str!("../../../locale/ja/packages.toml"))),
        Language::English => EN.get_or_init(|| table(include_str!("../../../locale/en/packages.toml"))),
    }
}

#[cfg(test)]
mod tests {
    use fhir::finding::Language;

    use super::words;

    #[test]
    fn both_languages_say_the_same_things_with_the_same_values() {
        let values = |text: &str| ["{file}", "{what}"].map(|value| text.contains(value));
        let told = |language| -> Vec<(&String, [bool; 2])> {
            words(language).iter().map(|(key, text)| (key, values(text))).collect()
        };
        assert_eq!(told(Language::Japanese), told(Language::English));
    }
}
