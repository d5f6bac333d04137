//! What was probably meant: the nearest code, display and slice, and the smallest thing that would do.

use fhir::finding::Draft;
use fhir::json::Node;
use serde_json::{Map, Value, json};
use smallvec::SmallVec;
use unicode_normalization::UnicodeNormalization;

use super::links::Scope;
use super::session::Session;
use super::slices::Ends;
use super::walk::{Item, Items, spoken};
use crate::program::{BETWEEN, Child, CodeSet, Program, RuleId, Slice, Slicing, Test, Words};

/// More words than this are not compared one by one.
const MOST_COMPARED: usize = 5_000;
/// A longer text is no typing slip of a code.
const LONGEST: usize = 48;
/// How many obstacles between a value and a slice are told.
const MOST_OBSTACLES: usize = 12;
/// An example does not go deeper.
const EXAMPLE_DEPTH: usize = 6;

/// The value set's address and the code in it that is most like the one found: by display, then by spelling.
pub(super) fn nearest_code(
    program: &Program,
    set: &CodeSet,
    system: Option<&str>,
    code: &str,
    display: Option<&str>,
) -> String {
    let by_display = display.and_then(|display| {
        set.systems.iter().find_map(|part| {
            let table = program.code_system(&part.system)?;
            let place = (0..table.displays.len())
                .take(MOST_COMPARED)
                .find(|place| table.displays.get(*place).split(BETWEEN).any(|one| one == display))?;
            let code = table.codes.get(place);
            part.codes.find(code).map(|_| (&*part.system, code))
        })
    });
    let near = by_display.or_else(|| {
        let same = set.systems.iter().filter(|part| system.is_none_or(|system| system == &*part.system));
        let parts: Vec<_> = same.collect();
        let parts = if parts.is_empty() { set.systems.iter().collect() } else { parts };
        let found = parts.into_iter().filter_map(|part| {
            let word = nearest_word(&part.codes, code)?;
            Some((distance(word, code), &*part.system, word))
        });
        found.min_by_key(|(distance, ..)| *distance).map(|(_, system, word)| (system, word))
    });
    match near {
        Some((near_system, near)) if system.is_some_and(|system| system != near_system) => {
            format!("{} ({near_system}#{near})", set.url)
        }
        Some((_, near)) => format!("{} ({near})", set.url),
        None => set.url.to_string(),
    }
}

pub(super) fn nearest_word<'w>(words: &'w Words, found: &str) -> Option<&'w str> {
    if found.len() > LONGEST {
        return None;
    }
    let mut best = None;
    let mut least = usize::MAX;
    for word in words.iter().take(MOST_COMPARED) {
        // Every letter too many or too few is a change.
        if word.len().abs_diff(found.len()) < least.saturating_mul(4) {
            let distance = distance_below(word, found, least);
            if distance < least {
                (best, least) = (Some(word), distance);
            }
        }
    }
    best
}

/// The display that looks like the one found, and which characters differ from it, by their code points.
pub(super) fn lookalike(found: &str, displays: &str) -> Option<(String, String)> {
    let plain = |text: &str| text.nfkc().filter(|c| !c.is_whitespace()).collect::<String>();
    let folded = plain(found);
    let meant = displays.split(BETWEEN).find(|one| plain(one) == folded)?;
    let odd: Vec<String> = found
        .chars()
        .filter(|c| !meant.contains(*c))
        .map(|c| format!("{c} U+{:04X}", u32::from(c)))
        .collect();
    let missing: Vec<String> = meant
        .chars()
        .filter(|c| !found.contains(*c))
        .map(|c| format!("{c} U+{:04X}", u32::from(c)))
        .collect();
    Some((meant.to_owned(), format!("({} ≠ {})", odd.join(", "), missing.join(", "))))
}

/// How many letters must change (Levenshtein); long texts are compared in their first letters only.
fn distance(a: &str, b: &str) -> usize {
    distance_below(a, b, usize::MAX)
}

