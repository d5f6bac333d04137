//! Findings while they are being gathered: slots instead of paths, so that nothing is spelt out before it is needed.

use crate::bundle::resource_type;
use crate::finding::{Finding, Findings, Severity};
use crate::json::{Json, Kind, Name, Node, locate, trail};
use crate::words::{self, Facts};

/// More findings than this help nobody; the rest is only counted.
const MOST: usize = 1000;

/// The findings of one document so far.
pub(crate) struct Drafts {
    list: Vec<Draft>,
    spare: Option<Draft>,
    uncounted: usize,
}

/// One finding being written.
pub(crate) struct Draft {
    facts: &'static Facts,
    slot: u32,
    severity: Severity,
    element: Option<String>,
    found: Option<String>,
    expected: Option<String>,
}

impl Draft {
    pub(crate) fn found(&mut self, found: impl Into<String>) -> &mut Self {
        self.found = Some(found.into());
        self
    }

    pub(crate) fn expected(&mut self, expected: impl Into<String>) -> &mut Self {
        self.expected = Some(expected.into());
        self
    }

    pub(crate) fn element(&mut self, element: impl Into<String>) -> &mut Self {
        self.element = Some(element.into());
        self
    }

    /// As grave as this instead of as the table says.
    pub(crate) fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }
}

impl Drafts {
    pub(crate) fn new() -> Self {
        Self { list: Vec::new(), spare: None, uncounted: 0 }
    }

    /// Begins the finding `key`, a row of `rules/findings.toml`, at `node`.
    pub(crate) fn raise(&mut self, key: &str, node: Node<'_>) -> &mut Draft {
        let facts = words::facts(key).expect("keys in this crate are literals; a test looks for each");
        self.push(facts, node)
    }

    /// Whether further findings are only counted, so that their words need no trouble.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= MOST
    }

    pub(crate) fn finish(self, json: &Json<'_>) -> Findings {
        let mut places: Vec<_> = self.list.iter().map(|d| (json.node(d.slot).span().start, None)).collect();
        locate(json.bytes(), &mut places);
        let mut findings: Vec<Finding> = Vec::with_capacity(self.list.len());
        for (draft, (_, position)) in self.list.into_iter().zip(places) {
            let expression = expression(json, draft.slot);
            let mut finding = Finding::from_facts(draft.facts).at(expression);
            finding.severity = draft.severity;
            finding.position = position;
            finding.element = draft.element;
            finding.expected = draft.expected;
            findings.push(match draft.found {
                Some(found) => finding.found(found),
                None => finding,
            });
        }
        if self.uncounted > 0 {
            findings.push(Finding::new("too-many-findings").found(self.uncounted.to_string()));
        }
        Findings::sorted(findings)
    }

    fn push(&mut self, facts: &'static Facts, node: Node<'_>) -> &mut Draft {
        let draft = Draft {
            facts,
            slot: node.slot(),
            severity: facts.severity,
            element: None,
            found: None,
            expected: None,
        };
        if self.is_full() {
            self.uncounted += 1;
            return self.spare.insert(draft);
        }
        self.list.push(draft);
        self.list.last_mut().expect("one was pushed just now")
    }
}

/// The hand of one rule: everything it raises bears its id.
pub(crate) struct Report<'r> {
    drafts: &'r mut Drafts,
    facts: &'static Facts,
}

impl<'r> Report<'r> {
    pub(crate) fn new(drafts: &'r mut Drafts, facts: &'static Facts) -> Self {
        Self { drafts, facts }
    }

    /// The rule is broken at `node`.
    pub(crate) fn fault(&mut self, node: Node<'_>) -> &mut Draft {
        self.drafts.push(self.facts, node)
    }

    /// The rule is broken because `node` lacks `element`.
    pub(crate) fn missing(&mut self, node: Node<'_>, element: &str) -> &mut Draft {
        self.fault(node).element(element)
    }

    /// The rule is broken by the text at `node`.
    pub(crate) fn wrong(&mut self, node: Node<'_>) -> &mut Draft {
        let found =
            node.str().map_or_else(|| String::from_utf8_lossy(node.bytes()).into_owned(), str::to_owned);
        self.fault(node).found(found)
    }
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
