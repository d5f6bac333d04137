//! The rules of the service, by subject: one function for each row of `rules/clins.toml`.

mod allergy;
mod bundle;
mod checkup;
mod condition;
mod document;
mod medication;
mod observation;
mod patient;
mod report;
mod resource;
mod section;
mod shape;

pub(crate) use report::Report;

use std::sync::OnceLock;

use crate::bundle::{UnitKind, profiles, resource_type};
use crate::finding::Drafts;
use crate::json::Node;
use crate::validate::Judge;
use crate::words::{self, Facts};

/// One rule: its id in the table, what it looks at, and the function that looks.
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) on: On,
    pub(crate) check: for<'t> fn(&Case<'t>, &mut Report<'_>),
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// every Bundle of the service
    Bundle,
    /// a Bundle of the 5情報
    Collection,
    /// a Bundle that is a document
    Document,
    /// one kind of Bundle
    Kind(UnitKind),
    /// every resource of a Bundle's entries
    Entry,
    /// resources of this type that claim a profile of the service or stand in its Bundles
    Resource(&'static str),
}

/// One thing being judged, and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Case<'t> {
    /// The resource being judged; for rules of Bundles, the Bundle.
    pub(crate) node: Node<'t>,
    /// The Bundle of the service around it, if there is one.
    pub(crate) bundle: Option<Node<'t>>,
    /// The kind of that Bundle.
    pub(crate) kind: Option<UnitKind>,
    /// Whether that Bundle is a collection, even one whose kind is not known for a wrong tag.
    pub(crate) collection: bool,
}

impl<'t> Case<'t> {
    /// Whether the resource claims a profile whose last part is `name`.
    pub(crate) fn claims(&self, name: &str) -> bool {
        profiles(self.node).any(|profile| profile.rsplit('/').next() == Some(name))
    }
}

/// All rules, in the order in which they look.
pub(crate) fn all() -> impl Iterator<Item = &'static Rule> {
    [
        bundle::RULES,
        resource::RULES,
        patient::RULES,
        condition::RULES,
        allergy::RULES,
        medication::RULES,
        observation::RULES,
        document::RULES,
        section::RULES,
        checkup::RULES,
    ]
    .into_iter()
    .flatten()
}

/// The judge of the service's rules.
pub(crate) struct Service;

impl Service {
    /// Reads the tables before the first document comes.
    pub(crate) fn new() -> Self {
        let _ = bound();
        Self
    }
}

impl Judge for Service {
    fn judge(&self, root: Node<'_>, drafts: &mut Drafts) {
        if resource_type(root) == "Bundle" {
            judge_bundle(root, drafts);
        } else {
            judge_resource(&Case { node: root, bundle: None, kind: None, collection: false }, drafts);
        }
    }
}

fn judge_bundle(node: Node<'_>, drafts: &mut Drafts) {
    let kind = UnitKind::of(node);
    let collection = kind.map_or_else(|| looks_like_collection(node), UnitKind::is_collection);
    let is_ours = kind.is_some() || collection;
    let case = Case { node, bundle: is_ours.then_some(node), kind, collection };
    if is_ours {
        run(drafts, &case, |on| match on {
            On::Bundle => true,
            On::Collection => collection,
            On::Document => !collection,
            On::Kind(one) => Some(one) == kind,
            On::Entry | On::Resource(_) => false,
        });
    }
    for entry in crate::bundle::entries(node) {
        if resource_type(entry.resource) == "Bundle" {
            judge_bundle(entry.resource, drafts);
        } else {
            judge_resource(&Case { node: entry.resource, ..case }, drafts);
        }
    }
}

fn judge_resource(case: &Case<'_>, drafts: &mut Drafts) {
    let this = resource_type(case.node);
    let in_bundle = case.bundle.is_some();
    let is_ours = in_bundle || profiles(case.node).any(is_of_service);
    run(drafts, case, |on| match on {
        On::Entry => in_bundle,
        On::Resource(one) => is_ours && one == this,
        _ => false,
    });
}

fn run(drafts: &mut Drafts, case: &Case<'_>, applies: impl Fn(On) -> bool) {
    for (rule, facts) in bound() {
        if applies(rule.on) {
            (rule.check)(case, &mut Report::new(drafts, facts));
        }
    }
}

/// A Bundle that says it is a collection of the service by its tag or profile, though not which.
fn looks_like_collection(node: Node<'_>) -> bool {
    let tagged = node
        .all(&["meta", "tag"])
        .iter()
        .any(|tag| tag.text_at(&["system"]) == Some(crate::systems::BUNDLE_RESOURCE_TYPE));
    tagged || profiles(node).any(|profile| profile == crate::systems::BUNDLE_CLINS)
}

fn is_of_service(profile: &str) -> bool {
    [
        "/fhir/eCS/",
        "/fhir/clins/",
        "/fhir/eCheckup/",
        "/fhir/eReferral/",
        "/fhir/eDischargeSummary/",
        "/fhir/ePCS/",
    ]
    .iter()
    .any(|family| profile.strip_prefix("http://jpfhir.jp").is_some_and(|rest| rest.starts_with(family)))
}

fn bound() -> &'static [(&'static Rule, &'static Facts)] {
    static BOUND: OnceLock<Vec<(&'static Rule, &'static Facts)>> = OnceLock::new();
    BOUND.get_or_init(|| {
        let facts = |rule: &'static Rule| words::facts(rule.id).expect("a test compares functions and table");
        all().map(|rule| (rule, facts(rule))).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_of_rules_and_the_functions_are_the_same_set() {
        let rows = words::rule_rows();
        let table: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let functions: BTreeSet<&str> = all().map(|rule| rule.id).collect();
        assert_eq!(table, functions);
        assert_eq!((rows.len(), all().count()), (table.len(), functions.len()), "no rule stands twice");
        assert!(
            rows.iter()
                .all(|row| !row.applies.is_empty() && !row.title.ja.is_empty() && !row.title.en.is_empty())
        );
    }
}
