//! The invariants of profiles, in FHIRPath.

use fhir::finding::Severity;
use fhir::json::Node;
use fhir::path::{Element, EvalError, Scope as PathScope, Value};
use fhir::r4::TypeId;

use super::codes::Membership;
use super::links::{Found, Scope};
use super::session::Session;
use super::walk::Item;

impl<'p, 't> Session<'p, 't> {
    /// Holds one value against one invariant of the profile at work.
    pub(super) fn invariant(&mut self, place: u32, item: Item<'p, 't>, scope: Scope<'t>) {
        let invariant = &self.program().invariants[place as usize];
        let Some(expression) = self.pack.expression(place) else { return };
        let Some(focus) = element(item) else { return };
        let resolve = |url: &str| match self.links.follow(scope, url) {
            Found::Resource(node, _) => Some(node),
            Found::Elsewhere => None,
        };
        let member_of = |value: &Value<'_>, url: &str| {
            let node = value.element().and_then(Element::node)?;
            match self.membership(self.pack.set_named(url)?, node) {
                Membership::In => Some(true),
                Membership::Out => Some(false),
                Membership::Unknown => None,
            }
        };
        let mut around = PathScope::of(Element::resource(scope.resource));
        around.root_resource = Element::resource(scope.container);
        around.context = Some(Value::Element(focus));
        around.resolve = Some(&resolve);
        around.member_of = Some(&member_of);
        around.budget.set(self.steps_left);
        let holds = expression.holds(&around, &Value::Element(focus));
        self.steps_left = around.budget.get();
        match holds {
            Ok(true) => {}
            Ok(false) => {
                let key = if invariant.is_error { "profile-invariant" } else { "profile-invariant-warning" };
                let draft = self.fault(key, item.place(), &invariant.key);
                draft.element(&*invariant.key).found(&*invariant.human).expected(&*invariant.expression);
                if let Some(rule) = service_rule(&invariant.human) {
                    draft.repeating(rule);
                }
            }
            // What the whole document may cost is spent: said once, for nothing after it is judged either.
            Err(EvalError::Budget) if std::mem::replace(&mut self.is_spent, true) => {}
            Err(error) => self.unanswered(&invariant.key, item.place(), &error),
        }
    }

    /// An invariant that has no answer for this value is told, and does not refuse the document.
    fn unanswered(&mut self, key: &str, place: Node<'t>, error: &EvalError) {
        self.fault("profile-invariant-open", place, key)
            .severity(Severity::Warning)
            .element(key)
            .found(error.to_string());
    }
}

/// The rule of the service with which the words of a JP invariant begin: `R1012:被保険者識別子情報…`.
fn service_rule(human: &str) -> Option<&str> {
    let length = human.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let id = &human[..length];
    let digits = id.strip_prefix('R')?.trim_end_matches(|last: char| last.is_ascii_uppercase());
    (digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

/// The value as FHIRPath sees it; none if its type is none of R4's.
fn element<'t>(item: Item<'_, 't>) -> Option<Element<'t>> {
    let node = item.place();
    if let Some(resource) = Element::resource(node) {
        return Some(resource);
    }
    let kind = TypeId::named(item.type_name)?;
    if item.type_name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Element::primitive(item.value, item.beside, kind);
    }
    Some(Element::new(node, kind))
}
