//! 検査資料一式: what an inspection (立入検査) asks for, in one archive.
//!
//! What was found is put together here from rows that were read before: the checklist as Excel and PDF, the same as
//! OSCAL, the evidence, an extract of the record of acts, and the hash of each file. Rows that were not held against the
//! original of an edition never stand on the form; they are listed apart. Nothing here says that an institution complies:
//! it shows evidence and its time.

mod acts;
mod archive;
mod form;
mod links;
mod opened;
mod oscal;

use audit::Event;
use guideline::{Edition, Item, Standing};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use store::{Evidence, GuidelineAnswer};

pub use acts::{NoPack, PACK_FORM, STEPS, is_given_up};
pub use archive::{NotPacked, archive};
pub use links::{Look, NoLink};
pub use opened::{contents, file};

/// What a pack is put together from.
pub struct Gathered {
    /// The institution's ten digits.
    pub institution: String,
    /// Its name.
    pub name: String,
    /// When.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: String,
    /// The edition of the form.
    pub edition: &'static Edition,
    /// Every item of the form, in its order.
    pub lines: Vec<Line>,
    /// What proves them: of each source the newest.
    pub evidence: Vec<Evidence>,
    /// Acts of safety management, of this institution.
    pub acts: Vec<Event>,
    /// The words of the papers, by their keys.
    pub words: fn(&str) -> String,
}

/// An item and where it stands.
pub struct Line {
    /// The item.
    pub item: &'static Item,
    /// Where it stands.
    pub standing: Standing,
    /// What a person answered, if somebody did.
    pub answer: Option<GuidelineAnswer>,
}

impl Gathered {
    fn word(&self, key: &str) -> String {
        (self.words)(&format!("pack-paper.{key}"))
    }

    fn day(&self) -> Date {
        day(self.made_at)
    }

    /// What may stand on the form.
    fn printed(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.item.is_printable())
    }

    /// What may not, because nobody held it against the original.
    fn left_out(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.item.is_printable())
    }

    /// The evidence of an item's controls.
    fn evidence_of<'g>(&'g self, item: &'g Item) -> impl Iterator<Item = &'g Evidence> {
        self.evidence.iter().filter(|one| item.controls.contains(&one.control))
    }
}

/// The day in Japan.
fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::fixed(offset(9))).date()
}

/// A moment in Japan, to the minute.
fn minute(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(offset(9))).strftime("%Y-%m-%d %H:%M").to_string()
}
