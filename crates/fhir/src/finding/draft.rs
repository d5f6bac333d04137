//! Findings while they are being gathered: slots instead of paths, so that nothing is spelt out before it is needed.

use std::sync::Arc;

use crate::bundle::resource_type;
use crate::finding::{Finding, Findings, Severity};
use crate::json::{Json, Kind, Name, Node, locate, trail};
use crate::words::{self, Facts};

/// More findings than this help nobody; the rest is only counted.
const MOST: usize = 1000;
/// As many consequences show what one mistake does; the rest is only counted.
const MOST_CONSEQUENCES: usize = 100;

/// The findings of one document so far.
#[derive(Default)]
pub struct Drafts {
    list: Vec<Draft>,
    uncounted: usize,
}

/// One finding being written.
#[derive(Clone)]
pub struct Draft {
    facts: &'static Facts,
    slot: u32,
    /// The slot after everything inside the place.
    end: u32,
    severity: Severity,
    element: Option<String>,
    found: Option<String>,
    expected: Option<String>,
    example: Option<String>,
    profile: Option<Arc<str>>,
    rule: Option<String>,
    /// The rule of the service that the profile's words name.
    service_rule: Option<String>,
    consequences: Vec<Draft>,
    /// Consequences that are only counted.
    more: usize,
    causes: Vec<Draft>,
}

impl Draft {
    /// The finding `key`, a row of `rules/findings.toml`, at `node`.
    ///
    /// # Panics
    /// If there is no such row; keys are literals, and a test looks for each.
    #[must_use]
    pub fn new(key: &str, node: Node<'_>) -> Self {
        Self::of(words::facts(key).unwrap_or_else(|| panic!("no finding is called {key}")), node)
    }

    /// What was written there.
    pub fn found(&mut self, found: impl Into<String>) -> &mut Self {
        self.found = Some(found.into());
        self
    }

    /// What should be written there.
    pub fn expected(&mut self, expected: impl Into<String>) -> &mut Self {
        self.expected = Some(expected.into());
        self
    }

    /// The name of the element concerned.
    pub fn element(&mut self, element: impl Into<String>) -> &mut Self {
        self.element = Some(element.into());
        self
    }

    /// A smallest piece of JSON that would mend it.
    pub fn example(&mut self, example: impl Into<String>) -> &mut Self {
        self.example = Some(example.into());
        self
    }

    /// The profile that asks, as `canonical|version`, and which of its rules.
    pub fn asked_by(&mut self, profile: &Arc<str>, rule: impl Into<String>) -> &mut Self {
        self.profile = Some(Arc::clone(profile));
        self.rule = Some(rule.into());
        self
    }

    /// The rule of the service that it repeats (`R0211`): where that was broken too, it is told under that.
    pub fn repeating(&mut self, rule: &str) -> &mut Self {
        self.service_rule = Some(rule.to_owned());
        self
    }

    /// As grave as this instead of as the table says.
    pub fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// What follows from it and would vanish with it.
    pub fn consequences(&mut self, consequences: Vec<Draft>) -> &mut Self {
        consequences.into_iter().for_each(|one| self.follows(one));
        self
    }

    /// From what it follows: findings that, once mended, would mend it too.
    pub fn because(&mut self, causes: Vec<Draft>) -> &mut Self {
        self.causes = causes;
        self
    }

    /// How grave it is.
    #[must_use]
    pub fn gravity(&self) -> Severity {
        self.severity
    }

    pub(crate) fn of(facts: &'static Facts, node: Node<'_>) -> Self {
        Self {
            facts,
            slot: node.slot(),
            end: node.end_slot(),
            severity: facts.severity,
            element: None,
            found: None,
            expected: None,
            example: None,
            profile: None,
            rule: None,
            service_rule: None,
            consequences: Vec::new(),
            more: 0,
            causes: Vec::new(),
        }
    }

    /// Turned over: the findings it follows from, and the one of them under which it now stands. Itself if there is
    /// none.
    fn into_roots(mut self) -> (Vec<Self>, Self) {
        let causes = std::mem::take(&mut self.causes);
        let mut errors = causes.into_iter().filter(|cause| cause.severity == Severity::Error);
        let Some(first) = errors.next() else { return (Vec::new(), self) };
        let (mut roots, mut first) = first.into_roots();
        first.follows(self);
        roots.extend(errors);
        (roots, first)
    }

    /// Puts one more finding under this one, unless it stands there already.
    fn follows(&mut self, one: Self) {
        if self.consequences.iter().any(|known| known.repeats(&one)) {
            return;
        }
        if self.consequences.len() < MOST_CONSEQUENCES {
            self.consequences.push(one);
        } else {
            self.more += 1;
        }
    }

