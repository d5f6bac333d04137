//! The tables `rules/incident.toml` and `rules/duties.toml`.

use std::collections::HashSet;
use std::sync::LazyLock;

use guideline::Phase;
use jiff::civil::Date;
use serde::Deserialize;

/// 手順: something that is done in a phase.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its code, with words in `locale/`.
    pub code: String,
    /// When it is done.
    pub phase: Phase,
    /// Ids of the guideline's items that it answers.
    pub items: Vec<String>,
}

/// 判断: a question on whose answer duties depend.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its code, with words in `locale/`.
    pub code: String,
}

/// 報告の義務: whom to tell, and by when.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// Its code, with words in `locale/`.
    pub code: String,
    /// The kind of contact that is told (`contact-kind` of the register of contacts).
    pub to: String,
    /// Codes of the questions that must be answered with yes or maybe; none where it always arises.
    #[serde(default)]
    pub when: Vec<String>,
    /// Within how many hours.
    pub hours: Option<i64>,
    /// Within how many days, the first counted.
    pub days: Option<i64>,
    /// More days, where another question is answered with yes or maybe.
    pub longer: Option<Longer>,
    /// Whether a last day on which authorities are closed moves.
    #[serde(default)]
    pub moves: bool,
    /// Who sets the limit.
    pub basis: Basis,
    /// Where it is written.
    pub source: String,
}

/// More days, where a question is answered with yes or maybe.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Longer {
    /// The question's code.
    pub when: String,
    /// Within how many days then.
    pub days: i64,
}

/// Who sets a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// A law or an order under it.
    Law,
    /// The guide of an authority.
    Guidance,
    /// Nobody: an aim of this project.
    Aim,
}

impl Basis {
    /// Its code, with words in `locale/`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Law => "law",
            Self::Guidance => "guidance",
            Self::Aim => "aim",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    step: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Duties {
    undecided_hours: i64,
    question: Vec<Question>,
    duty: Vec<Duty>,
    holidays: Holidays,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holidays {
    days: HashSet<Date>,
}

static STEPS: LazyLock<Steps> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../rules/incident.toml"))
        .expect("rules/incident.toml is compiled in and a test reads it")
});

static DUTIES: LazyLock<Duties> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../../rules/duties.toml"))
        .expect("rules/duties.toml is compiled in and a test reads it")
});

/// Every step, in order.
#[must_use]
pub fn steps() -> &'static [Step] {
    &STEPS.step
}

/// Every question.
#[must_use]
pub fn questions() -> &'static [Question] {
    &DUTIES.question
}

/// Every duty.
#[must_use]
pub fn duties() -> &'static [Duty] {
    &DUTIES.duty
}

/// National holidays on weekdays.
pub(super) fn holidays() -> &'static HashSet<Date> {
    &DUTIES.holidays.days
}

/// After so many hours a question that nobody answered is overdue.
pub(super) fn undecided_hours() -> i64 {
    DUTIES.undecided_hours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::register;

    #[test]
    fn steps_name_items_of_the_guideline_and_duties_name_questions_and_kinds_of_contacts() {
        let all = guideline::Catalogue::shipped();
        for step in steps() {
            for id in &step.items {
                assert!(all.item(id).is_some(), "{id}");
            }
        }
        let contacts = register("contacts").and_then(|one| one.field("contact-kind")).unwrap();
        for duty in duties() {
            assert!(contacts.choices.contains(&duty.to), "{}", duty.to);
            let asked = duty.when.iter().chain(duty.longer.iter().map(|longer| &longer.when));
            for code in asked {
                assert!(questions().iter().any(|one| one.code == *code), "{code}");
            }
        }
    }
}
