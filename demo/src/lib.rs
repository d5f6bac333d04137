//! The fictional region: three institutions, twelve people, and the bundles their systems send.
//!
//! It is the demonstration, the only fixture set of the tests, and the text a compression dictionary is trained on.
//! Nothing here is real: prefecture 49, its insurers, its people and their telephone numbers do not exist.
//! Everything is a pure function of its arguments; `today` is when all stories end, and no system clock is read.
//!
//! What lies where: [`region`] tells the stories in `story/`, one file each, with the pen of `chart.rs`; `form/` writes
//! FHIR, `table/` holds the masters. To add a patient, write a story and give it a person in `story.rs`.

mod chart;
mod form;
mod person;
mod place;
mod population;
mod seed;
mod story;
mod submission;
mod table;
mod visit;

use jiff::civil::Date;

pub use person::{Gender, Member};
pub use place::{Institution, InstitutionKind, Insurer, institutions, insurers};
pub use population::population;
pub use submission::Submission;

/// All of 架空県.
#[derive(Clone, Debug)]
pub struct Region {
    /// Who sends.
    pub institutions: Vec<Institution>,
    /// Who insures.
    pub insurers: Vec<Insurer>,
    /// Whose stories are told.
    pub patients: Vec<PatientRecord>,
}

/// A patient and everything that was sent about them.
#[derive(Clone, Debug)]
pub struct PatientRecord {
    /// A stable fictional id by which the centre could know the person.
    pub key: String,
    /// 漢字氏名
    pub name_kanji: String,
    /// カナ氏名
    pub name_kana: String,
    /// 生年月日
    pub birth_date: Date,
    /// 性別
    pub gender: Gender,
    /// Insured numbers in the order of time.
    pub members: Vec<Member>,
    /// The story in one Japanese sentence.
    pub story: &'static str,
    /// In the order of sending.
    pub submissions: Vec<Submission>,
}

/// The twelve, whose histories of about two years end shortly before `today`.
#[must_use]
pub fn region(today: Date) -> Region {
    Region { institutions: institutions(), insurers: insurers(), patients: story::twelve(today) }
}
