//! One document under judgement: which resource is held against which profile, each pair once.

use std::sync::Arc;

use fhir::bundle::resource_type;
use fhir::finding::{Draft, Drafts, Severity};
use fhir::json::{Kind, Node};
use fhir::path::BUDGET;
use fhir::r4::TypeId;
use rustc_hash::{FxHashMap, FxHashSet};

use super::links::{Links, Scope};
use super::walk::Item;
use crate::pack::Pack;
use crate::program::{ProfileId, Program};

/// More findings than this in one document help nobody.
const MOST: usize = 2_000;
/// More profiles than this inside each other are a bomb, not a document.
const DEPTH: u32 = 48;

pub(super) struct Session<'p, 't> {
    pub(super) pack: &'p Pack,
    pub(super) links: Links<'t>,
    pub(super) lists_must_support: bool,
    /// The day that the document bears, `YYYY-MM-DD`: when a Bundle was put together, a document was written.
    pub(super) day: Option<&'t str>,
    /// What was found by the profile at work.
    pub(super) found: Vec<Draft>,
    verdicts: FxHashMap<(u32, ProfileId), Verdict>,
    /// How much the invariants of this document may still cost.
    pub(super) steps_left: u64,
    /// Whether it was said that nothing is left.
    pub(super) is_spent: bool,
    /// Findings beyond the most that help.
    uncounted: usize,
    /// The profile at work.
    profile: Option<ProfileId>,
    depth: u32,
    /// Value sets and systems of which it was said already that they are not known.
    pub(super) said_unknown: FxHashSet<(u32, &'t str)>,
}

enum Verdict {
    /// Being judged further up: a circle of references.
    Running,
    /// Judged: what was found, and whether the document's findings have it already.
    Done { is_met: bool, found: Vec<Draft>, is_told: bool },
}

impl<'p, 't> Session<'p, 't> {
    pub(super) fn new(pack: &'p Pack, root: Node<'t>, lists_must_support: bool) -> Self {
        Self {
            pack,
            links: Links::of(root),
            lists_must_support,
            day: day_of(root),
            found: Vec::new(),
            verdicts: FxHashMap::default(),
            steps_left: BUDGET + 3 * root.bytes().len() as u64,
            is_spent: false,
            uncounted: 0,
            profile: None,
            depth: 0,
            said_unknown: FxHashSet::default(),
        }
    }

    pub(super) fn program(&self) -> &'p Program {
        &self.pack.program
    }

    pub(super) fn document(&mut self, root: Node<'t>, demanded: &[ProfileId]) {
        let scope = Scope::root(root);
        demanded.iter().for_each(|id| self.require(root, *id, scope));
        self.resource(root, scope);
    }

    /// A resource by the profiles it claims, and everything in it that is defined elsewhere.
    pub(super) fn resource(&mut self, node: Node<'t>, scope: Scope<'t>) {
        for claim in node.get("meta").and_then(|meta| meta.get("profile")).into_iter().flat_map(Node::items) {
            let Some(canonical) = claim.str() else { continue };
            match self.program().named(canonical) {
                Some(id) => self.require(node, id, scope),
                None if is_base(canonical, node) => {}
                None => _ = self.raise("profile-unknown", claim).found(canonical),
            }
        }
        if resource_type(node) == "Observation" {
            self.vital_signs(node, scope);
        }
        self.everywhere(node, scope);
    }

    /// The value must meet the profile; what is wrong goes to the findings, once.
    pub(super) fn require(&mut self, node: Node<'t>, id: ProfileId, scope: Scope<'t>) {
        self.hold(node, id, scope);
        if let Some(Verdict::Done { found, is_told, .. }) = self.verdicts.get_mut(&(node.slot(), id))
            && !std::mem::replace(is_told, true)
        {
            self.found.extend(found.iter().cloned());
        }
    }

    /// Whether the value meets the profile; a circle is taken to close well.
    pub(super) fn meets(&mut self, node: Node<'t>, id: ProfileId, scope: Scope<'t>) -> bool {
        self.hold(node, id, scope);
        !matches!(self.verdicts.get(&(node.slot(), id)), Some(Verdict::Done { is_met: false, .. }))
    }

