//! Codes in documents, held against the masters that are in force on the item's own day.

use std::collections::HashMap;
use std::sync::LazyLock;

use fhir::bundle::Bundle;
use fhir::finding::{Finding, Findings, Severity};
use fhir::json::{Node, Position};
use fhir::validate::Checked;
use jiff::civil::Date;
use serde::Deserialize;
use store::{Fault, MasterRow};

use super::{Masters, TABLE, in_force};
use crate::extract;

/// What becomes of a document with a code that the masters do not allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MasterCodes {
    /// It is registered, and the sender is warned.
    #[default]
    Warn,
    /// It is refused.
    Refuse,
}

/// A code as it is written in a document.
pub(super) struct Written {
    /// The kind of master that rules its system.
    pub(super) kind: &'static str,
    pub(super) code: String,
    /// The day of the resource it stands in.
    pub(super) day: Date,
    expression: String,
    offset: usize,
}

static KINDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let kinds = TABLE.master.iter();
    kinds.flat_map(|kind| kind.systems.iter().map(|system| (system.as_str(), kind.kind.as_str()))).collect()
});

/// What is wrong with a code on a day, by the rows that stand under it: the key of the finding and the day that tells.
pub(super) fn wrong(rows: &[MasterRow], day: Date) -> Option<(&'static str, Option<Date>)> {
    let begun = |row: &&MasterRow| row.valid_from.is_none_or(|from| from <= day);
    let lasts = |row: &&MasterRow| row.valid_to.is_none_or(|to| day <= to);
    if rows.is_empty() {
        return Some(("master-code-unknown", None));
    }
    if rows.iter().any(|row| begun(&row) && lasts(&row)) {
        return None;
    }
    let ended = rows.iter().filter(begun).filter_map(|row| row.valid_to).max();
    Some(match ended {
        Some(_) => ("master-code-ended", ended),
        None => ("master-code-not-yet", rows.iter().filter_map(|row| row.valid_from).min()),
    })
}

/// Every code in a bundle that a master rules. A resource without a day of its own has that of what holds it.
pub(super) fn written(bundle: Bundle<'_>, received: Date) -> Vec<Written> {
    let day = extract::day_of(bundle.timestamp()).unwrap_or(received);
    let mut found = Vec::new();
    walk(bundle.node(), &mut vec!["Bundle".to_owned()], day, &mut found);
    found
}

fn walk(node: Node<'_>, path: &mut Vec<String>, day: Date, found: &mut Vec<Written>) {
    let day = node.get("resourceType").and_then(|_| extract::date(node)).unwrap_or(day);
    let kind = node.get("system").and_then(Node::str).and_then(|system| KINDS.get(system));
    if let (Some(kind), Some(code)) = (kind, node.get("code").filter(|code| code.str().is_some())) {
        let text = code.str().unwrap_or_default().to_owned();
        let (expression, offset) = (format!("{}.code", path.join(".")), code.span().start);
        found.push(Written { kind, code: text, day, expression, offset });
    }
    for (name, member) in node.members() {
        path.push(name.to_owned());
        walk(member, path, day, found);
        path.pop();
    }
    for (index, item) in node.items().enumerate() {
        let name = path.pop().unwrap_or_default();
        path.push(format!("{name}[{index}]"));
        walk(item, path, day, found);
        path.pop();
        path.push(name);
    }
}

impl Masters<'_> {
    /// What the masters say against the codes of a document, as warnings or as errors.
    pub(crate) async fn findings(
        &self,
        checked: &Checked<'_>,
        received: Date,
        codes: MasterCodes,
    ) -> Result<Findings, Fault> {
        let versions = self.0.masters().await?;
        if versions.is_empty() {
            return Ok(Findings(Vec::new()));
        }
        let mut asked = Vec::new();
        for one in written(checked.bundle(), received) {
            if let Some(version) = in_force(&versions, one.kind, one.day) {
                asked.push((one, version));
            }
        }
        let questions = asked
            .iter()
            .map(|(one, version)| (version.kind.clone(), version.version.clone(), one.code.clone()));
        let answers = self.0.master_codes(questions.collect()).await?;
        let mut findings = Vec::new();
        for ((one, version), rows) in asked.iter().zip(&answers) {
            let Some((key, day)) = wrong(rows, one.day) else { continue };
            let expected = day.map_or_else(|| version.version.clone(), |day| day.to_string());
            let mut finding = Finding::new(key).at(&one.expression).found(&one.code).expected(expected);
            finding.position = Some(Position::of(checked.bytes(), one.offset));
            if codes == MasterCodes::Refuse {
                finding.severity = Severity::Error;
            }
            findings.push(finding);
        }
        Ok(Findings(findings))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_code_is_judged_by_the_day_of_its_own_item() {
        let row = |from, to| MasterRow { valid_from: from, valid_to: to, ..MasterRow::default() };
        let year = |year| date(year, 4, 1);
        let rows = [row(Some(year(2020)), Some(year(2022))), row(Some(year(2025)), None)];
        assert_eq!(wrong(&rows, year(2019)), Some(("master-code-not-yet", Some(year(2020)))));
        assert_eq!(wrong(&rows, year(2020)), None);
        assert_eq!(wrong(&rows, year(2022)), None);
        assert_eq!(wrong(&rows, year(2023)), Some(("master-code-ended", Some(year(2022)))));
        assert_eq!(wrong(&rows, year(2026)), None);
        assert_eq!(wrong(&[], year(2026)), Some(("master-code-unknown", None)));
    }
}
