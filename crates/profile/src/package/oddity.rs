use fhir::finding::Language;

use crate::words::sentence;

/// One odd thing about a package; it is told, and the package is used all the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Oddity {
    /// What sort of oddity.
    pub kind: OddityKind,
    /// The file, or empty where it is about the whole package.
    pub file: String,
    /// The place, name or value concerned.
    pub what: String,
}

impl Oddity {
    pub(crate) fn new(kind: OddityKind, file: &str, what: impl Into<String>) -> Self {
        Self { kind, file: file.to_owned(), what: what.into() }
    }

    /// What is odd, in one sentence.
    #[must_use]
    pub fn message(&self, language: Language) -> String {
        sentence(self.kind.key(), language, &self.file, &self.what)
    }
}

/// The sorts of oddity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OddityKind {
    /// A file is no JSON.
    NotJson,
    /// A file begins with a byte order mark.
    ByteOrderMark,
    /// A file's name leads outside the package; it was passed over.
    OutsideName,
    /// An entry is a link or a device; it was passed over.
    NotAFile,
    /// Two entries have one name; the later counts.
    TwiceNamed,
    /// Two resources of one type have one canonical; the first counts.
    TwiceDefined,
    /// An empty string where FHIR forbids one.
    EmptyString,
    /// A definition that lacks what a definition needs.
    Incomplete,
    /// A profile without a snapshot: it will be generated.
    NoSnapshot,
    /// A value set that is bound but defined nowhere at hand.
    UnknownValueSet,
    /// A code system of a value set that is defined nowhere at hand.
    UnknownCodeSystem,
    /// A profile or type that is asked for but defined nowhere at hand.
    UnknownProfile,
    /// A package depended on is not at hand.
    MissingDependency,
    /// Another version than the one depended on is used.
    OtherDependency,
    /// A dependency that only the ImplementationGuide tells, not `package.json`.
    UndeclaredDependency,
    /// The package is not made for FHIR R4.
    OtherFhirVersion,
    /// Declared and found do not agree.
    Contradiction,
    /// A profile contradicts its base.
    ContradictsBase,
    /// A profile changes an element that its base does not have.
    NoSuchElement,
    /// A profile that would have more elements than any real one.
    TooLarge,
    /// A kept package can no longer be read.
    Unreadable,
}

impl OddityKind {
    /// Every sort, for tables and tests.
    pub const ALL: &[Self] = &[
        Self::NotJson,
        Self::ByteOrderMark,
        Self::OutsideName,
        Self::NotAFile,
        Self::TwiceNamed,
        Self::TwiceDefined,
        Self::EmptyString,
        Self::Incomplete,
        Self::NoSnapshot,
        Self::UnknownValueSet,
        Self::UnknownCodeSystem,
        Self::UnknownProfile,
        Self::MissingDependency,
        Self::OtherDependency,
        Self::UndeclaredDependency,
        Self::OtherFhirVersion,
        Self::Contradiction,
        Self::ContradictsBase,
        Self::NoSuchElement,
        Self::TooLarge,
        Self::Unreadable,
    ];

    /// The key of its words, stable for machines.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::ByteOrderMark => "byte-order-mark",
            Self::OutsideName => "outside-name",
            Self::NotAFile => "not-a-file",
            Self::TwiceNamed => "twice-named",
            Self::TwiceDefined => "twice-defined",
            Self::EmptyString => "empty-string",
            Self::Incomplete => "incomplete",
            Self::NoSnapshot => "no-snapshot",
            Self::UnknownValueSet => "unknown-value-set",
            Self::UnknownCodeSystem => "unknown-code-system",
            Self::UnknownProfile => "unknown-profile",
            Self::MissingDependency => "missing-dependency",
            Self::OtherDependency => "other-dependency",
            Self::UndeclaredDependency => "undeclared-dependency",
            Self::OtherFhirVersion => "other-fhir-version",
            Self::Contradiction => "contradiction",
            Self::ContradictsBase => "contradicts-base",
            Self::NoSuchElement => "no-such-element",
            Self::TooLarge => "too-large",
            Self::Unreadable => "unreadable",
        }
    }
}
