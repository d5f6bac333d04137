//! Every word the commands say, from `locale/{ja,en}/cli.toml`.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

use fhir::finding::Language;

type Words = HashMap<String, HashMap<String, String>>;

static JAPANESE: LazyLock<Words> = LazyLock::new(|| table(include_str!("../../../locale/ja/cli.toml")));
static ENGLISH: LazyLock<Words> = LazyLock::new(|| table(include_str!("../../../locale/en/cli.toml")));

/// The words under `section.key`. A key that is not there is shown as it is; a test keeps that from happening.
pub(crate) fn word(language: Language, key: &str) -> &str {
    let words: &'static Words = match language {
        Language::Japanese => &JAPANESE,
        Language::English => &ENGLISH,
    };
    let found = key.split_once('.').and_then(|(section, key)| words.get(section)?.get(key));
    found.map_or(key, String::as_str)
}

/// The words under `key`, with `{name}` places filled.
pub(crate) fn words_with(language: Language, key: &str, values: &[(&str, &dyn Display)]) -> String {
    values.iter().fold(word(language, key).to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), &value.to_string())
    })
}

fn table(text: &str) -> Words {
    toml::from_str(text).expect("the words are compiled in and a test reads them")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn keys(words: &Words) -> BTreeSet<String> {
        words
            .iter()
            .flat_map(|(section, keys)| keys.keys().map(move |key| format!("{section}.{key}")))
            .collect()
    }

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    fn quoted(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                quoted(&path, found);
            } else {
                found.extend(fs::read_to_string(&path).unwrap().split('"').map(str::to_owned));
            }
        }
    }

    #[test]
    fn japanese_and_english_have_the_same_words_with_the_same_places() {
        assert_eq!(keys(&JAPANESE), keys(&ENGLISH));
        for key in keys(&JAPANESE) {
            let [ja, en] = [Language::Japanese, Language::English].map(|language| word(language, &key));
            assert_eq!(places(ja), places(en), "{key}");
        }
    }

    #[test]
    fn every_word_that_commands_ask_for_is_there_and_none_is_left_over() {
        let mut asked = BTreeSet::new();
        quoted(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut asked);
        let known = keys(&JAPANESE);
        let is_key = |text: &&String| {
            text.split_once('.').is_some_and(|(section, key)| {
                JAPANESE.contains_key(section) && key.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            })
        };
        let asked: BTreeSet<String> = asked.iter().filter(is_key).cloned().collect();
        let missing: Vec<_> = asked.difference(&known).collect();
        let left_over: Vec<_> = known.difference(&asked).collect();
        assert!(missing.is_empty() && left_over.is_empty(), "missing {missing:?}, left over {left_over:?}");
    }
}
