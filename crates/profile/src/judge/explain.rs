//! Why a value is in no slice, and which slice it was probably meant for.

use fhir::finding::Draft;
use fhir::json::Node;
use fhir::likeness::distance;

use super::links::Scope;
use super::session::Session;
use super::slices::Ends;
use super::walk::{Item, Items, spoken};
use crate::program::{Slice, Slicing, Test};

/// How many obstacles between a value and a slice are told.
const MOST_OBSTACLES: usize = 12;

/// Why a value is not in a slice: the discriminator's path, what stands there, and what should.
struct Obstacle {
    path: String,
    found: String,
    wanted: String,
    /// How many rules of a profile keep it out; none if it is no profile that does, or the value is of another type.
    lacks: Option<usize>,
}

/// Nothing in common.
const FAR: usize = 10_000;

impl Obstacle {
    /// Whether what is there looks like a slip of what is wanted.
    fn is_slip(&self) -> bool {
        !self.found.is_empty() && distance(&self.found, &self.wanted) * 4 <= self.wanted.chars().count()
    }

    /// How far the value is from what is wanted; to compare slices, not to measure anything.
    fn height(&self) -> usize {
        self.lacks.unwrap_or_else(|| FAR + distance(&self.found, &self.wanted))
    }
}

impl<'p, 't> Session<'p, 't> {
    /// A slice has too few values: the value in no slice that comes nearest, and what keeps it out.
    pub(super) fn slice_missing(
        &mut self,
        slicing: &'p Slicing,
        slice: &'p Slice,
        count: u32,
        strangers: &Items<'p, 't>,
        parent: Node<'t>,
        scope: Scope<'t>,
    ) {
        let near = strangers.iter().map(|item| (*item, self.obstacles_to(slicing, slice, *item, scope)));
        let is_near = |all: &[Obstacle]| {
            all.len() < slicing.discriminators.len()
                || all.iter().any(|one| one.lacks.is_some() || one.is_slip())
        };
        let near = near.filter(|(_, obstacles)| is_near(obstacles));
        let near = near.min_by_key(|(_, all)| all.iter().map(Obstacle::height).sum::<usize>());
        let wanted = wanted_by(slicing, slice);
        let example = self.example(slice.rule).to_string();
        let Some((item, obstacles)) = near else {
            self.fault("profile-slice-missing", parent, &slice.id)
                .element(&*slice.name)
                .found(count.to_string())
                .expected(wanted)
                .example(example);
            return;
        };
        let causes = self.causes(slicing, slice, item, scope);
        let (found, wanted) = told(&obstacles);
        self.fault("profile-slice-near", item.place(), &slice.id)
            .element(&*slice.name)
            .found(found)
            .expected(wanted)
            .example(example)
            .because(causes);
    }

    /// A value that no slice takes where slicing is closed.
    pub(super) fn closed_slicing(&mut self, slicing: &'p Slicing, item: Item<'p, 't>, scope: Scope<'t>) {
        let near = slicing.slices.iter().map(|slice| (slice, self.obstacles_to(slicing, slice, item, scope)));
        let near = near.min_by_key(|(_, all)| all.iter().map(Obstacle::height).sum::<usize>());
        let Some((slice, obstacles)) = near else { return };
        let causes = self.causes(slicing, slice, item, scope);
        let (found, wanted) = told(&obstacles);
        self.fault("profile-slice-closed", item.place(), &slice.id)
            .element(&*slice.name)
            .found(found)
            .expected(wanted)
            .because(causes);
    }

    fn obstacles_to(
        &mut self,
        slicing: &'p Slicing,
        slice: &'p Slice,
        item: Item<'p, 't>,
        scope: Scope<'t>,
    ) -> Vec<Obstacle> {
        let mut obstacles = Vec::new();
        for (discriminator, test) in slicing.discriminators.iter().zip(&slice.tests) {
            let ends = self.ends(&discriminator.steps, item, scope);
            if !self.passes(test, &ends) {
                let found: Vec<String> = ends.iter().filter_map(|(item, _)| item.value).map(brief).collect();
                let wanted = self.wanted_of(test);
                let path = discriminator.path.to_string();
                let lacks = self.lacks(test, &ends);
                obstacles.push(Obstacle { path, found: found.join(", "), wanted, lacks });
            }
        }
        obstacles
    }

    fn lacks(&mut self, test: &'p Test, ends: &Ends<'p, 't>) -> Option<usize> {
        let Test::Profiles(profiles) = test else { return None };
        let (item, scope) = ends.first()?;
        let lacks = self.nearest_profile(profiles, item.value?, *scope).len();
        Some(lacks).filter(|lacks| *lacks > 0)
    }

    /// Of a slice told apart by a profile: what the value lacks of that profile.
    fn causes(
        &mut self,
        slicing: &'p Slicing,
        slice: &'p Slice,
        item: Item<'p, 't>,
        scope: Scope<'t>,
    ) -> Vec<Draft> {
        let mut found = Vec::new();
        for (discriminator, test) in slicing.discriminators.iter().zip(&slice.tests) {
            let Test::Profiles(profiles) = test else { continue };
            for (item, scope) in self.ends(&discriminator.steps, item, scope) {
                found.extend(
                    item.value.map(|value| self.nearest_profile(profiles, value, scope)).unwrap_or_default(),
                );
            }
        }
        found.truncate(MOST_OBSTACLES);
        found
    }

    fn wanted_of(&self, test: &Test) -> String {
        match test {
            Test::Fixed(wanted) | Test::Pattern(wanted) => wanted.spoken(),
            Test::Codes(set) => self.program().code_sets[*set as usize].url.to_string(),
            Test::Types(types) => types.join(" | "),
            Test::Profiles(profiles) => self.names(profiles),
            Test::Exists(is_there) => if *is_there { "exists" } else { "absent" }.to_owned(),
            Test::Meets(rule) => self.example(*rule).to_string(),
            Test::Any(tests) => tests.iter().map(|test| self.wanted_of(test)).collect::<Vec<_>>().join(" | "),
            Test::Unknown => String::new(),
        }
    }
}

fn wanted_by(slicing: &Slicing, slice: &Slice) -> String {
    let pairs =
        slicing.discriminators.iter().zip(&slice.tests).filter_map(|(discriminator, test)| match test {
            Test::Fixed(wanted) | Test::Pattern(wanted) => {
                Some(format!("{} = {}", discriminator.path, wanted.spoken()))
            }
            Test::Types(types) => Some(format!("{}: {}", discriminator.path, types.join(" | "))),
            _ => None,
        });
    pairs.collect::<Vec<_>>().join(", ")
}

fn told(obstacles: &[Obstacle]) -> (String, String) {
    let side = |pick: fn(&Obstacle) -> &String| {
        let all = obstacles.iter().map(|one| format!("{} = {}", one.path, pick(one)));
        all.collect::<Vec<_>>().join(", ")
    };
    (side(|one| &one.found), side(|one| &one.wanted))
}

/// A value in few words: a resource by its type and claims, anything else as written.
fn brief(node: Node<'_>) -> String {
    match fhir::bundle::resource_type(node) {
        "" => spoken(node),
        name => {
            let claims: Vec<&str> = fhir::bundle::profiles(node).collect();
            format!("{name} {}", claims.join(" "))
        }
    }
}
