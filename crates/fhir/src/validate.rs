//! The steps `bytes → Parsed → Checked`.
//!
//! For: judging a document, all faults at once. Not for: who sent it and whether they may; the caller knows that.
//! To add one more judge: one more type that is a [`Judge`].

use std::fmt;
use std::sync::Arc;

use crate::bundle::{Bundle, UnitKind, UrlRow, resource_type, url_index};
use crate::finding::{Drafts, Finding, Findings, Severity};
use crate::json::{Json, Kind, Limits, Node};
use crate::r4::Base;
use crate::rules;

/// A document that is JSON.
pub struct Parsed<'a> {
    json: Json<'a>,
}

impl<'a> Parsed<'a> {
    /// Reads the bytes once.
    ///
    /// # Errors
    /// The fault that stops reading, as the only finding.
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Self, Findings> {
        Ok(Self { json: Json::parse(bytes, limits)? })
    }

    /// The document's root.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        self.json.root()
    }

    pub(crate) fn into_json(self) -> Json<'a> {
        self.json
    }
}

impl fmt::Debug for Parsed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parsed({:?})", self.json)
    }
}

/// Judges documents; make one and share it between threads. A clone shares the judges.
#[derive(Clone)]
pub struct Validator {
    judges: Vec<Arc<dyn Judge>>,
}

/// One way of judging a document: R4's base, the rules of the service, the profiles of installed packages.
pub trait Judge: Send + Sync {
    /// Adds what it finds in the document whose root is `root`, an object with a resourceType.
    fn judge(&self, root: Node<'_>, drafts: &mut Drafts);
}

impl Validator {
    /// Judges by R4's base and the rules of the service, whose tables are unfolded here.
    #[must_use]
    pub fn new() -> Self {
        Self { judges: vec![Arc::new(Base::new(false)), Arc::new(rules::Service::new())] }
    }

    /// Judges by R4's base alone.
    #[must_use]
    pub fn base() -> Self {
        Self { judges: vec![Arc::new(Base::new(false))] }
    }

    /// Judges as [`Validator::new`] does, and tells as warnings what R4 calls best practice: narratives (dom-6) and the
    /// clinicalStatus of problems (con-3).
    #[must_use]
    pub fn advising() -> Self {
        Self { judges: vec![Arc::new(Base::new(true)), Arc::new(rules::Service::new())] }
    }

    /// With one more judge, who looks last.
    #[must_use]
    pub fn with(mut self, judge: impl Judge + 'static) -> Self {
        self.judges.push(Arc::new(judge));
        self
    }

    /// Everything found in a document of any resource type, errors first; empty if all is well.
    #[must_use]
    pub fn examine(&self, document: &Parsed<'_>) -> Findings {
        let root = document.root();
        let mut drafts = Drafts::new();
        if root.kind() == Kind::Object && !resource_type(root).is_empty() {
            self.judges.iter().for_each(|judge| judge.judge(root, &mut drafts));
        } else {
            drafts.raise("not-a-resource", root);
        }
        drafts.finish(&document.json)
    }

    /// Takes a document that can be registered: a Bundle of the service without errors.
    ///
    /// # Errors
    /// All findings, if any is an error or the Bundle is none that the service registers.
    pub fn check<'a>(&self, document: Parsed<'a>) -> Result<Checked<'a>, Findings> {
        let mut findings = self.examine(&document);
        let root = document.root();
        if UnitKind::of(root).is_none() && !findings.0.iter().any(says_which_bundle) {
            let found = crate::bundle::profiles(root).next().unwrap_or(resource_type(root)).to_owned();
            findings.0.insert(0, Finding::new("bundle-not-registrable").at(resource_type(root)).found(found));
        }
        if findings.has_errors() {
            return Err(findings);
        }
        let urls = url_index(root);
        Ok(Checked { json: document.json, urls, warnings: findings })
    }
}

impl Default for Validator {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Validator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Validator({} judges)", self.judges.len())
    }
}

/// A Bundle of the service without errors. Only [`Validator::check`] makes one.
pub struct Checked<'a> {
    json: Json<'a>,
    urls: Vec<UrlRow>,
    warnings: Findings,
}

impl<'a> Checked<'a> {
    /// The Bundle.
    ///
    /// # Panics
    /// Never: `check` made sure that the root is a Bundle of the service.
    #[must_use]
    pub fn bundle(&self) -> Bundle<'_> {
        Bundle::indexed(self.json.root(), &self.urls).expect("check found the kind of this Bundle")
    }

    /// What was found that does not stand in the way.
    #[must_use]
    pub fn warnings(&self) -> &Findings {
        &self.warnings
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.json.bytes()
    }
}

impl fmt::Debug for Checked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checked({:?}, {:?})", self.bundle().kind(), self.json)
    }
}

/// Whether a finding already tells why the Bundle is none of the service's.
fn says_which_bundle(finding: &Finding) -> bool {
    finding.severity == Severity::Error
        && matches!(finding.key, "not-a-resource" | "R0213" | "R02141" | "R02142")
}
