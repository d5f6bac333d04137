//! SARIF 2.1.0: one run, written as it comes; the rules it names stand at its end.

use std::io::{self, Write};

use fhir::finding::{Finding, FindingKind, Findings, Language, Severity};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::Report;
use crate::commands::bundle::source::Origin;

pub(super) struct Sarif {
    language: Language,
    /// The codes met so far; a rule's index is its place here.
    codes: Vec<&'static str>,
    has_results: bool,
}

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What a path may hold unescaped in an address: RFC 3986 §3.3, without `:` lest a folder pass for a scheme.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

impl Sarif {
    pub(super) fn new(language: Language) -> Self {
        Self { language, codes: Vec::new(), has_results: false }
    }

    fn result(&mut self, origin: &Origin, finding: &Finding) -> Value {
        let index = self.codes.iter().position(|code| *code == finding.code).unwrap_or_else(|| {
            self.codes.push(finding.code);
            self.codes.len() - 1
        });
        let uri = utf8_percent_encode(&origin.path.to_string_lossy(), PATH).to_string();
        let mut place = json!({"physicalLocation": {"artifactLocation": {"uri": uri}}});
        if let Some(at) = finding.position {
            place["physicalLocation"]["region"] = json!({"startLine": at.line, "startColumn": at.column});
        }
        if !finding.expression.is_empty() {
            place["logicalLocations"] =
                json!([{"fullyQualifiedName": finding.expression, "kind": "element"}]);
        }
        json!({
            "ruleId": finding.code,
            "ruleIndex": index,
            "level": level(finding.severity),
            "message": {"text": message(finding, self.language)},
            "locations": [place],
            "partialFingerprints": {"renkei/v1": fingerprint(finding)},
            "properties": properties(finding),
        })
    }

    fn rule(&self, code: &str) -> Value {
        let Some(kind) = FindingKind::of_code(code) else { return json!({"id": code}) };
        let message = kind.message(self.language);
        let short = kind.title(self.language).unwrap_or(&message);
        json!({
            "id": code,
            "name": kind.key(),
            "shortDescription": {"text": short},
            "fullDescription": {"text": message},
            "help": {"text": kind.mend(self.language)},
            "defaultConfiguration": {"level": level(kind.severity())},
            "properties": {"rule": kind.rule(), "source": kind.source()},
        })
    }
}

impl Report for Sarif {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[")?;
        write!(out, "{{\"columnKind\":\"unicodeCodePoints\",\"results\":[")
    }

    fn document(&mut self, origin: &Origin, findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
        for finding in &findings.0 {
            let comma = if std::mem::replace(&mut self.has_results, true) { "," } else { "" };
            write!(out, "{comma}\n{}", self.result(origin, finding))?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let rules: Vec<Value> = self.codes.iter().map(|code| self.rule(code)).collect();
        let version = env!("CARGO_PKG_VERSION");
        let driver =
            json!({"name": "Renkei", "version": version, "semanticVersion": version, "rules": rules});
        writeln!(out, "\n],\"tool\":{}}}]}}", json!({"driver": driver}))
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "note",
    }
}

fn message(finding: &Finding, language: Language) -> String {
    let parts =
        [finding.message(language), finding.mend(language), finding.example.clone().unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

fn properties(finding: &Finding) -> Value {
    let rule = |finding: &Finding| finding.rule.as_deref().unwrap_or(finding.key).to_owned();
    let consequences: Vec<Value> = finding
        .consequences
        .iter()
        .map(|one| json!({"code": one.code, "rule": rule(one), "expression": one.expression}))
        .collect();
    json!({
        "rule": rule(finding),
        "profile": finding.profile.as_deref(),
        "source": finding.source,
        "consequences": consequences,
    })
}

/// The same for the same mistake at the same element, whatever stands above it and whoever the patient is.
fn fingerprint(finding: &Finding) -> String {
    let rule = finding.rule.as_deref().unwrap_or(finding.key);
    let profile = finding.profile.as_deref().unwrap_or_default();
    let text = [finding.code, rule, profile, &finding.outline()].join("\n");
    digest(&SHA256, text.as_bytes()).as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
