use audit::Actor;
use store::PersonId;

/// Somebody, or some machine, that the door let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Id of the credential.
    pub credential: String,
    /// Name, as the patient will read it.
    pub name: String,
    /// What the credential is for.
    pub role: Role,
    /// Ten digits of the institution (an insurer's eight), for those who act for one.
    pub institution: Option<String>,
    /// The person, for a patient.
    pub person: Option<PersonId>,
}

/// What a credential is for. Later issues give roles to accounts; here each token has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// An institution's system: registers, and reads back what it registered.
    Institution,
    /// A clinician (医師・看護師・薬剤師): reads under the patient's grant.
    Clinician,
    /// Emergency staff with the privilege (救急の特権職員): a clinician who may also open a record without consent when
    /// life is in danger.
    EmergencyClinician,
    /// An insurer (保険者): reads checkup reports of its own members.
    Insurer,
    /// The patient (患者): reads their own record and who looked.
    Patient,
    /// The safety manager (医療情報システム安全管理責任者): reads the whole record of acts, no clinical content.
    SafetyManager,
    /// A vendor's developer: validates, and sees no record.
    Developer,
    /// Whoever runs the hub (連携基盤の運用者): masters, disasters, persons, figures; no clinical content.
    Operator,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 8] = [
        Self::Institution,
        Self::Clinician,
        Self::EmergencyClinician,
        Self::Insurer,
        Self::Patient,
        Self::SafetyManager,
        Self::Developer,
        Self::Operator,
    ];

    /// The code kept in the store and typed at the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Institution => "institution",
            Self::Clinician => "clinician",
            Self::EmergencyClinician => "emergency-clinician",
            Self::Insurer => "insurer",
            Self::Patient => "patient",
            Self::SafetyManager => "safety-manager",
            Self::Developer => "developer",
            Self::Operator => "operator",
        }
    }

    /// Whether whoever holds it treats patients (医療従事者).
    pub fn is_clinical(self) -> bool {
        matches!(self, Self::Clinician | Self::EmergencyClinician)
    }

    /// Whether whoever holds it acts for an institution or an insurer, and must name it.
    pub fn acts_for_an_institution(self) -> bool {
        matches!(self, Self::Institution | Self::Clinician | Self::EmergencyClinician | Self::Insurer)
    }

    /// The role with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

impl Viewer {
    /// The hub itself, for what it does by the clock.
    pub fn hub() -> Self {
        Self {
            credential: "-".to_owned(),
            name: "renkei".to_owned(),
            role: Role::Operator,
            institution: None,
            person: None,
        }
    }

    /// How the viewer stands in the record.
    pub fn actor(&self) -> Actor {
        Actor {
            id: self.credential.clone(),
            name: self.name.clone(),
            role: self.role.code().to_owned(),
            institution: self.institution.clone(),
            is_system: matches!(self.role, Role::Institution),
        }
    }
}
