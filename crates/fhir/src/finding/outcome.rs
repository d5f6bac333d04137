//! Findings as a FHIR R4 OperationOutcome.

use serde_json::{Value, json};

use super::{Finding, Findings, Language};
use crate::systems;

pub(super) fn render(findings: &Findings, language: Language) -> String {
    let issues: Vec<Value> = match findings.0.as_slice() {
        [] => vec![all_ok(language)],
        some => some.iter().map(|finding| issue(finding, language)).collect(),
    };
    json!({ "resourceType": "OperationOutcome", "issue": issues }).to_string()
}

fn issue(finding: &Finding, language: Language) -> Value {
    let mut coding = vec![json!({ "system": systems::FINDING_CODE, "code": finding.code })];
    if let Some(rule) = &finding.rule {
        coding.push(json!({ "system": systems::FINDING_RULE, "code": rule }));
    }
    let mut issue = json!({
        "severity": finding.severity.code(),
        "code": finding.issue_type,
        "details": { "coding": coding, "text": finding.message(language) },
        "diagnostics": diagnostics(finding, language),
    });
    if !finding.expression.is_empty() {
        issue["expression"] = json!([finding.expression]);
    }
    if let Some(position) = finding.position {
        issue["extension"] = json!([
            { "url": systems::ISSUE_LINE, "valueInteger": position.line },
            { "url": systems::ISSUE_COL, "valueInteger": position.column },
        ]);
    }
    issue
}

fn diagnostics(finding: &Finding, language: Language) -> String {
    let [found, expected, mend, example, profile, source, follows] = match language {
        Language::Japanese => {
            ["書かれた値", "期待", "なおす", "書き方の例", "プロファイル", "出典", "これに伴う指摘"]
        }
        Language::English => ["found", "expected", "mend", "example", "profile", "source", "follows from it"],
    };
    let parts = [
        (found, finding.found.clone()),
        (expected, finding.expected.clone()),
        (mend, Some(finding.mend(language))),
        (example, finding.example.clone()),
        (profile, finding.profile.as_deref().map(str::to_owned)),
        (source, Some(finding.source.to_owned())),
    ];
    let parts = parts.into_iter().filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?)));
    let consequences = finding.consequences.iter().map(|one| {
        let rule = one.rule.as_deref().unwrap_or(one.key);
        (follows, format!("{} [{rule}] {}", one.expression, one.message(language)))
    });
    let lines: Vec<String> =
        parts.chain(consequences).map(|(name, value)| format!("{name}: {value}")).collect();
    lines.join("\n")
}

fn all_ok(language: Language) -> Value {
    let text = match language {
        Language::Japanese => "問題は見つかりませんでした。",
        Language::English => "No issues were found.",
    };
    json!({ "severity": "information", "code": "informational", "details": { "text": text } })
}
