//! Incidents (インシデント): what is done by phase, whom to tell by when, and a timeline that only grows.
//!
//! `rules` are the tables in `rules/`; `clock` counts days; [`Course`] is what an incident has come to, a pure function of
//! its entries; `acts` appends entries, each on record, where `allowed` lets it; `proof` holds the timeline against the
//! record and makes evidence of it; `papers` is what lies ready in print for when nothing works.

mod acts;
mod allowed;
mod clock;
mod course;
mod papers;
mod proof;
mod rules;

pub use guideline::Phase;

pub use acts::{Deed, Happened, NotWritten, Opening, Wrong};
pub use clock::{is_closed_day, last_day};
pub use course::{ActionItem, Course, DutyStanding, DutyState, Fact, Kind, QuestionStanding, StepStanding};
pub use papers::{Printed, papers};
pub(crate) use papers::{contact_section, diagram_section};
pub use proof::{Task, is_sealed};
pub use rules::{Basis, Duty, Question, Step, duties, questions, steps};
