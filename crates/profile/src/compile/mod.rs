//! StructureDefinitions into a [`Program`]: read once, so that no document waits for it.
//!
//! The way through: [`tree`] makes a snapshot a tree again, [`rules`] turns each element into what it asks beyond R4's
//! base, [`slices`] finds out by what slices are told apart, [`codes`] gathers value sets and code systems.

mod codes;
mod rules;
mod slices;
mod tree;

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use fhir::systems::canonical_of;

use crate::definition::StructureDefinition;
use crate::package::{Library, PackageId, Resolver, Version};
use crate::program::{Context, NOTHING, Profile, ProfileId, Program, Rule, RuleId};
use tree::Tree;

/// Compiles everything that the library's packages define.
pub(crate) fn compile(library: &Library) -> Program {
    let mut compiler = Compiler::new(library);
    compiler.name_profiles();
    compiler.compile_profiles();
    compiler.program.code_systems = codes::systems(library);
    compiler.program
}

/// A definition among all packages.
type Key = (PackageId, String, Option<String>);

struct Compiler<'l> {
    library: &'l Library,
    resolvers: HashMap<PackageId, Rc<Resolver<'l>>>,
    program: Program,
    ids: HashMap<Key, ProfileId>,
    definitions: Vec<&'l StructureDefinition>,
    trees: HashMap<ProfileId, Option<Rc<Tree>>>,
    sets: codes::Sets,
    invariants: HashMap<(Box<str>, Box<str>), u32>,
    /// Rules that are asked in many places stand once.
    known_rules: HashMap<String, RuleId>,
    /// Rules of elements that others refer to by contentReference, begun before they are done.
    referred: HashMap<(ProfileId, usize), RuleId>,
    /// Type profiles being looked into for a discriminator.
    looking: Vec<(ProfileId, String)>,
}

impl<'l> Compiler<'l> {
    fn new(library: &'l Library) -> Self {
        let program = Program {
            profiles: Vec::new(),
            canonicals: BTreeMap::new(),
            rules: vec![Rule::default()],
            invariants: Vec::new(),
            code_sets: Vec::new(),
            code_systems: Vec::new(),
            oddities: Vec::new(),
        };
        Self {
            library,
            resolvers: HashMap::new(),
            program,
            ids: HashMap::new(),
            definitions: Vec::new(),
            trees: HashMap::new(),
            sets: codes::Sets::default(),
            invariants: HashMap::new(),
            known_rules: HashMap::new(),
            referred: HashMap::new(),
            looking: Vec::new(),
        }
    }

    /// Gives every profile its number, so that they can refer to each other in any order.
    fn name_profiles(&mut self) {
        for package in self.library.packages() {
            for definition in package.definitions().filter(|definition| definition.is_profile()) {
                let id = self.program.profiles.len() as ProfileId;
                let version = definition.version.as_deref().unwrap_or_default();
                self.ids.insert(key(definition), id);
                self.definitions.push(definition);
                self.program.canonicals.entry(definition.url.as_str().into()).or_default().push(id);
                self.program.profiles.push(Profile {
                    canonical: definition.url.as_str().into(),
                    version: version.into(),
                    label: definition.versioned().into(),
                    package: definition.package.to_string().into(),
                    type_name: definition.type_name.as_str().into(),
                    root: NOTHING,
                    contexts: definition.contexts.iter().map(context).collect(),
                    is_modifier: false,
                });
            }
        }
        let profiles = &self.program.profiles;
        for known in self.program.canonicals.values_mut() {
            known.sort_by_key(|id| Version::of(&profiles[*id as usize].version));
        }
    }

    fn compile_profiles(&mut self) {
        for id in 0..self.definitions.len() as ProfileId {
            let Some(tree) = self.tree(id) else { continue };
            let root = self.root_rule(id, &tree);
            let profile = &mut self.program.profiles[id as usize];
            profile.root = root;
            profile.is_modifier = tree.node(0).element.is_modifier();
        }
    }

    fn resolver(&mut self, id: ProfileId) -> Rc<Resolver<'l>> {
        let package = &self.definitions[id as usize].package;
        if let Some(known) = self.resolvers.get(package) {
            return Rc::clone(known);
        }
        let made = Rc::new(self.library.resolver(package));
        self.resolvers.insert(package.clone(), Rc::clone(&made));
        made
    }

    /// The snapshot of a profile as a tree; none if it cannot be had, which is told as an oddity.
    fn tree(&mut self, id: ProfileId) -> Option<Rc<Tree>> {
        if let Some(known) = self.trees.get(&id) {
            return known.clone();
        }
        let definition = self.definitions[id as usize];
        let made = match self.resolver(id).snapshot(definition) {
            Ok(elements) => Tree::of(&elements).map(Rc::new),
            Err(error) => {
                self.odd(id, error.to_string());
                None
            }
        };
        self.trees.insert(id, made.clone());
        made
    }

    /// The profile with this canonical in the scope of `asking`; none for R4's own types and for what is unknown.
    fn profile_named(&mut self, asking: ProfileId, canonical: &str) -> Option<ProfileId> {
        let definition = self.resolver(asking).definition(canonical)?;
        self.ids.get(&key(definition)).copied()
    }

    /// The type that a canonical stands for: of R4's own, or the one its profile constrains.
    fn type_named(&mut self, asking: ProfileId, canonical: &str) -> String {
        match self.resolver(asking).definition(canonical) {
            Some(definition) => definition.type_name.clone(),
            None => {
                let plain = canonical_of(canonical);
                let own = plain.strip_prefix("http://hl7.org/fhir/StructureDefinition/");
                own.filter(|name| fhir::r4::TypeId::named(name).is_some()).unwrap_or_default().to_owned()
            }
        }
    }

    fn odd(&mut self, id: ProfileId, what: impl Into<Box<str>>) {
        let label = Box::from(&*self.program.profiles[id as usize].label);
        let oddity = (label, what.into());
        if !self.program.oddities.contains(&oddity) {
            self.program.oddities.push(oddity);
        }
    }
}

fn key(definition: &StructureDefinition) -> Key {
    (definition.package.clone(), definition.url.clone(), definition.version.clone())
}

fn context(context: &crate::definition::Context) -> Context {
    let text = context.expression.as_str().into();
    match context.kind.as_str() {
        "element" => Context::Element(text),
        "extension" => Context::Extension(text),
        _ => Context::Path(text),
    }
}
