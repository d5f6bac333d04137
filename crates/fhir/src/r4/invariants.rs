//! The invariants of R4: those of the table, in FHIRPath, and those that are judged here because that is faster or
//! tells more.

use crate::bundle::resource_type;
use crate::finding::Severity;
use crate::json::Node;
use crate::narrative;
use crate::path::{BUDGET, Element, EvalError, Scope, Value};

use super::constraints::{Constraint, Gravity, Guard, constraints};
use super::facts::TypeId;
use super::tables::Type;
use super::walk::{Seen, Walk};

/// Which invariants of a type are judged here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    None,
    Coding,
    Extension,
    Quantity,
    Bundle,
    Narrative,
}

impl Special {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "Coding" => Self::Coding,
            "Extension" => Self::Extension,
            "Quantity" | "Age" | "Count" | "Distance" | "Duration" => Self::Quantity,
            "Bundle" => Self::Bundle,
            "Narrative" => Self::Narrative,
            _ => Self::None,
        }
    }
}

/// Invariants that have findings of their own: where they are told, and of which element.
const OWN: [(&str, &str, &str); 10] = [
    ("per-1", "r4-period", ""),
    ("pat-1", "r4-patient-contact", ""),
    ("obs-6", "r4-observation", "dataAbsentReason"),
    ("obs-7", "r4-observation", "component"),
    ("con-4", "r4-clinical-status", "clinicalStatus"),
    ("con-5", "r4-clinical-status", "clinicalStatus"),
    ("ait-1", "r4-clinical-status", "clinicalStatus"),
    ("ait-2", "r4-clinical-status", "clinicalStatus"),
    ("cmp-1", "r4-section", ""),
    ("cmp-2", "r4-section", ""),
];

/// What a scope may spend on a document: enough for any, and more for larger ones.
pub(super) fn scope<'t>(root: Node<'t>) -> Scope<'t> {
    let scope = Scope::of(None);
    scope.budget.set(BUDGET + 3 * root.bytes().len() as u64);
    scope
}

/// Judges an object of the type `id` after its members.
pub(super) fn judge<'t>(walk: &mut Walk<'_, 't>, node: Node<'t>, id: u16, seen: &Seen) {
    let kind = walk.tables.kind(id);
    match kind.special {
        Special::None => {}
        Special::Coding => coding(walk, node, kind, seen),
        Special::Extension => extension(walk, node, kind, seen),
        Special::Quantity => quantity(walk, node, kind, seen),
        Special::Bundle => bundle(walk, node),
        Special::Narrative => narrative(walk, node),
    }
    for guard in constraints().of(id).iter().filter(|guard| !guard.is_sure(seen.bits)) {
        if guard.gravity != Gravity::Advice || walk.advice {
            constraint(walk, node, id, guard);
        }
    }
}

fn constraint<'t>(walk: &mut Walk<'_, 't>, node: Node<'t>, id: u16, guard: &Guard) {
    let constraint = constraints().get(*guard);
    let focus = Element::new(node, TypeId(id));
    match constraint.element {
        None => hold(walk, constraint, node, focus),
        Some(name) => {
            for element in focus.named(name) {
                hold(walk, constraint, element.node().unwrap_or(node), element);
            }
        }
    }
}

fn hold<'t>(walk: &mut Walk<'_, 't>, constraint: &'static Constraint, node: Node<'t>, focus: Element<'t>) {
    let focus = Value::Element(focus);
    walk.scope.context = Some(focus.clone());
    match constraint.expression.holds(&walk.scope, &focus) {
        Ok(true) => {}
        Ok(false) => broken(walk, constraint, node),
        Err(EvalError::Budget) if !walk.is_spent => {
            walk.is_spent = true;
            walk.raise("r4-invariant-open", node).element(constraint.key);
        }
        Err(_) => {}
    }
}

fn broken(walk: &mut Walk<'_, '_>, constraint: &'static Constraint, node: Node<'_>) {
    let severity = match constraint.gravity {
        Gravity::Error => Severity::Error,
        Gravity::Warning | Gravity::Advice => Severity::Warning,
    };
    let Some((_, finding, element)) = OWN.iter().find(|row| row.0 == constraint.key) else {
        let draft = walk.raise("r4-invariant", node).element(constraint.key).severity(severity);
        draft.found(constraint.human).expected(constraint.expression.text());
        return;
    };
    let draft = walk.raise(finding, node.get(element).unwrap_or(node));
    if !element.is_empty() {
        draft.element(*element);
    }
    if constraint.key == "per-1" {
        let end = |name| node.text_at(&[name]).unwrap_or_default();
        draft.found(format!("{} > {}", end("start"), end("end")));
    }
}

fn has(kind: &Type, seen: &Seen, name: &str) -> bool {
    kind.elements.iter().position(|e| *e == name).is_some_and(|i| seen.bits >> i & 1 == 1)
}

/// A code without a system means nothing to others (datatypes.html#Coding).
fn coding(walk: &mut Walk<'_, '_>, node: Node<'_>, kind: &Type, seen: &Seen) {
    if has(kind, seen, "code") && !has(kind, seen, "system") {
        walk.raise("r4-coding-system", node).found(node.text_at(&["code"]).unwrap_or_default());
    }
}

/// ext-1
fn extension(walk: &mut Walk<'_, '_>, node: Node<'_>, kind: &Type, seen: &Seen) {
    if has(kind, seen, "value[x]") == has(kind, seen, "extension") {
        walk.raise("r4-extension", node).found(node.text_at(&["url"]).unwrap_or_default());
    }
}

/// qty-3
fn quantity(walk: &mut Walk<'_, '_>, node: Node<'_>, kind: &Type, seen: &Seen) {
    if has(kind, seen, "code") && !has(kind, seen, "system") {
        walk.raise("r4-quantity", node);
    }
}

/// bdl-3, bdl-4, bdl-9, bdl-10, bdl-11
fn bundle(walk: &mut Walk<'_, '_>, node: Node<'_>) {
    let kind = node.text_at(&["type"]).unwrap_or_default();
    let requests = matches!(kind, "batch" | "transaction" | "history");
    let responses = matches!(kind, "batch-response" | "transaction-response" | "history");
    for entry in node.get("entry").into_iter().flat_map(Node::items) {
        for (name, wanted) in [("request", requests), ("response", responses)] {
            match entry.get(name) {
                Some(part) if !wanted => _ = walk.raise("r4-entry-part", part).element(name),
                None if wanted => _ = walk.raise("r4-required", entry).element(name),
                _ => {}
            }
        }
    }
    if kind != "document" {
        return;
    }
    for path in [["identifier", "system"], ["identifier", "value"]] {
        if node.at(&path).is_none() {
            walk.raise("r4-document", node).element(path.join("."));
        }
    }
    if node.get("timestamp").is_none() {
        walk.raise("r4-document", node).element("timestamp");
    }
    let first = crate::bundle::entries(node).next();
    if first.is_none_or(|entry| resource_type(entry.resource) != "Composition") {
        walk.raise("r4-document", node).element("entry[0] Composition");
    }
}

/// txt-1, txt-2
fn narrative<'t>(walk: &mut Walk<'_, 't>, node: Node<'t>) {
    use narrative::Fault;
    let Some(div) = node.get("div") else { return };
    walk.frames.tell(div);
    let Some(fault) = div.str().and_then(narrative::fault) else { return };
    let key = match fault {
        Fault::Form(_) => "r4-narrative-form",
        Fault::Element(_) | Fault::Attribute(_) => "r4-narrative-markup",
        Fault::Empty => "r4-narrative-empty",
    };
    walk.raise(key, div).found(fault.found());
}
