//! Systems that are no list but a grammar. What is not of their form is surely no code of theirs.

use std::sync::LazyLock;

use regex::Regex;

/// Whether `code` may be one of `system`: yes by its form, no by its form, or none where only a list could tell.
pub(crate) fn has_form(system: &str, code: &str) -> Option<bool> {
    match system {
        "urn:ietf:bcp:13" => Some(MEDIA_TYPE.is_match(code)),
        "urn:ietf:bcp:47" => Some(LANGUAGE.is_match(code)),
        // The units are a list of their own, but all of them are of these letters and without blanks.
        "http://unitsofmeasure.org" => (!is_unit_text(code)).then_some(false),
        _ => None,
    }
}

/// RFC 6838 §4.2 with parameters as of RFC 2045 §5.1; R4's value set also takes what stands for a whole family.
static MEDIA_TYPE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"^[A-Za-z0-9][\w!#$&^.+-]*/[A-Za-z0-9*][\w!#$&^.+-]*(\s*;\s*[\w!#$&^.+-]+=([\w!#$&^.+/:-]+|"[^"]*"))*$"#,
    )
});

/// RFC 5646 §2.1, well-formed: language, script, region, variants, extensions, private use.
static LANGUAGE: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"^(?i:([a-z]{2,3}(-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})(-[a-z]{4})?(-([a-z]{2}|[0-9]{3}))?",
        r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(-[a-wy-z0-9](-[a-z0-9]{2,8})+)*(-x(-[a-z0-9]{1,8})+)?",
        r"|x(-[a-z0-9]{1,8})+|i-[a-z]{3,8})$"
    ))
});

fn regex(text: &str) -> Regex {
    Regex::new(text).expect("a constant that a test compiles")
}

/// UCUM §2: printable ASCII, brackets closed, braces not inside each other.
fn is_unit_text(code: &str) -> bool {
    let mut open = Vec::new();
    for letter in code.bytes() {
        match letter {
            0x21..=0x7e => {}
            _ => return false,
        }
        match letter {
            b'{' | b'[' | b'(' if open.last() != Some(&b'{') => open.push(letter),
            b'}' if open.pop() != Some(b'{') => return false,
            b']' if open.last() != Some(&b'{') && open.pop() != Some(b'[') => return false,
            b')' if open.last() != Some(&b'{') && open.pop() != Some(b'(') => return false,
            _ => {}
        }
    }
    open.is_empty() && !code.is_empty()
}

#[cfg(test)]
mod tests {
    use super::has_form;

    #[test]
    fn media_types_and_languages_are_known_by_their_form() {
        for code in [
            "text/plain",
            "application/fhir+json",
            "text/plain; charset=UTF-8",
            "image/svg+xml",
            "application/hl7-v3+xml",
        ] {
            assert_eq!(has_form("urn:ietf:bcp:13", code), Some(true), "{code}");
        }
        for code in ["text", "text/", "/plain", "text/plain;", "テキスト/plain", ""] {
            assert_eq!(has_form("urn:ietf:bcp:13", code), Some(false), "{code}");
        }
        for code in [
            "ja",
            "ja-JP",
            "en-US",
            "zh-Hant-TW",
            "ja-Hira",
            "de-CH-1901",
            "x-private",
            "ja-JP-u-ca-japanese",
        ] {
            assert_eq!(has_form("urn:ietf:bcp:47", code), Some(true), "{code}");
        }
        for code in ["j", "ja_JP", "日本語", "ja-", ""] {
            assert_eq!(has_form("urn:ietf:bcp:47", code), Some(false), "{code}");
        }
    }

    #[test]
    fn a_unit_with_blanks_or_other_letters_is_surely_none() {
        for code in ["mg", "mg/dL", "10*3/uL", "[degF]", "{cells}/uL", "mm[Hg]", "kg.m/s2", "{a(b}", "1"] {
            assert_eq!(has_form("http://unitsofmeasure.org", code), None, "{code}");
        }
        for code in ["mg / dL", "錠", "µg", "mm[Hg", "{a", "a}", ""] {
            assert_eq!(has_form("http://unitsofmeasure.org", code), Some(false), "{code}");
        }
        assert_eq!(has_form("http://loinc.org", "x"), None);
    }
}