    /// What stands between the value and the profile, for an explanation.
    pub(super) fn obstacles(&mut self, node: Node<'t>, id: ProfileId, scope: Scope<'t>) -> Vec<Draft> {
        self.hold(node, id, scope);
        match self.verdicts.get(&(node.slot(), id)) {
            Some(Verdict::Done { found, .. }) => found.clone(),
            _ => Vec::new(),
        }
    }

    /// Runs `work` and gives what it found instead of keeping it.
    pub(super) fn apart(&mut self, work: impl FnOnce(&mut Self)) -> Vec<Draft> {
        let outer = std::mem::take(&mut self.found);
        work(self);
        std::mem::replace(&mut self.found, outer)
    }

    /// Begins a finding at `node`.
    pub(super) fn raise(&mut self, key: &str, node: Node<'_>) -> &mut Draft {
        if self.found.len() >= MOST {
            self.found.pop();
            self.uncounted += 1;
        }
        self.found.push(Draft::new(key, node));
        self.found.last_mut().expect("one was pushed just now")
    }

    /// Begins a finding at `node` that breaks `rule` of the profile at work.
    pub(super) fn fault(&mut self, key: &str, node: Node<'_>, rule: &str) -> &mut Draft {
        let label = self.profile.map(|id| Arc::clone(&self.program().profile(id).label));
        let draft = self.raise(key, node);
        match label {
            Some(label) => draft.asked_by(&label, rule),
            None => draft,
        }
    }

    pub(super) fn finish(self, drafts: &mut Drafts) {
        drafts.count(self.uncounted);
        self.found.into_iter().for_each(|draft| drafts.join(draft));
    }

    fn hold(&mut self, node: Node<'t>, id: ProfileId, scope: Scope<'t>) {
        let key = (node.slot(), id);
        // Profiles are about single values; an array in the place of one is the base judge's to tell.
        if node.kind() == Kind::Array || self.verdicts.contains_key(&key) {
            return;
        }
        if self.depth == DEPTH {
            self.raise("profile-too-deep", node);
            return;
        }
        self.verdicts.insert(key, Verdict::Running);
        self.depth += 1;
        let asking = self.profile.replace(id);
        let found = self.apart(|this| this.profile_on(node, id, scope));
        self.profile = asking;
        self.depth -= 1;
        let is_met = !found.iter().any(|draft| draft.gravity() == Severity::Error);
        self.verdicts.insert(key, Verdict::Done { is_met, found, is_told: false });
    }

    fn profile_on(&mut self, node: Node<'t>, id: ProfileId, scope: Scope<'t>) {
        // Several values where one belongs: R4's base tells that, and no profile is about several.
        if node.kind() == Kind::Array {
            return;
        }
        let profile = self.program().profile(id);
        let found = resource_type(node);
        if !found.is_empty() && !is_for(&profile.type_name, found) {
            self.fault("profile-wrong-resource", node, &profile.type_name)
                .found(found)
                .expected(&*profile.type_name);
            return;
        }
        let type_name = TypeId::named(found).map_or(&*profile.type_name, |known| known.name());
        self.rule(profile.root, Item { value: Some(node), beside: None, type_name }, scope);
    }
}

/// Whether the canonical is R4's own definition of this resource's type, which the base judge knows.
fn is_base(canonical: &str, node: Node<'_>) -> bool {
    let plain = canonical.split_once('|').map_or(canonical, |(url, _)| url);
    plain.strip_prefix("http://hl7.org/fhir/StructureDefinition/") == Some(resource_type(node))
}

fn day_of(root: Node<'_>) -> Option<&str> {
    let told = ["timestamp", "date"].iter().find_map(|name| root.get(name).and_then(Node::str));
    told.and_then(|instant| instant.get(..10))
}

/// Whether a profile of the type `of` can be met by a resource of the type `found`.
pub(super) fn is_for(of: &str, found: &str) -> bool {
    of == found || matches!(of, "Resource" | "DomainResource")
}
