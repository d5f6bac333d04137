//! What the ministry asks.
//!
//! Editions of the guideline, its checklists and tables lie side by side as rows of our own words, each with its
//! source and whether it was seen there. A control answers items of many editions at once; [`standing()`] tells what
//! evidence and answers make of an item at a time. This room knows nobody and does no I/O.

mod catalogue;
mod change;
mod control;
mod edition;
mod item;
mod mapping;
mod route;
mod standing;
mod support;
mod table;

pub use catalogue::Catalogue;
pub use change::{Change, ChangeReport, GUIDELINES, changes};
pub use control::{Control, Plain};
pub use edition::{Chapter, Edition, Milestone, Original, Status, SystemType, YearlyEdition};
pub use item::{Audience, Exhibit, Item, Level, Phase, Proof};
pub use mapping::{ChapterMove, Lesson, Pair};
pub use route::{Circumstances, Machine, OpenQuestion, Route, Updater, Volume, route};
pub use standing::{Answer, Answered, Proved, Standing, Verdict, Why, standing};
pub use support::{Support, SupportEntry, SupportPage};
