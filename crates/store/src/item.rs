use std::ops::Range;

use fhir::bundle::UnitKind;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One of the six informations (6情報).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Information {
    /// 傷病名
    Condition,
    /// 感染症
    Infection,
    /// 薬剤アレルギー等
    DrugAllergy,
    /// その他アレルギー等
    OtherAllergy,
    /// 検査
    LabResult,
    /// 処方
    Prescription,
}

/// What can be known of a unit without opening its body. Sealed with the unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// Where the Patient stands in the unit's bytes.
    #[serde(rename = "p", default)]
    pub patient: Range<u32>,
    /// The day the unit is about.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// A document's title.
    #[serde(rename = "t", default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// A checkup report's insured number, as its Patient bears it: the insurer of that number may read the report.
    #[serde(rename = "m", default, skip_serializing_if = "String::is_empty")]
    pub member: String,
    /// A checkup report's programme (健診プログラムサービス).
    #[serde(rename = "g", default, skip_serializing_if = "String::is_empty")]
    pub programme: String,
    /// Its clinical resources.
    #[serde(rename = "i", default)]
    pub items: Vec<Item>,
}

/// One clinical resource in a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which of the six informations it is.
    #[serde(rename = "i")]
    pub information: Information,
    /// Where the resource stands in the unit's bytes.
    #[serde(rename = "s")]
    pub span: Range<u32>,
    /// The day it is about: onset, collection, prescription.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Code that says "the same kind of thing": the tested item, the drug.
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// What it says, in short: of one institution, code and day, equal words are the same fact.
    #[serde(rename = "y", default, skip_serializing_if = "String::is_empty")]
    pub says: String,
    /// Who tested or prescribed: the institution's ten digits, then the doctor's number there.
    #[serde(rename = "o", default, skip_serializing_if = "String::is_empty")]
    pub doctor: String,
    /// 長期保管 (LTS)
    #[serde(rename = "l", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_long_term: bool,
    /// 未告知 (UNINFORMED)
    #[serde(rename = "t", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_not_told: bool,
    /// 未提供 (UNDELIVERED)
    #[serde(rename = "w", default, skip_serializing_if = "std::ops::Not::not")]
    pub is_withheld: bool,
}

impl Information {
    /// All six, in the order of the ministry's table.
    pub const ALL: [Self; 6] = [
        Self::Condition,
        Self::Infection,
        Self::DrugAllergy,
        Self::OtherAllergy,
        Self::LabResult,
        Self::Prescription,
    ];

    /// The code used in rules, records and addresses.
    pub fn code(self) -> &'static str {
        match self {
            Self::Condition => "condition",
            Self::Infection => "infection",
            Self::DrugAllergy => "drug-allergy",
            Self::OtherAllergy => "other-allergy",
            Self::LabResult => "lab-result",
            Self::Prescription => "prescription",
        }
    }
}

/// The code of a kind of bundle, as it stands in rows, rules and addresses.
pub fn kind_code(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Condition => "condition",
        UnitKind::AllergyIntolerance => "allergy-intolerance",
        UnitKind::Observation => "observation",
        UnitKind::Referral => "referral",
        UnitKind::DischargeSummary => "discharge-summary",
        UnitKind::PatientSummary => "patient-summary",
        UnitKind::CheckupReport => "checkup-report",
        UnitKind::Attachment => "attachment",
    }
}

/// The kind of bundle with this code.
pub fn kind_from_code(code: &str) -> Option<UnitKind> {
    let kinds = [
        UnitKind::Condition,
        UnitKind::AllergyIntolerance,
        UnitKind::Observation,
        UnitKind::Referral,
        UnitKind::DischargeSummary,
        UnitKind::PatientSummary,
        UnitKind::CheckupReport,
        UnitKind::Attachment,
    ];
    kinds.into_iter().find(|kind| kind_code(*kind) == code)
}
