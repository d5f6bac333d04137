//! Annotations that GitHub Actions shows beside the lines of a pull request.

use std::io::{self, Write};

use fhir::finding::{Finding, Findings, Language, Severity};

use super::Report;
use crate::commands::bundle::source::Origin;

pub(super) struct Annotations(pub(super) Language);

impl Report for Annotations {
    fn document(&mut self, origin: &Origin, findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
        findings.0.iter().try_for_each(|finding| writeln!(out, "{}", annotation(origin, finding, self.0)))
    }
}

fn annotation(origin: &Origin, finding: &Finding, language: Language) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "notice",
    };
    let mut properties = format!("file={}", property(&origin.path.display().to_string()));
    if let Some(at) = finding.position {
        properties += &format!(",line={},col={}", at.line, at.column);
    }
    let title = [Some(finding.code), finding.rule.as_deref()].into_iter().flatten().collect::<Vec<_>>();
    properties += &format!(",title={}", property(&title.join(" ")));
    let lines = [
        finding.expression.clone(),
        finding.message(language),
        finding.mend(language),
        finding.example.clone().unwrap_or_default(),
        finding.profile.as_deref().unwrap_or_default().to_owned(),
    ];
    let said: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    format!("::{command} {properties}::{}", data(&said.join("\n")))
}

/// What follows `::` to the end of the line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// What stands between `=` and `,`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn nothing_in_a_path_or_a_value_breaks_out_of_its_place() {
        let finding = Finding::new("R2152").at("Bundle.identifier.value").found("100%\n::error::x");
        let finding = finding.position(fhir::finding::Position { line: 3, column: 7 });
        let origin = Origin { path: Path::new("a,b:c%.json").into(), line: None, is_named: true };
        let line = annotation(&origin, &finding, Language::Japanese);
        assert!(line.starts_with("::error file=a%2Cb%3Ac%25.json,line=3,col=7,title=RK-"), "{line}");
        assert!(!line.contains('\n') && line.contains("%0A::error::x"), "{line}");
    }
}
