use fhir::finding::Language;

use super::has_form;
use crate::words::sentence;

/// The codes of a value set, as far as they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expansion {
    /// The codes by system, in the order of the systems' names.
    pub systems: Vec<SystemCodes>,
    /// Why some codes are not known; empty if all are.
    pub unknown: Vec<Unknown>,
}

/// The codes of one system in a value set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemCodes {
    /// The system.
    pub system: String,
    /// The known codes, in the order of the codes.
    pub codes: Vec<Member>,
    /// Codes that are surely not in it, in order; matters only where not all codes are known.
    pub excluded: Vec<String>,
    /// Whether codes that are not listed here may be in it.
    pub is_whole_system_unknown: bool,
    /// Whether the case of letters counts.
    pub is_case_sensitive: bool,
}

/// One code of a value set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The code.
    pub code: String,
    /// The display that the value set, or else the code system, gives it.
    pub display: Option<String>,
}

/// Whether a code is in a value set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Membership {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// What would decide it is not at hand.
    Unknown,
}

/// Something that keeps a value set from being known whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// The system whose codes are concerned; none if it may be any.
    pub system: Option<String>,
    /// What sort of thing.
    pub kind: UnknownKind,
    /// The canonical, filter or expression concerned.
    pub what: String,
}

/// Why codes are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnknownKind {
    /// A value set is defined nowhere at hand.
    ValueSet,
    /// A code system is defined nowhere at hand.
    CodeSystem,
    /// A code system is only told in part.
    PartOfCodeSystem,
    /// A value set is made of itself.
    Cycle,
    /// A filter that is not understood, or a regex that is none.
    Filter,
    /// It has too many codes.
    TooLarge,
}

impl UnknownKind {
    /// Every kind, for tests.
    pub const ALL: &[Self] = &[
        Self::ValueSet,
        Self::CodeSystem,
        Self::PartOfCodeSystem,
        Self::Cycle,
        Self::Filter,
        Self::TooLarge,
    ];

    fn key(self) -> &'static str {
        match self {
            Self::ValueSet => "codes-no-value-set",
            Self::CodeSystem => "codes-no-code-system",
            Self::PartOfCodeSystem => "codes-part-of-code-system",
            Self::Cycle => "codes-cycle",
            Self::Filter => "codes-filter",
            Self::TooLarge => "codes-too-large",
        }
    }
}

impl Unknown {
    /// Why, in one sentence.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        sentence(self.kind.key(), language, "", &self.what)
    }
}

impl Expansion {
    /// Whether the coding is in the value set.
    #[must_use]
    pub fn contains(&self, system: &str, code: &str) -> Membership {
        let anything_may_be_in = self.unknown.iter().any(|unknown| unknown.system.is_none());
        let known = self.system(system).map_or(Membership::No, |codes| codes.contains(code));
        let is_excluded = || self.system(system).is_some_and(|codes| codes.excludes(code));
        match known {
            Membership::No if anything_may_be_in && !is_excluded() => Membership::Unknown,
            other => other,
        }
    }

    /// Whether a code that stands without its system is in the value set.
    #[must_use]
    pub fn contains_code(&self, code: &str) -> Membership {
        let mut memberships = self.systems.iter().map(|codes| codes.contains(code));
        if memberships.clone().any(|one| one == Membership::Yes) {
            Membership::Yes
        } else if memberships.any(|one| one == Membership::Unknown)
            || self.unknown.iter().any(|unknown| unknown.system.is_none())
        {
            Membership::Unknown
        } else {
            Membership::No
        }
    }

    /// The codes of one system.
    #[must_use]
    pub fn system(&self, system: &str) -> Option<&SystemCodes> {
        let found = self.systems.binary_search_by(|codes| codes.system.as_str().cmp(system));
        found.ok().map(|index| &self.systems[index])
    }

    /// Whether all codes are known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.unknown.is_empty()
    }
}

impl SystemCodes {
    /// The member with this code, by the system's rule of case.
    #[must_use]
    pub fn member(&self, code: &str) -> Option<&Member> {
        let found = self.codes.binary_search_by(|member| member.code.as_str().cmp(code));
        match found {
            Ok(index) => Some(&self.codes[index]),
            Err(_) if self.is_case_sensitive => None,
            Err(_) => self.codes.iter().find(|member| member.code.eq_ignore_ascii_case(code)),
        }
    }

    fn contains(&self, code: &str) -> Membership {
        if self.member(code).is_some() {
            Membership::Yes
        } else if self.is_whole_system_unknown && !self.excludes(code) {
            match has_form(&self.system, code) {
                Some(true) => Membership::Yes,
                Some(false) => Membership::No,
                None => Membership::Unknown,
            }
        } else {
            Membership::No
        }
    }

    fn excludes(&self, code: &str) -> bool {
        self.excluded.binary_search_by(|excluded| excluded.as_str().cmp(code)).is_ok()
    }
}
