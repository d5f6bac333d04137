/// What somebody is to an institution, a patient or the hub. Each account and each token has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// An institution's system: registers, and reads back what it registered.
    Institution,
    /// A clinician (医師): reads under the patient's grant.
    Clinician,
    /// Emergency staff with the privilege (救急の特権職員): a clinician who may also open a record without consent when
    /// life is in danger.
    EmergencyClinician,
    /// A nurse (看護師): reads as a clinician does.
    Nurse,
    /// A pharmacist (薬剤師): reads as a clinician does.
    Pharmacist,
    /// A clerk (事務): eligibility and the directory, no clinical content.
    Clerk,
    /// An insurer (保険者): reads checkup reports of its own members.
    Insurer,
    /// The patient (患者): reads their own record and who looked.
    Patient,
    /// The executive (経営者): sees their institution's figures.
    Executive,
    /// The safety manager (医療情報システム安全管理責任者): reads the whole record of acts, no clinical content.
    SafetyManager,
    /// The planning manager (企画管理者): keeps accounts, devices and policy of their institution.
    PlanningManager,
    /// The system operator of an institution (システム運用担当者): its notices, devices and apps.
    SystemOperator,
    /// A vendor's maintainer (保守事業者), until a set date: nothing clinical.
    Maintainer,
    /// An auditor (監査人): reads the record of acts, no clinical content.
    Auditor,
    /// A vendor's developer: validates, and sees no record.
    Developer,
    /// Whoever runs the hub (連携基盤の運用者): masters, disasters, persons, figures; no clinical content.
    Operator,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 16] = [
        Self::Institution,
        Self::Clinician,
        Self::EmergencyClinician,
        Self::Nurse,
        Self::Pharmacist,
        Self::Clerk,
        Self::Insurer,
        Self::Patient,
        Self::Executive,
        Self::SafetyManager,
        Self::PlanningManager,
        Self::SystemOperator,
        Self::Maintainer,
        Self::Auditor,
        Self::Developer,
        Self::Operator,
    ];

    /// The code kept in the store, typed at the command line and named in the policies.
    pub fn code(self) -> &'static str {
        match self {
            Self::Institution => "institution",
            Self::Clinician => "clinician",
            Self::EmergencyClinician => "emergency-clinician",
            Self::Nurse => "nurse",
            Self::Pharmacist => "pharmacist",
            Self::Clerk => "clerk",
            Self::Insurer => "insurer",
            Self::Patient => "patient",
            Self::Executive => "executive",
            Self::SafetyManager => "safety-manager",
            Self::PlanningManager => "planning-manager",
            Self::SystemOperator => "system-operator",
            Self::Maintainer => "maintainer",
            Self::Auditor => "auditor",
            Self::Developer => "developer",
            Self::Operator => "operator",
        }
    }

    /// Whether whoever holds it treats patients (医療従事者).
    pub fn is_clinical(self) -> bool {
        matches!(self, Self::Clinician | Self::EmergencyClinician | Self::Nurse | Self::Pharmacist)
    }

    /// Whether whoever holds it acts for an institution or an insurer, and must name it.
    pub fn acts_for_an_institution(self) -> bool {
        match self {
            Self::Institution
            | Self::Clinician
            | Self::EmergencyClinician
            | Self::Nurse
            | Self::Pharmacist
            | Self::Clerk
            | Self::Insurer
            | Self::Executive
            | Self::PlanningManager
            | Self::SystemOperator
            | Self::Maintainer
            | Self::Auditor => true,
            Self::Patient | Self::SafetyManager | Self::Developer | Self::Operator => false,
        }
    }

    /// The role with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}
