//! One object a finding, a line each.

use std::io::{self, Write};

use fhir::finding::{Finding, Findings, Language};
use serde_json::{Value, json};

use super::Report;
use crate::commands::bundle::source::Origin;

pub(super) struct JsonLines(pub(super) Language);

impl Report for JsonLines {
    fn document(&mut self, origin: &Origin, findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
        for finding in &findings.0 {
            let mut line = json!({"file": origin.path.display().to_string()});
            if let (Value::Object(line), Value::Object(facts)) = (&mut line, as_json(finding, self.0)) {
                line.extend(facts);
            }
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

fn as_json(finding: &Finding, language: Language) -> Value {
    let consequences: Vec<Value> = finding.consequences.iter().map(|one| as_json(one, language)).collect();
    json!({
        "severity": finding.severity.code(),
        "code": finding.code,
        "rule": finding.rule,
        "profile": finding.profile.as_deref(),
        "expression": finding.expression,
        "line": finding.position.map(|at| at.line),
        "column": finding.position.map(|at| at.column),
        "found": finding.found,
        "expected": finding.expected,
        "message": finding.message(language),
        "mend": finding.mend(language),
        "example": finding.example,
        "source": finding.source,
        "consequences": consequences,
    })
}
