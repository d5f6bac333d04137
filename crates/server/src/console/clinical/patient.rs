use fhir::finding::Language;
use fhir::json::Node;
use fhir::systems;
use jiff::civil::Date;

use crate::console::time;
use crate::words::{word, words_with};

/// Who a person is: what the bar at the top of every page of theirs says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    /// 漢字氏名
    pub(crate) name: String,
    /// カナ氏名
    pub(crate) kana: String,
    /// 生年月日 in words.
    pub(crate) birth: String,
    /// Age in words.
    pub(crate) age: String,
    /// 性別 in words.
    pub(crate) sex: String,
}

impl Identity {
    /// Reads a Patient.
    pub(crate) fn of(patient: Node<'_>, today: Date, language: Language) -> Self {
        let birth = patient.text_at(&["birthDate"]).unwrap_or_default();
        let birth_day: Option<Date> = birth.parse().ok();
        let age = birth_day.map(|birth| time::age(birth, today).to_string());
        let sex = match patient.text_at(&["gender"]) {
            Some("male") => "sex.male",
            Some("female") => "sex.female",
            Some("other") => "sex.other",
            _ => "sex.unknown",
        };
        Self {
            name: name(patient, "IDE").or_else(|| name(patient, "")).unwrap_or_default(),
            kana: name(patient, "SYL").unwrap_or_default(),
            birth: birth_day.map_or_else(|| birth.to_owned(), |day| time::long_day(day, language)),
            age: age.map(|age| words_with(language, "time.age", &[("age", &age)])).unwrap_or_default(),
            sex: word(language, sex).to_owned(),
        }
    }
}

/// A name in a writing: `IDE` 漢字, `SYL` カナ, empty for any.
fn name(patient: Node<'_>, writing: &str) -> Option<String> {
    let is_in_writing = |name: &Node<'_>| {
        name.all(&["extension"]).iter().any(|extension| {
            extension.text_at(&["url"]) == Some(systems::EXT_NAME_REPRESENTATION)
                && extension.text_at(&["valueCode"]) == Some(writing)
        })
    };
    let names = patient.all(&["name"]);
    let name = names.iter().find(|name| writing.is_empty() || is_in_writing(name))?;
    let parts = || {
        let given = name.all(&["given"]);
        let parts = name.text_at(&["family"]).into_iter().chain(given.iter().filter_map(|part| part.str()));
        parts.collect::<Vec<_>>().join(" ")
    };
    Some(name.text_at(&["text"]).map_or_else(parts, str::to_owned))
}
