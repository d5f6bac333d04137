//! What is defined elsewhere and may stand anywhere: extensions, codings, resources inside resources.

use fhir::bundle::resource_type;
use fhir::json::{Kind, Node};
use fhir::r4::TypeId;

use super::links::Scope;
use super::session::Session;
use crate::program::{Context, Profile};

/// The names from a resource down to an element.
type Trail<'t> = Vec<&'t str>;

impl<'p, 't> Session<'p, 't> {
    /// Everything inside one resource that other definitions rule: its extensions, its codings, the resources in it.
    pub(super) fn everywhere(&mut self, resource: Node<'t>, scope: Scope<'t>) {
        let mut trail = vec![resource_type(resource)];
        self.object(resource, scope, &mut trail);
    }

    fn object(&mut self, node: Node<'t>, scope: Scope<'t>, trail: &mut Trail<'t>) {
        let mut is_coded = 0;
        for (name, value) in node.members() {
            match (name, value.kind()) {
                ("code" | "system", Kind::String) => is_coded += 1,
                (_, Kind::Object | Kind::Array) => {
                    trail.push(name.strip_prefix('_').unwrap_or(name));
                    self.member(node, name, value, scope, trail);
                    trail.pop();
                }
                _ => {}
            }
        }
        if is_coded == 2 {
            self.coding(node);
        }
    }

    fn member(
        &mut self,
        holder: Node<'t>,
        name: &str,
        value: Node<'t>,
        scope: Scope<'t>,
        trail: &mut Trail<'t>,
    ) {
        if value.kind() == Kind::Array {
            value.items().for_each(|item| self.inside(holder, name, item, scope, trail));
        } else {
            self.inside(holder, name, value, scope, trail);
        }
    }

    fn inside(
        &mut self,
        holder: Node<'t>,
        name: &str,
        item: Node<'t>,
        scope: Scope<'t>,
        trail: &mut Trail<'t>,
    ) {
        if item.kind() != Kind::Object {
            return;
        }
        if !resource_type(item).is_empty() {
            self.resource(item, scope.inner(item, name == "contained"));
            return;
        }
        if matches!(name, "extension" | "modifierExtension") {
            self.extension(holder, item, name == "modifierExtension", scope, trail);
        }
        self.object(item, scope, trail);
    }

    fn extension(
        &mut self,
        holder: Node<'t>,
        item: Node<'t>,
        is_modifier: bool,
        scope: Scope<'t>,
        trail: &Trail<'t>,
    ) {
        let Some(place) = item.get("url") else { return };
        let url = place.str().unwrap_or_default();
        if !url.contains(':') {
            // The name of a part: the extension around it defines it.
            return;
        }
        let known =
            self.program().named(url).filter(|id| &*self.program().profile(*id).type_name == "Extension");
        let Some(id) = known else {
            let key = if is_modifier { "profile-modifier-unknown" } else { "profile-extension-unknown" };
            self.raise(key, place).found(url);
            return;
        };
        self.require(item, id, scope);
        let profile = self.program().profile(id);
        if profile.is_modifier != is_modifier {
            let name = if profile.is_modifier { "modifierExtension" } else { "extension" };
            self.raise("profile-extension-modifier", place).found(url).expected(name);
        }
        if !profile.may_stand(holder, trail) {
            let places: Vec<&str> = profile.contexts.iter().map(Context::text).collect();
            let here = trail[..trail.len() - 1].join(".");
            self.raise("profile-extension-context", place)
                .found(here)
                .expected(places.join(" | "))
                .element(url);
        }
    }
}

impl Context {
    fn text(&self) -> &str {
        match self {
            Self::Element(text) | Self::Extension(text) | Self::Path(text) => text,
        }
    }
}

impl Profile {
    /// Whether this extension may stand in `holder`, to which `trail` leads (its last name is `extension` itself).
    fn may_stand(&self, holder: Node<'_>, trail: &[&str]) -> bool {
        self.contexts.is_empty()
            || self.contexts.iter().any(|context| match context {
                Context::Element(path) => is_at(path, trail),
                Context::Extension(url) => holder.text_at(&["url"]) == Some(url),
                // Where a FHIRPath leads is not compared: such contexts are few and permit more than they forbid.
                Context::Path(_) => true,
            })
    }
}

/// Whether an element path or type such as `Patient.contact`, `Address`, `HumanName.family` names the element.
fn is_at(path: &str, trail: &[&str]) -> bool {
    let path = path.rsplit('/').next().unwrap_or(path);
    if matches!(path, "Element" | "*" | "Any") {
        return true;
    }
    let names = &trail[..trail.len() - 1];
    let path = path.strip_suffix("[x]").unwrap_or(path);
    let [resource, steps @ ..] = names else { return false };
    if steps.is_empty() && matches!(path, "Resource" | "DomainResource") {
        return true;
    }
    let mut here: Vec<String> = vec![(*resource).to_owned()];
    let mut type_id = TypeId::named(resource);
    for step in steps {
        let facts = type_id.and_then(|id| id.element(step));
        let plain = facts.map_or(*step, |facts| plain_name(step, facts.type_name));
        here.iter_mut().for_each(|one| {
            one.push('.');
            one.push_str(plain);
        });
        type_id = facts.and_then(|facts| facts.type_id);
        if let Some(facts) = facts.filter(|facts| !facts.type_name.contains('.')) {
            here.push(facts.type_name.to_owned());
        }
        if let Some(id) = type_id.filter(|id| id.name().contains('.')) {
            here.push(id.name().to_owned());
        }
    }
    here.iter().any(|one| one == path)
}

/// `value` for `valueQuantity`.
fn plain_name<'n>(json_name: &'n str, type_name: &str) -> &'n str {
    let length = json_name.len().saturating_sub(type_name.len());
    match json_name.split_at_checked(length) {
        Some((plain, tail)) if !plain.is_empty() && tail.eq_ignore_ascii_case(type_name) => plain,
        _ => json_name,
    }
}
