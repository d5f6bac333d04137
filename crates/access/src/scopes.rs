use std::fmt;

use fhir::bundle::resource_types;
use store::PersonId;

/// What an app was let, in the words of SMART App Launch 2.2 ("Scopes and Launch Context", permission-v2).
///
/// Scopes only narrow: whoever the app acts for must be permitted besides, by role, consent and rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    scopes: Vec<Scope>,
    has_launch_patient: bool,
    has_accounts: bool,
    patient: Option<PersonId>,
    only: Option<PersonId>,
}

/// One scope: `patient/Observation.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Whose records, and for whom the app acts.
    pub level: Level,
    /// A FHIR resource type; `None` is every type (`*`).
    pub resource: Option<&'static str>,
    /// What may be done with them.
    pub deeds: Deeds,
}

/// Whose records a scope is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// One patient's, the one the app was opened with.
    Patient,
    /// Whatever the user may see.
    User,
    /// Whatever the institution's system may see; no user is there.
    System,
}

/// What may be done: some of create, read, update, delete, search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deeds(u8);

/// The text is no scope that this hub knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a scope of this hub")]
pub struct UnknownScope(pub String);

const LAUNCH_PATIENT: &str = "launch/patient";
/// Keeping the accounts of its institution (SCIM); for backends, and no part of SMART.
pub const ACCOUNTS_SCOPE: &str = "renkei/accounts";

/// Types that one patient's scope can be about: every question about them names the person it is about.
const ABOUT_ONE_PATIENT: &[&str] = &[
    "Patient",
    "Condition",
    "AllergyIntolerance",
    "Observation",
    "MedicationRequest",
    "DocumentReference",
    "Bundle",
    "AuditEvent",
];

impl Level {
    const ALL: [Self; 3] = [Self::Patient, Self::User, Self::System];

    /// The word before the slash.
    pub fn code(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::User => "user",
            Self::System => "system",
        }
    }
}

impl Deeds {
    /// `c`
    pub const CREATE: Self = Self(1);
    /// `r`
    pub const READ: Self = Self(2);
    /// `u`
    pub const UPDATE: Self = Self(4);
    /// `d`
    pub const DELETE: Self = Self(8);
    /// `s`
    pub const SEARCH: Self = Self(16);
    /// Reading and searching, and nothing that changes anything.
    pub const READING: Self = Self(2 | 16);

    const LETTERS: [(char, Self); 5] = [
        ('c', Self::CREATE),
        ('r', Self::READ),
        ('u', Self::UPDATE),
        ('d', Self::DELETE),
        ('s', Self::SEARCH),
    ];

    /// Whether all of `others` are among these.
    pub fn include(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Letters out of `cruds`, each at most once and in this order.
    fn parse(text: &str) -> Option<Self> {
        let mut letters = Self::LETTERS.into_iter();
        let mut deeds = 0;
        for letter in text.chars() {
            deeds |= letters.find(|(known, _)| *known == letter)?.1.0;
        }
        (deeds != 0).then_some(Self(deeds))
    }
}

impl Scope {
    fn parse(text: &str) -> Option<Self> {
        let (level, rest) = text.split_once('/')?;
        let (resource, deeds) = rest.split_once('.')?;
        let level = Level::ALL.into_iter().find(|known| known.code() == level)?;
        let resource = match resource {
            "*" => None,
            named => Some(resource_types().into_iter().find(|known| *known == named)?),
        };
        Some(Self { level, resource, deeds: Deeds::parse(deeds)? })
    }

    /// What both let.
    fn meet(self, other: Self) -> Option<Self> {
        let deeds = Deeds(self.deeds.0 & other.deeds.0);
        let resource = match (self.resource, other.resource) {
            (None, any) | (any, None) => any,
            (one, other) if one == other => one,
            _ => return None,
        };
        (self.level == other.level && deeds.0 != 0).then_some(Self { level: self.level, resource, deeds })
    }

    fn lets(&self, resource: Option<&str>, deeds: Deeds) -> bool {
        let is_of_type = self.resource.is_none() || self.resource == resource;
        // Changing anything goes by a user's or a system's scope.
        let is_of_level = self.level != Level::Patient
            || (Deeds::READING.include(deeds) && resource.is_none_or(|one| ABOUT_ONE_PATIENT.contains(&one)));
        is_of_type && is_of_level && self.deeds.include(deeds)
    }
}

impl Scopes {
    /// Reads scopes parted by spaces.
    ///
    /// # Errors
    /// The first that is unknown.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        let mut scopes = Self::default();
        for one in text.split_ascii_whitespace() {
            match Scope::parse(one) {
                Some(scope) => scopes.add(scope),
                None if one == LAUNCH_PATIENT => scopes.has_launch_patient = true,
                None if one == ACCOUNTS_SCOPE => scopes.has_accounts = true,
                None => return Err(UnknownScope(one.to_owned())),
            }
        }
        Ok(scopes)
    }

    /// Those of the scopes in `text` that are known; a request may name others, which are then not given.
    pub fn known_in(text: &str) -> Self {
        let is_known =
            |one: &&str| [LAUNCH_PATIENT, ACCOUNTS_SCOPE].contains(one) || Scope::parse(one).is_some();
        let known: Vec<&str> = text.split_ascii_whitespace().filter(is_known).collect();
        Self::parse(&known.join(" ")).unwrap_or_default()
    }

    /// What both these and those let.
    #[must_use]
    pub fn narrowed_to(&self, others: &Self) -> Self {
        let mut scopes = Self {
            has_launch_patient: self.has_launch_patient && others.has_launch_patient,
            has_accounts: self.has_accounts && others.has_accounts,
            ..Self::default()
        };
        for one in &self.scopes {
            others.scopes.iter().filter_map(|other| one.meet(*other)).for_each(|scope| scopes.add(scope));
        }
        scopes
    }

