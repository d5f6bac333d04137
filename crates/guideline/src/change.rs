//! What a newer edition of the guideline asks that an older one did not.

use crate::catalogue::Catalogue;
use crate::control::Control;
use crate::item::Item;
use crate::mapping::ChapterMove;

/// The editions of the guideline that reports can be made between, oldest first.
pub const GUIDELINES: [&str; 3] = ["5.2", "6.0", "7.0"];

/// 改定の差分: what is to do because of a newer edition, and what nobody here knows of it.
#[derive(Debug)]
pub struct ChangeReport {
    /// Where the chapters of 5.2 went; empty unless 5.2 is the older one.
    pub moves: Vec<&'static ChapterMove>,
    /// What changed; empty unless 7.0 is the newer one.
    pub changes: Vec<Change>,
    /// Items of 6.0 that are known to stand in 7.0 under their numbers.
    pub kept: Vec<&'static Item>,
    /// How many items of 6.0 nobody here has compared with 7.0.
    pub uncompared: usize,
}

/// One thing that 7.0 asks.
#[derive(Debug)]
pub struct Change {
    /// What it asks.
    pub item: &'static Item,
    /// The items of 6.0 that it alters; none where it is new.
    pub alters: Vec<&'static Item>,
    /// What proves it.
    pub controls: Vec<&'static Control>,
}

/// The row that names what kept its number.
const KEPT: &str = "mhlw7.chg.9";

/// The report from an older to a newer edition; none where there is no such step.
pub fn changes(from: &str, to: &str) -> Option<ChangeReport> {
    let at = |edition| GUIDELINES.iter().position(|one| *one == edition);
    let (from, to) = (at(from)?, at(to)?);
    if from >= to {
        return None;
    }
    let all = Catalogue::shipped();
    let mut report = ChangeReport { moves: Vec::new(), changes: Vec::new(), kept: Vec::new(), uncompared: 0 };
    if from == 0 {
        report.moves = all.moves().iter().collect();
    }
    if to == 2 {
        report.kept = all.item(KEPT).map(|item| named(all, item)).unwrap_or_default();
        let asked = all.items_of("mhlw7").filter(|item| item.id != KEPT);
        report.changes = asked.map(|item| change(all, item)).collect();
        report.uncompared = uncompared(all, &report);
    }
    Some(report)
}

fn change(all: &'static Catalogue, item: &'static Item) -> Change {
    Change { item, alters: named(all, item), controls: all.controls_of(item).collect() }
}

/// The items of 6.0 that a row names.
fn named(all: &'static Catalogue, item: &'static Item) -> Vec<&'static Item> {
    let named = item.refs.iter().filter_map(|id| all.item(id));
    named.filter(|one| one.edition.starts_with("mhlw6.")).collect()
}

fn uncompared(all: &'static Catalogue, report: &ChangeReport) -> usize {
    let altered = report.changes.iter().flat_map(|change| &change.alters);
    let known: Vec<&str> = altered.chain(&report.kept).map(|item| item.id.as_str()).collect();
    let asked = all.items().iter().filter(|item| item.edition.starts_with("mhlw6."));
    asked.filter(|item| !known.contains(&item.id.as_str())).count()
}
