//! The shipped policies, parsed and validated once, and laid ready by action.

use std::sync::LazyLock;

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Policy, PolicyId, PolicySet, Request, Schema,
    ValidationMode, Validator,
};

use super::Action;
use super::names::names;
use crate::Role;

/// Every file of policies, in the order in which they name a decision.
const RIGHTS: [&str; 8] = [
    include_str!("../../../../rules/policy/records.cedar"),
    include_str!("../../../../rules/policy/acts.cedar"),
    include_str!("../../../../rules/policy/sending.cedar"),
    include_str!("../../../../rules/policy/consent.cedar"),
    include_str!("../../../../rules/policy/hub.cedar"),
    include_str!("../../../../rules/policy/administration.cedar"),
    include_str!("../../../../rules/policy/patient.cedar"),
    include_str!("../../../../rules/policy/safety.cedar"),
];
const CONDITIONS: [&str; 1] = [include_str!("../../../../rules/policy/conditions.cedar")];

static LAWS: LazyLock<Laws> = LazyLock::new(Laws::shipped);

/// What the hub ships.
pub(super) struct Laws {
    pub(super) schema: Schema,
    /// Who may.
    pub(super) rights: Book,
    /// What is asked even of those who may: nothing but `forbid`.
    pub(super) conditions: Book,
}

/// Policies in the order of their text, and those that can speak of each action.
#[derive(Debug)]
pub(super) struct Book {
    policies: Vec<Policy>,
    names: Vec<String>,
    pages: Vec<PolicySet>,
    actions: Entities,
}

/// What a book says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Permitted, by the policy at this place.
    Permit(usize),
    /// Forbidden, by the policy at this place.
    Forbid(usize),
    /// No policy holds.
    Nothing,
    /// A policy could not be evaluated: Cedar passes over it, so nothing it said may count.
    Broken,
}

pub(super) fn laws() -> &'static Laws {
    &LAWS
}

impl Laws {
    fn shipped() -> Self {
        let schema = include_str!("../../../../rules/policy/schema.cedarschema");
        let (schema, _) =
            Schema::from_cedarschema_str(schema).expect("the schema is compiled in and a test reads it");
        let actions = schema.action_entities().expect("the actions of a schema that was read");
        let book = |texts: &[&str]| {
            let policies = texts.iter().flat_map(|text| {
                in_order(&text.parse().expect("the policies are compiled in and a test reads them"))
            });
            Book::new(policies.collect(), actions.clone())
        };
        let (rights, conditions) = (book(&RIGHTS), book(&CONDITIONS));
        Self { schema, rights, conditions }
    }

    /// What the validator has against some policies, as Cedar says it.
    pub(super) fn faults(&self, policies: &PolicySet) -> Vec<cedar_policy::ffi::DetailedError> {
        let result = Validator::new(self.schema.clone()).validate(policies, ValidationMode::Strict);
        result.validation_errors().map(Into::into).collect()
    }
}

impl Book {
    pub(super) fn new(policies: Vec<Policy>, actions: Entities) -> Self {
        let policies: Vec<Policy> =
            policies.iter().enumerate().map(|(place, one)| one.new_id(id(place))).collect();
        let names = policies.iter().map(|one| one.annotation("id").unwrap_or_default().to_owned()).collect();
        let page = |action: &Action| {
            let speaking = policies.iter().filter(|one| speaks_of(one, *action, &actions)).cloned();
            PolicySet::from_policies(speaking).expect("each policy has an id of its own")
        };
        let pages = Action::ALL.iter().map(page).collect();
        Self { policies, names, pages, actions }
    }

    /// What it says. Several policies may hold: a `forbid` before any `permit`, and of those the first in the text.
    pub(super) fn ask(&self, role: Role, action: Action, context: &Context) -> Said {
        let page = &self.pages[action as usize];
        if page.is_empty() { Said::Nothing } else { self.ask_of(page, role, action, context) }
    }

