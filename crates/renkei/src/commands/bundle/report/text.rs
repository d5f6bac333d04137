//! For people: the verdict, then every cause with what follows from it.

use std::io::{self, Write};

use anstyle::{AnsiColor, Effects, Style};
use fhir::finding::{Finding, Findings, Severity};

use super::Report;
use crate::commands::Manner;
use crate::commands::bundle::source::Origin;

pub(super) struct Text {
    pub(super) manner: Manner,
    pub(super) has_colour: bool,
    /// Whether what is only worth knowing is told of documents that nobody named.
    pub(super) tells_all: bool,
}

const BAD: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const GOOD: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);
const DOUBTFUL: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
const PLAIN: Style = Style::new();
const QUIET: Style = Style::new().effects(Effects::DIMMED);

impl Report for Text {
    /// A document that nobody named and in which nothing is doubtful is passed over in silence; the totals count it.
    fn document(&mut self, origin: &Origin, findings: &Findings, out: &mut dyn Write) -> io::Result<()> {
        let is_told = |finding: &&Finding| {
            origin.is_named || self.tells_all || finding.severity != Severity::Information
        };
        let told: Vec<&Finding> = findings.0.iter().filter(is_told).collect();
        if told.is_empty() && !origin.is_named {
            return Ok(());
        }
        let (style, key) = if findings.has_errors() {
            (BAD, "validate.unacceptable")
        } else {
            (GOOD, "validate.acceptable")
        };
        let verdict = self.painted(style, &self.manner.words(key, &[]));
        write!(out, "{}  {verdict}", origin.name())?;
        let counted = [
            (Severity::Error, "validate.errors"),
            (Severity::Warning, "validate.warnings"),
            (Severity::Information, "validate.informations"),
        ];
        for (severity, key) in counted {
            let count = findings.count(severity);
            if count > 0 || severity != Severity::Information {
                write!(out, "  {}", self.manner.words(key, &[("count", &count)]))?;
            }
        }
        writeln!(out)?;
        self.findings(&told, 0, out)
    }
}

impl Text {
    /// The same said of many places is said once.
    fn findings(&self, findings: &[&Finding], depth: usize, out: &mut dyn Write) -> io::Result<()> {
        let mut groups: Vec<Vec<&Finding>> = Vec::new();
        for finding in findings {
            match groups.iter_mut().find(|group| self.is_same(group[0], finding)) {
                Some(group) => group.push(finding),
                None => groups.push(vec![finding]),
            }
        }
        for group in groups {
            self.finding(group[0], depth, out)?;
            let indent = "    ".repeat(depth);
            if let count @ 1.. = group.len() - 1 {
                writeln!(
                    out,
                    "{indent}        {}",
                    self.manner.words("validate.also", &[("count", &count)])
                )?;
            }
            for also in &group[1..] {
                writeln!(out, "{indent}          {}", self.place(also))?;
            }
        }
        Ok(())
    }

    fn is_same(&self, one: &Finding, other: &Finding) -> bool {
        let language = self.manner.lang.language();
        let said = |finding: &Finding| (finding.message(language), finding.mend(language));
        let has_none = one.consequences.is_empty() && other.consequences.is_empty();
        let asked = |finding: &Finding| {
            (finding.severity, finding.key, finding.rule.clone(), finding.profile.clone())
        };
        has_none && asked(one) == asked(other) && one.found == other.found && said(one) == said(other)
    }

    fn finding(&self, finding: &Finding, depth: usize, out: &mut dyn Write) -> io::Result<()> {
        let indent = "    ".repeat(depth);
        let language = self.manner.lang.language();
        writeln!(out, "{indent}{}", self.heading(finding))?;
        writeln!(out, "{indent}        {}", finding.message(language))?;
        let profile = finding.profile.as_deref().map(str::to_owned);
        let lines = [
            ("validate.found", finding.found_besides(language).map(str::to_owned)),
            ("validate.expected", finding.expected_besides(language).map(str::to_owned)),
            ("validate.mend", Some(finding.mend(language))),
            ("validate.example", finding.example.clone()),
            ("validate.profile", profile),
            ("validate.source", Some(finding.source.to_owned())),
        ];
        for (key, value) in lines {
            let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
            let name = self.painted(QUIET, &self.manner.words(key, &[]));
            writeln!(out, "{indent}          {name} {}", value.replace('\n', " "))?;
        }
        if !finding.consequences.is_empty() {
            writeln!(out, "{indent}        {}", self.manner.words("validate.consequences", &[]))?;
        }
        self.findings(&finding.consequences.iter().collect::<Vec<_>>(), depth + 2, out)
    }

    /// `RK-2104 エラー R0211  Bundle.entry[3].resource.code  412行9桁`
    fn heading(&self, finding: &Finding) -> String {
        let (style, key) = match finding.severity {
            Severity::Error => (BAD, "validate.error"),
            Severity::Warning => (DOUBTFUL, "validate.warning"),
            Severity::Information => (PLAIN, "validate.information"),
        };
        let mut heading = format!("{} {}", finding.code, self.painted(style, &self.manner.words(key, &[])));
        if let Some(rule) = &finding.rule {
            heading += &format!(" [{rule}]");
        }
        format!("{heading}  {}", self.place(finding))
    }

    /// `Bundle.entry[3].resource.code  412行9桁`
    fn place(&self, finding: &Finding) -> String {
        let position = finding.position.map(|at| {
            let values: [(&str, &dyn std::fmt::Display); 2] = [("line", &at.line), ("column", &at.column)];
            self.manner.words("validate.place", &values)
        });
        let expression = Some(finding.expression.clone()).filter(|expression| !expression.is_empty());
        expression.into_iter().chain(position).collect::<Vec<_>>().join("  ")
    }

    fn painted(&self, style: Style, text: &str) -> String {
        if self.has_colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
