//! Types, type profiles, and where references may lead.

use fhir::bundle::resource_type;
use fhir::finding::Draft;
use fhir::json::Node;
use fhir::r4::TypeId;

use super::links::{Found, Scope};
use super::session::Session;
use super::walk::Item;
use crate::program::{ProfileId, Rule, TypeRule};

impl<'p, 't> Session<'p, 't> {
    /// Holds the value against the types left over. False if it has none of them, so that nothing else is asked.
    pub(super) fn types(&mut self, rule: &'p Rule, item: Item<'p, 't>, scope: Scope<'t>) -> bool {
        let Some(value) = item.value else { return true };
        let found = match resource_type(value) {
            "" => item.type_name,
            resource => resource,
        };
        let fits = |code: &str| code == found || matches!(code, "Resource" | "DomainResource" | "Element");
        let Some(kind) = rule.types.iter().find(|kind| fits(&kind.code)) else {
            let codes: Vec<&str> = rule.types.iter().map(|kind| &*kind.code).collect();
            self.fault("profile-type", value, &rule.id).found(found).expected(codes.join(" | "));
            return false;
        };
        self.one_of(&kind.profiles, value, scope, rule);
        if matches!(found, "Reference" | "canonical") {
            self.reference(kind, value, scope, rule);
        }
        true
    }

    /// The value must meet the profile, or one of several.
    fn one_of(&mut self, profiles: &'p [ProfileId], value: Node<'t>, scope: Scope<'t>, rule: &'p Rule) {
        match profiles {
            [] => {}
            [one] => self.require(value, *one, scope),
            several => {
                if !several.iter().any(|one| self.meets(value, *one, scope)) {
                    let nearest = self.nearest_profile(several, value, scope);
                    let names = self.names(several);
                    self.fault("profile-none-of", value, &rule.id).expected(names).because(nearest);
                }
            }
        }
    }

    /// A Reference: what it leads to, where that is inside the document, and how.
    fn reference(&mut self, kind: &'p TypeRule, value: Node<'t>, scope: Scope<'t>, rule: &'p Rule) {
        let Some(place) = value.get("reference") else { return };
        let url = place.str().unwrap_or_default();
        self.aggregation(kind, place, url, rule, scope);
        if kind.targets.is_empty() {
            return;
        }
        let resolved = match self.links.follow(scope, url) {
            Found::Resource(target, target_scope) => Some((target, target_scope)),
            Found::Elsewhere => None,
        };
        let found = match resolved {
            Some((target, _)) => resource_type(target),
            None => implied_type(value, url).unwrap_or_default(),
        };
        if found.is_empty() {
            return;
        }
        let fitting: Vec<_> =
            kind.targets.iter().filter(|one| matches!(&*one.type_name, name if name == found || name == "Resource" || name.is_empty())).collect();
        if fitting.is_empty() {
            let types: Vec<&str> = kind.targets.iter().map(|one| &*one.type_name).collect();
            self.fault("profile-target-type", place, &rule.id).found(found).expected(types.join(" | "));
            return;
        }
        let Some((target, target_scope)) = resolved else { return };
        // A target without a compiled profile asks for the type alone, or for what nobody here can check.
        if fitting.iter().any(|one| one.profile.is_none()) {
            return;
        }
        let profiles: Vec<ProfileId> = fitting.iter().filter_map(|one| one.profile).collect();
        if !profiles.iter().any(|one| self.meets(target, *one, target_scope)) {
            let nearest = self.nearest_profile(&profiles, target, target_scope);
            let names = self.names(&profiles);
            self.fault("profile-target", place, &rule.id).found(url).expected(names).because(nearest);
        }
    }

    fn aggregation(
        &mut self,
        kind: &'p TypeRule,
        place: Node<'t>,
        url: &str,
        rule: &'p Rule,
        scope: Scope<'t>,
    ) {
        if kind.aggregation.is_empty() {
            return;
        }
        let how = match self.links.follow(scope, url) {
            _ if url.starts_with('#') => "contained",
            Found::Resource(..) => "bundled",
            Found::Elsewhere => "referenced",
        };
        let fits = |one: &str| one == how || (one == "referenced" && how == "bundled");
        if !kind.aggregation.iter().any(|one| fits(one)) {
            self.fault("profile-aggregation", place, &rule.id)
                .found(how)
                .expected(kind.aggregation.join(" | "));
        }
    }

    /// What stands between the value and the profile that it misses least.
    pub(super) fn nearest_profile(
        &mut self,
        profiles: &[ProfileId],
        value: Node<'t>,
        scope: Scope<'t>,
    ) -> Vec<Draft> {
        let fitting: Vec<ProfileId> = profiles.iter().copied().filter(|id| self.is_for(*id, value)).collect();
        let all = fitting.into_iter().map(|one| self.obstacles(value, one, scope));
        all.min_by_key(Vec::len).unwrap_or_default()
    }

    pub(super) fn names(&self, profiles: &[ProfileId]) -> String {
        let labels: Vec<&str> = profiles.iter().map(|one| &*self.program().profile(*one).label).collect();
        labels.join(" | ")
    }
}

/// The type of what a reference leads to outside the document, as its address or its own `type` tells.
fn implied_type<'t>(reference: Node<'t>, url: &'t str) -> Option<&'t str> {
    let plain = url.split_once("/_history/").map_or(url, |(plain, _)| plain);
    let is_type = |name: &&str| TypeId::named(name).is_some_and(TypeId::is_resource);
    let by_address = plain.rsplit('/').nth(1).filter(is_type);
    by_address.or_else(|| reference.text_at(&["type"]).filter(is_type))
}