    fn ask_of(&self, page: &PolicySet, role: Role, action: Action, context: &Context) -> Said {
        let (principal, resource) = (names().role(role).clone(), names().thing(action).clone());
        let request =
            Request::new(principal, names().action(action).clone(), resource, context.clone(), None);
        let Ok(request) = request else { return Said::Broken };
        let response = Authorizer::new().is_authorized(&request, page, &self.actions);
        if response.diagnostics().errors().next().is_some() {
            return Said::Broken;
        }
        let first = response.diagnostics().reason().filter_map(place).min();
        match (first, response.decision()) {
            (None, _) => Said::Nothing,
            (Some(place), Decision::Allow) => Said::Permit(place),
            (Some(place), Decision::Deny) => Said::Forbid(place),
        }
    }

    pub(super) fn name(&self, place: usize) -> &str {
        &self.names[place]
    }

    /// The text of the policy at a place.
    pub(super) fn text(&self, place: usize) -> String {
        self.policies[place].to_string()
    }

    pub(super) fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// The policies that can speak of an action.
    pub(super) fn speaking_of(&self, action: Action) -> impl Iterator<Item = &Policy> {
        self.pages[action as usize].policies()
    }

    pub(super) fn actions(&self) -> &Entities {
        &self.actions
    }
}

/// The policies of one text as they stand there.
pub(super) fn in_order(policies: &PolicySet) -> Vec<Policy> {
    let mut policies: Vec<Policy> = policies.policies().cloned().collect();
    policies.sort_by_key(|one| one.id().to_string().trim_start_matches("policy").parse::<usize>().ok());
    policies
}

fn id(place: usize) -> PolicyId {
    PolicyId::new(place.to_string())
}

fn place(id: &PolicyId) -> Option<usize> {
    AsRef::<str>::as_ref(id).parse().ok()
}

/// Whether the head of a policy admits an action: what it does not admit, the policy can never decide.
fn speaks_of(policy: &Policy, action: Action, actions: &Entities) -> bool {
    let own = names().action(action);
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(one) => one == *own,
        ActionConstraint::In(some) => some.iter().any(|one| one == own || actions.is_ancestor_of(one, own)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::axes::settings;
    use super::super::facts::context;
    use super::*;
    use crate::{POWERS, RULES};

    #[test]
    fn every_shipped_policy_fits_the_schema_and_bears_the_name_of_a_rule() {
        let laws = laws();
        for book in [&laws.rights, &laws.conditions] {
            let set = PolicySet::from_policies(book.policies.iter().cloned()).unwrap();
            assert_eq!(laws.faults(&set), Vec::new());
            for name in &book.names {
                assert!(RULES.contains(&name.as_str()) || POWERS.contains(&name.as_str()), "{name}");
            }
        }
        let conditions = laws.conditions.policies.iter();
        assert!(conditions.into_iter().all(|one| one.effect() == cedar_policy::Effect::Forbid));
        for action in Action::ALL {
            let otherwise = action.otherwise();
            assert!(RULES.contains(&otherwise) || POWERS.contains(&otherwise), "{otherwise}");
        }
    }

    #[test]
    fn the_policies_laid_ready_for_an_act_say_in_every_case_what_all_of_them_say() {
        let laws = laws();
        for book in [&laws.rights, &laws.conditions] {
            let whole = PolicySet::from_policies(book.policies.iter().cloned()).unwrap();
            for action in Action::ALL {
                for setting in settings(action) {
                    for role in Role::ALL {
                        let context = context(&setting.case(role), action).unwrap();
                        let said = book.ask(role, action, &context);
                        assert_ne!(said, Said::Broken);
                        assert_eq!(said, book.ask_of(&whole, role, action, &context));
                    }
                }
            }
        }
    }

    #[test]
    fn every_action_of_the_schema_is_known_and_no_other() {
        let groups = ["view", "dangerous", "by-machine", "four-eyes"];
        let named: Vec<String> = laws().schema.actions().map(|one| one.id().unescaped().to_owned()).collect();
        for name in &named {
            assert!(groups.contains(&name.as_str()) || Action::from_code(name).is_some(), "{name}");
        }
        for action in Action::ALL {
            assert!(named.iter().any(|name| name == action.code()), "{}", action.code());
        }
    }
}
