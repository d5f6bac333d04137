//! The interface catalogue, printed from the code.

use fhir::finding::Language;
use serde_json::json;
use server::{CATALOGUE, Interface};

use crate::commands::{Manner, say};
use crate::fault::Fault;

/// Prints every interface of the real service with what answers it here.
pub(crate) fn run(markdown: bool, manner: Manner) -> Result<bool, Fault> {
    let language = manner.lang.language();
    if markdown {
        say(&page(language, manner))?;
        return Ok(true);
    }
    for one in CATALOGUE {
        say(&if manner.json { as_json(one, language) } else { as_line(one, language) })?;
    }
    Ok(true)
}

fn as_json(one: &Interface, language: Language) -> String {
    json!({
        "request": one.request,
        "result": one.result,
        "name": one.name(language),
        "http": format!("{} {}", one.call.method, one.call.path),
        "command": one.command,
        "files": one.drop,
        "simulated": one.simulated(language),
    })
    .to_string()
}

fn as_line(one: &Interface, language: Language) -> String {
    let request = one.request.unwrap_or("-");
    let http = format!("{} {}", one.call.method, one.call.path);
    format!("{request:<11} {:<11} {http:<42} {}  {}", one.result, one.drop, one.name(language))
}

/// The page in `docs/`.
fn page(language: Language, manner: Manner) -> String {
    let word = |key| manner.words(key, &[]);
    let heads = [
        "conformance.request",
        "conformance.result",
        "conformance.name",
        "conformance.http",
        "conformance.command",
        "conformance.files",
        "conformance.simulated",
    ];
    let mut lines = vec![
        format!("# {}", word("conformance.title")),
        String::new(),
        word("conformance.about"),
        String::new(),
        format!("| {} |", heads.map(word).join(" | ")),
        format!("|{}", "---|".repeat(heads.len())),
    ];
    lines.extend(CATALOGUE.iter().map(|one| {
        let code = |text: &str| format!("`{text}`");
        let files = match one.request {
            Some(_) => format!("`{0}req_….xml` → `{0}res_….xml`", one.drop),
            None => format!("`{}res_….xml`", one.drop),
        };
        let cells = [
            one.request.unwrap_or("–").to_owned(),
            one.result.to_owned(),
            one.name(language).to_owned(),
            code(&format!("{} {}", one.call.method, one.call.path)),
            one.command.map_or_else(|| "–".to_owned(), code),
            files,
            one.simulated(language).join("、"),
        ];
        format!("| {} |", cells.join(" | "))
    }));
    lines.push(String::new());
    lines.push(word("conformance.terminal"));
    lines.join("\n")
}