    /// The element concerned without what its profile adds to the name.
    fn element_name(&self) -> Option<&str> {
        self.element.as_deref().map(|name| name.strip_suffix("[x]").unwrap_or(name))
    }

    fn is_about_the_same(&self, other: &Self) -> bool {
        self.slot == other.slot && self.element_name() == other.element_name()
    }

    /// Whether it asks, of something around the same place, what that rule of the service asks.
    fn repeats_rule_of(&self, known: &Self) -> bool {
        self.service_rule.is_some()
            && self.service_rule.as_deref() == known.facts.rule.as_deref()
            && (self.slot..self.end).contains(&known.slot)
    }

    /// Whether another profile has said exactly this.
    fn repeats(&self, other: &Self) -> bool {
        self.slot == other.slot
            && self.facts.key == other.facts.key
            && self.element == other.element
            && self.found == other.found
            && self.expected == other.expected
    }

    fn finish(self, json: &Json<'_>) -> Finding {
        let mut finding = Finding::from_facts(self.facts).at(expression(json, self.slot));
        finding.severity = self.severity;
        finding.element = self.element;
        finding.expected = self.expected;
        finding.example = self.example;
        finding.profile = self.profile;
        if let Some(rule) = self.rule {
            finding.rule = Some(rule.into());
        }
        finding.consequences = finished(self.consequences, json);
        if self.more > 0 {
            finding.consequences.push(Finding::new("too-many-findings").found(self.more.to_string()));
        }
        match self.found {
            Some(found) => finding.found(found),
            None => finding,
        }
    }
}

impl Drafts {
    /// None so far.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins the finding `key`, a row of `rules/findings.toml`, at `node`.
    ///
    /// # Panics
    /// If there is no such row; keys are literals, and a test looks for each.
    pub fn raise(&mut self, key: &str, node: Node<'_>) -> &mut Draft {
        self.push(Draft::new(key, node))
    }

    /// Adds a finding; beyond 1,000 they are only counted.
    pub fn push(&mut self, draft: Draft) -> &mut Draft {
        if self.is_full() {
            self.uncounted += 1;
            self.list.truncate(MOST);
        }
        self.list.push(draft);
        self.list.last_mut().expect("one was pushed just now")
    }

    /// Adds what a profile found: under the finding that the base or the service has about the same value or the same
    /// missing element, if there is one, so that one mistake is told once.
    pub fn join(&mut self, draft: Draft) {
        let (roots, draft) = draft.into_roots();
        roots.into_iter().for_each(|root| self.join(root));
        let is_same = |known: &Draft| {
            known.profile.is_none() && (known.is_about_the_same(&draft) || draft.repeats_rule_of(known))
        };
        if let Some(place) = self.list.iter().position(is_same) {
            let known = &mut self.list[place];
            known.severity = known.severity.min(draft.severity);
            known.follows(draft);
        } else if let Some(place) = self.list.iter().position(|known| known.repeats(&draft)) {
            let known = &mut self.list[place];
            known.more += draft.more;
            draft.consequences.into_iter().for_each(|one| known.follows(one));
        } else {
            self.push(draft);
        }
    }

    /// Counts findings that were not written.
    pub fn count(&mut self, uncounted: usize) {
        self.uncounted += uncounted;
    }

    /// Whether further findings are only counted, so that their words need no trouble.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.list.len() >= MOST
    }

    pub(crate) fn finish(mut self, json: &Json<'_>) -> Findings {
        self.list.truncate(MOST);
        let mut findings = finished(self.list, json);
        if self.uncounted > 0 {
            findings.push(Finding::new("too-many-findings").found(self.uncounted.to_string()));
        }
        Findings::sorted(findings)
    }
}

/// The findings with their places in the text.
fn finished(drafts: Vec<Draft>, json: &Json<'_>) -> Vec<Finding> {
    let mut places: Vec<_> = drafts.iter().map(|d| (json.node(d.slot).span().start, None)).collect();
    locate(json.bytes(), &mut places);
    let with_place = |(draft, (_, position)): (Draft, _)| {
        let mut finding = draft.finish(json);
        finding.position = position;
        finding
    };
    drafts.into_iter().zip(places).map(with_place).collect()
}

/// The FHIRPath of a value, as far as names alone can tell it.
fn expression(json: &Json<'_>, slot: u32) -> String {
    let root = json.root();
    let mut path = if root.kind() == Kind::Object { resource_type(root).to_owned() } else { String::new() };
    for step in trail(json, slot) {
        match step {
            Name::Item(index) => path.push_str(&format!("[{index}]")),
            Name::Member(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&crate::r4::path_name(name));
            }
        }
    }
    path
}
