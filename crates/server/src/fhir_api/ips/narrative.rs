//! The text of a summary's sections: one line for each resource, in the sender's words.

use fhir::finding::Language;
use fhir::systems;
use serde_json::{Value, json};

use crate::words::word;

/// A narrative of lines.
pub(super) fn of(lines: &[String], language: &str) -> Value {
    let items: String = lines.iter().map(|line| format!("<li>{}</li>", escaped(line))).collect();
    let div = format!(
        "<div xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"{language}\" xml:lang=\"{language}\"><ul>{items}</ul></div>"
    );
    json!({"status": "generated", "div": div})
}

/// A resource in a line: when, what, how much or how it stands; and who must not be told of it.
pub(super) fn line(resource: &Value, language: Language) -> String {
    let tags = resource.pointer("/meta/tag").and_then(Value::as_array).into_iter().flatten();
    let flags: Vec<&str> = tags
        .filter(|tag| tag["system"] == systems::FLAG)
        .filter_map(|tag| match tag["code"].as_str()? {
            "UNINFORMED" => Some(word(language, "hidden.not-told")),
            "UNDELIVERED" => Some(word(language, "hidden.withheld")),
            _ => None,
        })
        .collect();
    let text = |path: &str| resource.pointer(path).and_then(Value::as_str);
    let dates = ["/onsetDateTime", "/effectiveDateTime", "/authoredOn", "/recordedDate"];
    let day = dates.iter().find_map(|path| text(path)).map(|date| date.get(..10).unwrap_or(date));
    let parts = [
        day.map(str::to_owned),
        concept(resource.get("code")).or_else(|| concept(resource.get("medicationCodeableConcept"))),
        value(resource),
        text("/dosageInstruction/0/text").map(str::to_owned),
        text("/reaction/0/manifestation/0/text").map(str::to_owned),
        (!flags.is_empty()).then(|| format!("[{}]", flags.join(" "))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn value(resource: &Value) -> Option<String> {
    if let Some(quantity) = resource.get("valueQuantity") {
        let of = |name: &str| quantity.get(name).and_then(Value::as_str).unwrap_or_default();
        let unit = if of("unit").is_empty() { of("code") } else { of("unit") };
        let number = quantity.get("value").map(Value::to_string).unwrap_or_default();
        return Some(format!("{}{number} {unit}", of("comparator")).trim_end().to_owned());
    }
    let plain = resource.get("valueString").and_then(Value::as_str).map(str::to_owned);
    concept(resource.get("valueCodeableConcept"))
        .or(plain)
        .or_else(|| concept(resource.get("dataAbsentReason")))
}

fn concept(concept: Option<&Value>) -> Option<String> {
    let text = |path: &str| concept?.pointer(path).and_then(Value::as_str);
    let words = text("/text").or_else(|| text("/coding/0/display")).or_else(|| text("/coding/0/code"));
    words.map(str::to_owned)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
