//! Every word a person reads here, from `locale/{ja,en}/{console,safety,registers}.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use fhir::finding::Language;

type Words = HashMap<String, HashMap<String, String>>;

static JAPANESE: LazyLock<Words> = LazyLock::new(|| {
    tables(&[
        include_str!("../../../locale/ja/console.toml"),
        include_str!("../../../locale/ja/safety.toml"),
        include_str!("../../../locale/ja/registers.toml"),
    ])
});
static ENGLISH: LazyLock<Words> = LazyLock::new(|| {
    tables(&[
        include_str!("../../../locale/en/console.toml"),
        include_str!("../../../locale/en/safety.toml"),
        include_str!("../../../locale/en/registers.toml"),
    ])
});

/// The words under `section.key`. A key that is not there is shown as it is; a test keeps that from happening.
pub(crate) fn word(language: Language, key: &str) -> &str {
    let words: &'static Words = match language {
        Language::Japanese => &JAPANESE,
        Language::English => &ENGLISH,
    };
    let found = key.split_once('.').and_then(|(section, key)| words.get(section)?.get(key));
    found.map_or(key, String::as_str)
}

/// What the console says under `key`, for other places that speak to people; the key itself where it says nothing.
pub fn in_words(language: Language, key: &str) -> &str {
    word(language, key)
}

/// The words under `key`, with `{name}` places filled.
pub(crate) fn words_with(language: Language, key: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(word(language, key).to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

fn tables(texts: &[&str]) -> Words {
    let table =
        |text: &&str| toml::from_str::<Words>(text).expect("the words are compiled in and a test reads them");
    texts.iter().flat_map(table).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(words: &Words) -> BTreeSet<String> {
        words
            .iter()
            .flat_map(|(section, keys)| keys.keys().map(move |key| format!("{section}.{key}")))
            .collect()
    }

    #[test]
    fn japanese_and_english_have_the_same_words() {
        assert_eq!(keys(&JAPANESE), keys(&ENGLISH));
    }

    #[test]
    fn every_rule_that_can_be_named_has_words() {
        for rule in access::RULES.iter().chain(access::POWERS) {
            assert!(keys(&JAPANESE).contains(&format!("rule.{rule}")), "{rule}");
        }
    }

    #[test]
    fn everything_that_a_register_can_say_has_words() {
        let keys = keys(&JAPANESE);
        let has = |section: &str, code: &str| {
            assert!(keys.contains(&format!("register-{section}.{code}")), "{section}: {code}");
        };
        for one in safety::register::registers() {
            ["name", "about"].iter().for_each(|section| has(section, &one.code));
            one.states.iter().for_each(|code| has("state", code));
            one.moves.iter().for_each(|made| has("move", &made.code));
            for field in &one.fields {
                has("field", &field.code);
                field.choices.iter().for_each(|code| has("choice", code));
                field.unit.iter().for_each(|code| has("unit", code));
            }
            for code in one.finding_codes().chain(safety::register::CROSS_FINDINGS.iter().copied()) {
                has("finding", code);
                has("next", code);
            }
        }
    }

    #[test]
    fn no_two_fields_or_choices_of_a_register_have_one_name() {
        for words in [&*JAPANESE, &*ENGLISH] {
            for one in safety::register::registers() {
                let fields = one.fields.iter().map(|field| &words["register-field"][&field.code]);
                assert_eq!(fields.collect::<BTreeSet<_>>().len(), one.fields.len(), "{}", one.code);
                for field in &one.fields {
                    let names = field.choices.iter().map(|code| &words["register-choice"][code]);
                    assert_eq!(names.collect::<BTreeSet<_>>().len(), field.choices.len(), "{}", field.code);
                }
            }
        }
    }
}