/// The same, given up as soon as it cannot be less than `limit`.
fn distance_below(a: &str, b: &str, limit: usize) -> usize {
    let letters = |text: &str| text.chars().take(LONGEST).collect::<SmallVec<[char; 64]>>();
    let (a, b) = (letters(a), letters(b));
    let mut row: SmallVec<[usize; 64]> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        let mut least = row[0];
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (corner + usize::from(x != y)).min(above + 1).min(row[j] + 1);
            corner = above;
            least = least.min(row[j + 1]);
        }
        if least >= limit {
            return limit;
        }
    }
    row[b.len()]
}

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
        let example = self.example(slice.rule, EXAMPLE_DEPTH).to_string();
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
            Test::Meets(rule) => self.example(*rule, 2).to_string(),
            Test::Any(tests) => tests.iter().map(|test| self.wanted_of(test)).collect::<Vec<_>>().join(" | "),
            Test::Unknown => String::new(),
        }
    }

    /// A smallest value of an element that is missing, as the member to add.
    pub(super) fn example_of_child(&self, child: &Child) -> String {
        let name = child.json_name();
        let value = self.example_value(child, EXAMPLE_DEPTH);
        format!("\"{name}\": {value}")
    }

    fn example_value(&self, child: &Child, depth: usize) -> Value {
        let type_name = child.json_names.first().map_or("", |known| &*known.type_name);
        let one = |rule: RuleId| self.example_of(rule, type_name, depth);
        let slices = child.slicing.iter().flat_map(|slicing| &slicing.slices).filter(|slice| slice.min > 0);
        let values: Vec<Value> = slices.map(|slice| one(slice.rule)).collect();
        let values = if values.is_empty() { vec![one(child.rule)] } else { values };
        if child.is_many { Value::Array(values) } else { values.into_iter().next().unwrap_or(Value::Null) }
    }

    fn example(&self, rule: RuleId, depth: usize) -> Value {
        self.example_of(rule, "", depth)
    }

    fn example_of(&self, rule: RuleId, type_name: &str, depth: usize) -> Value {
        let rule = self.program().rule(rule);
        if let Some(wanted) = rule.fixed.as_ref().or(rule.pattern.as_ref()) {
            return wanted.to_json();
        }
        let mut members = Map::new();
        for child in rule.children.iter().filter(|_| depth > 0) {
            let is_fixed = self.program().rule(child.rule).fixed.is_some();
            if child.min > 0 || is_fixed {
                let name = child.json_name();
                members.insert(name.to_owned(), self.example_value(child, depth - 1));
            }
        }
        match members.is_empty() {
            false => Value::Object(members),
            true => placeholder(type_name),
        }
    }
}

impl Child {
    fn json_name(&self) -> &str {
        self.json_names.first().map_or(&*self.name, |known| &*known.name)
    }
}

/// What stands for a value of a type, where the profile does not say which.
fn placeholder(type_name: &str) -> Value {
    match type_name {
        "boolean" => json!(true),
        "integer" | "positiveInt" | "unsignedInt" => json!(1),
        "decimal" => json!(1.0),
        "date" => json!("2026-04-01"),
        "dateTime" | "instant" => json!("2026-04-01T09:00:00+09:00"),
        "CodeableConcept" => json!({ "coding": [{ "system": "…", "code": "…", "display": "…" }] }),
        "Coding" => json!({ "system": "…", "code": "…" }),
        "Identifier" => json!({ "system": "…", "value": "…" }),
        "Reference" => json!({ "reference": "…" }),
        "Period" => json!({ "start": "2026-04-01" }),
        "Quantity" => json!({ "value": 1.0, "unit": "…", "system": "…", "code": "…" }),
        name if name.starts_with(|first: char| first.is_ascii_uppercase()) => json!({}),
        _ => json!("…"),
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