    /// Only those of some levels.
    #[must_use]
    pub fn of_levels(mut self, levels: &[Level]) -> Self {
        self.scopes.retain(|scope| levels.contains(&scope.level));
        self.has_accounts &= levels.contains(&Level::System);
        self
    }

    /// Bound to the patient that the app was opened with.
    #[must_use]
    pub fn opened_with(self, patient: Option<PersonId>) -> Self {
        Self { patient, ..self }
    }

    /// The scopes for one act, if they let it: afterwards only the app's patient may be asked about where no user's or
    /// system's scope lets the act. `None` for a type asks for scopes of every type.
    pub fn for_act(&self, resource: Option<&str>, deeds: Deeds) -> Option<Self> {
        let mut letting = self.scopes.iter().filter(|scope| scope.lets(resource, deeds)).peekable();
        letting.peek()?;
        if letting.any(|scope| scope.level != Level::Patient) {
            return Some(Self { only: None, ..self.clone() });
        }
        let patient = self.patient?;
        Some(Self { only: Some(patient), ..self.clone() })
    }

    /// Whether this act may be about this person; `None` is about everybody.
    pub fn reach(&self, person: Option<PersonId>) -> bool {
        self.only.is_none() || self.only == person
    }

    /// Whether nothing is let.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty() && !self.has_accounts
    }

    /// Whether its institution's accounts may be kept.
    pub fn keep_accounts(&self) -> bool {
        self.has_accounts
    }

    /// Each scope.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.scopes.iter()
    }

    /// The patient that the app was opened with.
    pub fn patient(&self) -> Option<PersonId> {
        self.patient
    }

    /// Whether the app must be opened with a patient.
    pub fn need_patient(&self) -> bool {
        self.has_launch_patient || self.scopes.iter().any(|scope| scope.level == Level::Patient)
    }

    fn add(&mut self, scope: Scope) {
        if !self.scopes.contains(&scope) {
            self.scopes.push(scope);
        }
    }
}

impl fmt::Display for Deeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = Self::LETTERS.iter().filter(|(_, deed)| self.include(*deed));
        letters.map(|(letter, _)| *letter).try_for_each(|letter| write!(f, "{letter}"))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}.{}", self.level.code(), self.resource.unwrap_or("*"), self.deeds)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let launch = self.has_launch_patient.then(|| LAUNCH_PATIENT.to_owned());
        let accounts = self.has_accounts.then(|| ACCOUNTS_SCOPE.to_owned());
        let named = launch.into_iter().chain(accounts);
        let all: Vec<String> = named.chain(self.scopes.iter().map(Scope::to_string)).collect();
        f.write_str(&all.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).unwrap()
    }

    #[test]
    fn scopes_read_back_as_they_were_written() {
        for text in [
            "system/Bundle.c",
            "launch/patient patient/*.rs user/Task.cruds",
            "renkei/accounts system/Task.r",
            "",
        ] {
            assert_eq!(scopes(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_not_exactly_a_scope_is_none() {
        for text in [
            "system/Bundle",
            "system/Bundle.",
            "system/Bundle.sr",
            "system/Bundle.cc",
            "system/Bundel.c",
            "System/Bundle.c",
            "system/*.*",
            "patient/*.read",
            "user/Observation.rs?category=x",
            "openid",
            "*",
        ] {
            assert_eq!(Scopes::parse(text), Err(UnknownScope(text.to_owned())));
        }
        assert_eq!(Scopes::known_in("openid fhirUser user/*.rs").to_string(), "user/*.rs");
    }

    #[test]
    fn narrowing_never_widens() {
        let registered = scopes("system/Bundle.cr system/*.s");
        let narrowed = |asked: &str| scopes(asked).narrowed_to(&registered).to_string();
        assert_eq!(narrowed("system/*.cruds"), "system/Bundle.cr system/*.s");
        assert_eq!(narrowed("system/Bundle.cud"), "system/Bundle.c");
        assert_eq!(narrowed("system/Task.rs"), "system/Task.s");
        assert_eq!(narrowed("user/*.cruds launch/patient renkei/accounts"), "");
        assert!(!scopes("renkei/accounts").of_levels(&[Level::Patient, Level::User]).keep_accounts());
    }

    #[test]
    fn a_patients_scope_reads_about_that_patient_and_changes_nothing() {
        let (one, other) = (PersonId::new().unwrap(), PersonId::new().unwrap());
        let opened = scopes("patient/*.cruds").opened_with(Some(one));
        let act = opened.for_act(Some("Condition"), Deeds::SEARCH).unwrap();
        assert!(act.reach(Some(one)) && !act.reach(Some(other)) && !act.reach(None));
        assert_eq!(opened.for_act(Some("Bundle"), Deeds::CREATE), None);
        assert_eq!(opened.for_act(Some("Task"), Deeds::SEARCH), None);
        assert_eq!(scopes("patient/*.rs").for_act(Some("Condition"), Deeds::SEARCH), None);
    }

    #[test]
    fn a_users_scope_goes_as_far_as_the_user() {
        let opened = scopes("patient/Condition.rs user/Condition.rs").opened_with(PersonId::new().ok());
        assert!(opened.for_act(Some("Condition"), Deeds::SEARCH).unwrap().reach(None));
        assert_eq!(opened.for_act(Some("Observation"), Deeds::SEARCH), None);
        assert_eq!(opened.for_act(None, Deeds::READING), None);
        assert!(scopes("user/*.rs").for_act(None, Deeds::READING).is_some());
    }
}
