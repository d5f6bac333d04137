//! Codes against value sets, and displays against code systems.

use fhir::finding::Severity;
use fhir::json::{Kind, Node};
use smallvec::{SmallVec, smallvec};

use super::nearest;
use super::session::Session;
use crate::element::Strength;
use crate::program::{BETWEEN, Binding, CodeSet, CompiledSystem};
use crate::terminology::has_form;

/// Whether a code belongs to a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Membership {
    In,
    /// The set or the system is not known well enough here to say no.
    Unknown,
    Out,
}

type Codes<'t> = SmallVec<[Code<'t>; 4]>;

/// One code as written: its system, if it has one of its own, and the code.
#[derive(Clone, Copy)]
struct Code<'t> {
    system: Option<&'t str>,
    code: &'t str,
    node: Node<'t>,
}

impl CodeSet {
    fn has(&self, system: Option<&str>, code: &str) -> Membership {
        let mut answer = if self.is_open { Membership::Unknown } else { Membership::Out };
        for part in &self.systems {
            if system.is_some_and(|system| system != &*part.system) {
                continue;
            }
            if part.has(code) {
                return Membership::In;
            }
            if part.is_open && part.excluded.find(code).is_none() {
                match has_form(&part.system, code) {
                    Some(true) => return Membership::In,
                    Some(false) => {}
                    None => answer = Membership::Unknown,
                }
            }
        }
        answer
    }
}

impl<'p, 't> Session<'p, 't> {
    /// `ElementDefinition.binding` on a code, Coding, CodeableConcept, Quantity, string or uri.
    pub(super) fn binding(&mut self, binding: &'p Binding, value: Node<'t>, type_name: &str, rule: &str) {
        let codes = codes(value);
        if codes.is_empty() {
            let needs_code = value.kind() == Kind::Object && is_concept(type_name);
            if needs_code && binding.strength == Strength::Required {
                let url = &*self.program().code_sets[binding.set as usize].url;
                self.fault("profile-binding-text", value, rule).expected(url);
            }
            return;
        }
        if let Some(set) = binding.max_set {
            self.set(set, &codes, value, Severity::Error, rule);
        }
        let severity = match binding.strength {
            Strength::Required => Severity::Error,
            Strength::Extensible => Severity::Warning,
            Strength::Preferred => Severity::Information,
            Strength::Example => return,
        };
        self.set(binding.set, &codes, value, severity, rule);
    }

    /// Whether a code, Coding or CodeableConcept has a code of the set.
    pub(super) fn membership(&self, set: u32, value: Node<'_>) -> Membership {
        let set = &self.program().code_sets[set as usize];
        let all = codes(value).into_iter().map(|one| set.has(one.system, one.code));
        all.min().unwrap_or(Membership::Out)
    }

    fn set(&mut self, place: u32, codes: &[Code<'t>], value: Node<'t>, severity: Severity, rule: &str) {
        let set = &self.program().code_sets[place as usize];
        let mut is_unknown = false;
        for one in codes {
            match set.has(one.system, one.code) {
                Membership::In => return,
                Membership::Unknown => is_unknown = true,
                Membership::Out => {}
            }
        }
        let first = codes[0];
        if is_unknown {
            if severity != Severity::Information
                && self.said_unknown.insert((place, first.system.unwrap_or_default()))
            {
                self.fault("profile-code-unknown", first.node, rule)
                    .found(written(first))
                    .expected(&*set.url);
            }
            return;
        }
        let display = value.text_at(&["display"]).or_else(|| value.text_at(&["coding", "display"]));
        let expected = match severity {
            Severity::Information => set.url.to_string(),
            _ => nearest::nearest_code(self.program(), set, first.system, first.code, display),
        };
        self.fault("profile-binding", first.node, rule)
            .severity(severity)
            .found(written(first))
            .expected(expected);
    }

    /// `Coding.display` and `Coding.code` against the code system, where that is known.
    pub(super) fn coding(&mut self, node: Node<'t>) {
        let text = |name| node.get(name).and_then(Node::str);
        let (Some(system), Some(code)) = (text("system"), text("code")) else { return };
        let Some(table) = self.program().code_system(system) else { return };
        let Some(place) = table.place_of(code) else {
            if table.is_complete {
                let near = nearest::nearest_word(&table.codes, code).unwrap_or_default().to_owned();
                let at = node.get("code").unwrap_or(node);
                self.raise("profile-no-such-code", at).found(code).expected(format!("{system} ({near})"));
            }
            return;
        };
        self.validity(table, place, node);
        let (Some(display), true) = (node.get("display"), place < table.displays.len()) else { return };
        let Some(found) = display.str() else { return };
        let known = table.displays.get(place);
        // A translation is no wrong display of a code that has words in another language only.
        let is_translated = known.is_ascii() && !found.is_ascii();
        if known.is_empty() || is_translated || known.split(BETWEEN).any(|one| one == found) {
            return;
        }
        let wanted = known.split(BETWEEN).next().unwrap_or_default();
        match nearest::lookalike(found, known) {
            Some((meant, odd)) => self
                .raise("profile-display-lookalike", display)
                .found(format!("{found} {odd}"))
                .expected(meant),
            None => self.raise("profile-display", display).found(found).expected(wanted),
        }
        .element(code);
    }
}

impl<'t> Session<'_, 't> {
    /// A code that is dated, on the day that the document bears.
    fn validity(&mut self, table: &CompiledSystem, place: usize, node: Node<'t>) {
        let Some(day) = self.day.filter(|_| place < table.validity.len()) else { return };
        let Some((from, to)) = table.validity.get(place).split_once('/') else { return };
        if (!from.is_empty() && day < from) || (!to.is_empty() && to < day) {
            let code = table.codes.get(place);
            self.raise("profile-code-not-valid", node)
                .element(code)
                .found(day)
                .expected(format!("{from}〜{to}"));
        }
    }
}

/// The codes of a value, whatever type it has.
fn codes<'t>(value: Node<'t>) -> Codes<'t> {
    if let Some(code) = value.str() {
        return smallvec![Code { system: None, code, node: value }];
    }
    match value.get("coding") {
        Some(codings) => codings.items().filter_map(coded).collect(),
        None => coded(value).into_iter().collect(),
    }
}

fn coded(node: Node<'_>) -> Option<Code<'_>> {
    let code = node.get("code")?.str()?;
    Some(Code { system: Some(node.text_at(&["system"]).unwrap_or_default()), code, node })
}

fn is_concept(type_name: &str) -> bool {
    matches!(type_name, "CodeableConcept" | "Coding")
}

fn written(code: Code<'_>) -> String {
    match code.system {
        Some(system) => format!("{system}#{}", code.code),
        None => code.code.to_owned(),
    }
}
