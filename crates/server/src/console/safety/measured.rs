//! What was measured, in words.

use serde_json::{Map, Value};

use crate::console::frame::Frame;

/// The facts of a reading by name and value, as people read them.
pub(super) fn facts(measured: &str, frame: &Frame) -> Vec<(String, String)> {
    let facts: Map<String, Value> = serde_json::from_str(measured).unwrap_or_default();
    facts.iter().map(|(code, value)| (name(code, frame), told(value, frame))).collect()
}

/// The facts of a reading in one line.
pub(super) fn line(measured: &str, frame: &Frame) -> String {
    let told = facts(measured, frame).into_iter().map(|(name, value)| format!("{name} {value}"));
    frame.list(&told.collect::<Vec<_>>())
}

/// Registers tell how many rows they hold and what was found in them; other systems may tell what has no word here.
fn name(code: &str, frame: &Frame) -> String {
    let parts: Vec<&str> = code.split('.').collect();
    match parts[..] {
        ["rows", register] => frame.fill("measured.rows", "register", of("register-name", register, frame)),
        ["finding", register, finding] => {
            let found = of("register-finding", finding, frame);
            format!("{}：{found}", of("register-name", register, frame))
        }
        _ => {
            let sections = ["measured", "stale", "role"].map(|section| of(section, code, frame));
            sections.into_iter().find(|found| found != code).unwrap_or_else(|| code.to_owned())
        }
    }
}

/// The word of a code; the code, where there is none.
fn of(section: &str, code: &str, frame: &Frame) -> String {
    let key = format!("{section}.{code}");
    let found = frame.word(&key);
    if found == key { code.to_owned() } else { found.to_owned() }
}

fn told(value: &Value, frame: &Frame) -> String {
    match value {
        Value::Null => frame.word("measured.nothing").to_owned(),
        Value::Bool(true) => frame.word("yes-no.yes").to_owned(),
        Value::Bool(false) => frame.word("yes-no.no").to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(several) if several.is_empty() => frame.word("measured.nothing").to_owned(),
        Value::Array(several) => frame.list(&several.iter().map(|one| told(one, frame)).collect::<Vec<_>>()),
        Value::Object(parts) => {
            let told =
                parts.iter().map(|(code, value)| format!("{} {}", name(code, frame), told(value, frame)));
            frame.list(&told.collect::<Vec<_>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::frame::sample::frames;

    #[test]
    fn what_was_measured_is_told_in_words_and_what_has_none_by_its_own_name() {
        let [japanese, english] = frames();
        let measured = r#"{"accounts":4,"broken":null,"finding.devices.device-missing":1,"why":{"idle":2},"x-ray":true}"#;
        assert_eq!(
            line(measured, &japanese),
            "アカウント 4、壊れていたところ なし、機器・ソフトウェア：所在不明の機器があります 1、理由 長く使われていない 2、x-ray はい"
        );
        assert!(line(measured, &english).starts_with("Accounts 4, Broken at none, "));
    }
}
