//! By what documents are judged: R4's base and the rules of the service, and the profiles of packages at hand.

use std::borrow::Cow;

use crate::MasterCodes;
use fhir::attachment::CheckedAttachment;
use fhir::bundle::resource_type;
use fhir::finding::{Finding, Findings, Position};
use fhir::validate::{Checked, Parsed, Validator};
use profile::{PackageId, Profiles, UnknownProfile};

/// Everything that judges documents, made once.
#[derive(Debug)]
pub struct Judges {
    rules: Validator,
    profiles: Option<Profiles>,
    all: Validator,
    /// What becomes of codes that the masters do not allow.
    pub(crate) codes: MasterCodes,
}

/// What somebody asks of a document besides what every document must keep.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// It must be a resource of this type.
    pub resource_type: Option<String>,
    /// It must meet these profiles, whatever it claims itself.
    pub profiles: Vec<String>,
    /// The profiles it claims do not count, unless some are asked for.
    pub without_packages: bool,
    /// The mustSupport elements it lacks are told too.
    pub must_support: bool,
}

impl Judges {
    /// The base, the rules of the service, and the profiles of installed packages where there are any.
    #[must_use]
    pub fn new(profiles: Option<Profiles>) -> Self {
        let rules = Validator::new();
        let all = profiles.clone().map_or_else(|| rules.clone(), |profiles| rules.clone().with(profiles));
        Self { rules, profiles, all, codes: MasterCodes::default() }
    }

    /// The same, doing this with codes that the masters do not allow.
    #[must_use]
    pub fn with_codes(self, codes: MasterCodes) -> Self {
        Self { codes, ..self }
    }

    /// The packages at hand, as `name#version`.
    #[must_use]
    pub fn packages(&self) -> Vec<String> {
        self.profiles.iter().flat_map(Profiles::packages).map(PackageId::to_string).collect()
    }

    /// The profiles one may ask for, as `url|version`.
    #[must_use]
    pub fn canonicals(&self) -> Vec<String> {
        self.profiles.iter().flat_map(Profiles::canonicals).map(str::to_owned).collect()
    }

    /// Every finding of a document.
    ///
    /// # Errors
    /// If a profile is asked for that no package at hand defines.
    pub fn examine(&self, document: &Parsed<'_>, asked: &Asked) -> Result<Findings, UnknownProfile> {
        let mut findings = self.chosen(asked)?.examine(document);
        if let Some(mismatch) = asked.mismatch(document) {
            findings.0.insert(0, mismatch);
        }
        Ok(findings)
    }

    /// Who judges what is asked.
    fn chosen(&self, asked: &Asked) -> Result<Cow<'_, Validator>, UnknownProfile> {
        if asked.profiles.is_empty() && !asked.must_support {
            return Ok(Cow::Borrowed(if asked.without_packages { &self.rules } else { &self.all }));
        }
        let Some(profiles) = &self.profiles else {
            let unknown = asked.profiles.first().cloned().map(UnknownProfile);
            return unknown.map_or(Ok(Cow::Borrowed(&self.rules)), Err);
        };
        let demanding = profiles.demanding(&asked.profiles)?;
        let asking = if asked.must_support { demanding.listing_must_support() } else { demanding };
        Ok(Cow::Owned(self.rules.clone().with(asking)))
    }

    /// Takes a document that can be registered.
    ///
    /// # Errors
    /// As [`Validator::check`].
    pub(crate) fn check<'a>(&self, document: Parsed<'a>) -> Result<Checked<'a>, Findings> {
        self.all.check(document)
    }

    /// Takes a DocumentReference that can be sent along with a referral.
    ///
    /// # Errors
    /// As [`Validator::check_attachment`].
    pub(crate) fn check_attachment<'a>(
        &self,
        document: Parsed<'a>,
    ) -> Result<CheckedAttachment<'a>, Findings> {
        self.all.check_attachment(document)
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
