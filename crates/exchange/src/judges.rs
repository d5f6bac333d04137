//! By what documents are judged: R4's base and the rules of the service, and the profiles of packages at hand.

use fhir::bundle::resource_type;
use fhir::finding::{Finding, Findings, Position};
use fhir::validate::{Checked, Parsed, Validator};

/// Everything that judges documents, made once.
#[derive(Debug)]
pub struct Judges {
    all: Validator,
}

/// What somebody asks of a document besides what every document must keep.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// It must be a resource of this type.
    pub resource_type: Option<String>,
    /// It must meet these profiles, whatever it claims itself.
    pub profiles: Vec<String>,
    /// The profiles it claims do not count.
    pub without_packages: bool,
    /// The mustSupport elements it lacks are told too.
    pub must_support: bool,
}

/// A profile that no package at hand defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProfile(pub String);

impl Judges {
    /// The base and the rules of the service.
    #[must_use]
    pub fn new() -> Self {
        Self { all: Validator::new() }
    }

    /// The packages at hand, as `name#version`.
    #[must_use]
    pub fn packages(&self) -> Vec<String> {
        Vec::new()
    }

    /// The profiles one may ask for.
    #[must_use]
    pub fn canonicals(&self) -> Vec<String> {
        Vec::new()
    }

    /// Every finding of a document.
    ///
    /// # Errors
    /// If a profile is asked for that no package at hand defines.
    pub fn examine(&self, document: &Parsed<'_>, asked: &Asked) -> Result<Findings, UnknownProfile> {
        if let Some(unknown) = asked.profiles.first() {
            return Err(UnknownProfile(unknown.clone()));
        }
        let mut findings = self.all.examine(document);
        if let Some(mismatch) = asked.mismatch(document) {
            findings.0.insert(0, mismatch);
        }
        Ok(findings)
    }

    /// Takes a document that can be registered.
    ///
    /// # Errors
    /// As [`Validator::check`].
    pub(crate) fn check<'a>(&self, document: Parsed<'a>) -> Result<Checked<'a>, Findings> {
        self.all.check(document)
    }
}

impl Default for Judges {
    fn default() -> Self {
        Self::new()
    }
}

impl Asked {
    /// Says so if the document is of another type; one without a type has that finding already.
    fn mismatch(&self, document: &Parsed<'_>) -> Option<Finding> {
        let wanted = self.resource_type.as_deref()?;
        let found = resource_type(document.root());
        let position = Position { line: 1, column: 1 };
        let finding = || Finding::new("type-mismatch").at(found).found(found).expected(wanted);
        (found != wanted && !found.is_empty()).then(|| finding().position(position))
    }
}
