//! The judge of the installed profiles.
//!
//! For: every rule of every profile that a document claims or is asked to meet. Not for: R4's base, which `fhir` judges.
//! The way through: [`session`] takes resource after resource, [`walk`] holds a value against a rule, [`slices`] tells
//! values apart, [`codes`] asks the value sets, [`types`] follows types and references, [`extensions`] looks at
//! extensions wherever they stand, [`vital_signs`] asks R4's own profiles of some codes, and [`explain`], [`nearest`] and
//! [`example`] find out what was probably meant.

mod codes;
mod example;
mod explain;
mod extensions;
mod invariants;
mod links;
mod nearest;
mod session;
mod slices;
mod types;
mod vital_signs;
mod walk;
mod wanted;

use std::sync::Arc;

use fhir::finding::Drafts;
use fhir::json::Node;
use fhir::validate::Judge;

use crate::pack::Pack;
use crate::package::PackageId;
use crate::program::ProfileId;
use session::Session;

/// The profiles of the installed packages, compiled. Cheap to clone; share it between threads.
#[derive(Clone)]
pub struct Profiles {
    pub(crate) pack: Arc<Pack>,
    pub(crate) packages: Arc<[PackageId]>,
    pub(crate) demanded: Vec<ProfileId>,
    pub(crate) lists_must_support: bool,
}

/// A profile was asked for that no installed package defines.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no installed package defines the profile {0}")]
pub struct UnknownProfile(pub String);

impl Profiles {
    /// The same, and the document's root must also meet these profiles, whatever it claims.
    ///
    /// # Errors
    /// The first canonical (`url` or `url|version`) that no installed package defines.
    pub fn demanding(&self, canonicals: &[String]) -> Result<Self, UnknownProfile> {
        let find = |canonical: &String| {
            self.pack.program.named(canonical).ok_or_else(|| UnknownProfile(canonical.clone()))
        };
        let demanded = canonicals.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { demanded, ..self.clone() })
    }

    /// The same, and says which elements marked mustSupport are absent.
    #[must_use]
    pub fn listing_must_support(&self) -> Self {
        Self { lists_must_support: true, ..self.clone() }
    }

    /// The packages they come from, by name and then oldest first.
    #[must_use]
    pub fn packages(&self) -> &[PackageId] {
        &self.packages
    }

    /// What could not be compiled: the profile, and why.
    pub fn oddities(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pack.program.oddities.iter().map(|(profile, what)| (&**profile, &**what))
    }

    /// The canonicals of all profiles with their versions, as `url|version`.
    pub fn canonicals(&self) -> impl Iterator<Item = &str> {
        self.pack.program.profiles.iter().map(|profile| &*profile.label)
    }
}

impl std::fmt::Debug for Profiles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Profiles({} compiled, {} demanded)", self.pack.program.profiles.len(), self.demanded.len())
    }
}

impl Judge for Profiles {
    fn judge(&self, root: Node<'_>, drafts: &mut Drafts) {
        let mut session = Session::new(&self.pack, root, self.lists_must_support);
        session.document(root, &self.demanded);
        session.finish(drafts);
    }
}
