//! Everything that comes with the program: editions, items, controls, mappings.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::de::DeserializeOwned;

use crate::control::Control;
use crate::edition::Edition;
use crate::item::Item;
use crate::mapping::{ChapterMove, Lesson, Pair};
use crate::table::{EditionTable, Explanations, Table};

/// All editions side by side, and what connects them.
#[derive(Debug)]
pub struct Catalogue {
    editions: Vec<Edition>,
    items: Vec<Item>,
    controls: Vec<Control>,
    pairs: Vec<Pair>,
    moves: Vec<ChapterMove>,
    lessons: Vec<Lesson>,
    item_at: HashMap<String, usize>,
    control_at: HashMap<String, usize>,
}

/// The tables of editions, the guideline in force first.
const EDITIONS: [&str; 12] = [
    include_str!("../data/mhlw7.toml"),
    include_str!("../data/checklist_cyber.toml"),
    include_str!("../data/bcp_cyber.toml"),
    include_str!("../data/role_split.toml"),
    include_str!("../data/inspection_art25.toml"),
    include_str!("../data/mds_sds.toml"),
    include_str!("../data/mhlw6_overview_types.toml"),
    include_str!("../data/mhlw6_governance.toml"),
    include_str!("../data/mhlw6_planning.toml"),
    include_str!("../data/mhlw6_operations.toml"),
    include_str!("../data/draft_69_to_611.toml"),
    include_str!("../data/eight_points.toml"),
];

static SHIPPED: LazyLock<Catalogue> = LazyLock::new(|| {
    let (mut editions, mut items) = (Vec::new(), Vec::new());
    for text in EDITIONS {
        let (edition, rows) = shipped::<EditionTable>(text).parts();
        editions.push(edition);
        items.extend(rows);
    }
    let controls = controls();
    Catalogue {
        item_at: items.iter().enumerate().map(|(at, item)| (item.id.clone(), at)).collect(),
        control_at: controls.iter().enumerate().map(|(at, control)| (control.id.clone(), at)).collect(),
        editions,
        items,
        controls,
        pairs: shipped::<Table<Pair>>(include_str!("../data/mhlw6_correlation.toml")).rows,
        moves: shipped::<Table<ChapterMove>>(include_str!("../data/map_52_to_60.toml")).rows,
        lessons: shipped::<Table<Lesson>>(include_str!("../data/incident_lessons.toml")).rows,
    }
});

/// The controls, each with its explanation.
fn controls() -> Vec<Control> {
    let explanations = shipped::<Explanations>(include_str!("../data/explanations.toml")).rows;
    let mut explanations: HashMap<String, _> =
        explanations.into_iter().map(|one| (one.id.clone(), one)).collect();
    let controls = shipped::<Table<Control>>(include_str!("../data/checks.toml")).rows;
    let explained = controls.into_iter().map(|control| match explanations.remove(&control.id) {
        Some(explanation) => control.explained(explanation),
        None => control,
    });
    explained.collect()
}

fn shipped<T: DeserializeOwned>(text: &str) -> T {
    toml::from_str(text).expect("the tables are compiled in and a test of this room reads them all")
}

impl Catalogue {
    /// The one that comes with the program.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// All editions, the guideline in force first.
    pub fn editions(&self) -> &[Edition] {
        &self.editions
    }

    /// The edition with this id.
    pub fn edition(&self, id: &str) -> Option<&Edition> {
        self.editions.iter().find(|edition| edition.id == id)
    }

    /// All items, by edition.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The item with this id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.item_at.get(id).map(|&at| &self.items[at])
    }

    /// The items of an edition.
    pub fn items_of<'a>(&'a self, edition: &'a str) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(move |item| item.edition == edition)
    }

    /// All controls.
    pub fn controls(&self) -> &[Control] {
        &self.controls
    }

    /// The control with this id.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.control_at.get(id).map(|&at| &self.controls[at])
    }

    /// The controls that prove an item.
    pub fn controls_of<'a>(&'a self, item: &'a Item) -> impl Iterator<Item = &'a Control> {
        item.controls.iter().filter_map(|id| self.control(id))
    }

    /// The items that a control covers; its lessons are told by [`Catalogue::lessons`].
    pub fn covered_by<'a>(&'a self, control: &'a Control) -> impl Iterator<Item = &'a Item> {
        control.covers.iter().filter_map(|id| self.item(id))
    }

    /// Items of other tables and volumes that ask the like, whichever of the two says so.
    pub fn related(&self, item: &Item) -> Vec<&Item> {
        let named = item.refs.iter().map(String::as_str);
        let paired = self.pairs.iter().filter_map(|pair| pair.other(&item.id));
        let naming = self.items.iter().filter(|one| one.refs.contains(&item.id)).map(|one| one.id.as_str());
        let mut found: Vec<&Item> = Vec::new();
        for one in named.chain(paired).chain(naming).filter_map(|id| self.item(id)) {
            if one.id != item.id && !found.iter().any(|known| known.id == one.id) {
                found.push(one);
            }
        }
        found
    }

    /// The pairs between the volumes of 6.0.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Where the chapters of 5.2 went in 6.0.
    pub fn moves(&self) -> &[ChapterMove] {
        &self.moves
    }

    /// What incidents taught.
    pub fn lessons(&self) -> &[Lesson] {
        &self.lessons
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;
    use crate::item::Proof;

    #[test]
    fn every_id_is_there_once_and_every_reference_leads_somewhere() {
        let all = Catalogue::shipped();
        let lessons = all.lessons.iter().map(|one| &one.id);
        let ids: Vec<&String> = all.items.iter().map(|one| &one.id).chain(lessons).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
        assert_eq!(all.control_at.len(), all.controls.len());
        for item in &all.items {
            let beginning = if item.edition == "insp" { "insp." } else { item.edition.as_str() };
            assert!(item.id.starts_with(beginning), "{}", item.id);
            assert!(item.refs.iter().all(|id| all.item(id).is_some()), "{}", item.id);
            assert!(item.controls.iter().all(|id| all.control(id).is_some()), "{}", item.id);
            assert!(item.proof == Proof::Attest || !item.controls.is_empty(), "{}", item.id);
            let chapters = &all.edition(&item.edition).unwrap().chapters;
            let stands = |chapter| chapters.iter().any(|one| &one.id == chapter);
            assert!(item.chapter.as_ref().is_none_or(stands), "{}", item.id);
        }
        for pair in &all.pairs {
            assert!(pair.refs.iter().all(|id| all.item(id).is_some()), "{}", pair.id);
        }
    }

    #[test]
    fn a_control_covers_exactly_what_names_it() {
        let all = Catalogue::shipped();
        for control in &all.controls {
            let items = all.items.iter().map(|one| (&one.id, &one.controls));
            let lessons = all.lessons.iter().map(|one| (&one.id, &one.controls));
            let naming = items.chain(lessons).filter(|(_, names)| names.contains(&control.id));
            let naming: BTreeSet<&String> = naming.map(|(id, _)| id).collect();
            assert_eq!(control.covers.iter().collect::<BTreeSet<_>>(), naming, "{}", control.id);
            assert!(control.fresh_days > 0, "{}", control.id);
        }
    }

    #[test]
    fn every_control_is_explained_in_plain_words_of_both_languages() {
        for control in Catalogue::shipped().controls() {
            let (ja, en) = (&control.plain_ja, &control.plain_en);
            let words = [&ja.why, &ja.yes, &ja.show, &en.why, &en.yes, &en.show];
            assert!(words.iter().all(|text| text.len() > 15), "{}", control.id);
            assert!(!control.measures_en.is_empty() && !control.pass_rule_en.is_empty(), "{}", control.id);
        }
    }

    #[test]
    fn the_tables_hold_as_many_rows_as_their_makers_counted() {
        let all = Catalogue::shipped();
        assert_eq!(
            (all.items.len(), all.controls.len(), all.pairs.len(), all.moves.len(), all.lessons.len()),
            (378, 62, 152, 26, 15)
        );
        let by = |proof| all.items.iter().filter(|one| one.proof == proof).count();
        assert_eq!(Proof::ALL.map(by), [105, 173, 80, 20]);
        assert_eq!(all.items.iter().filter(|one| one.is_verified).count(), 241);
    }

    #[test]
    fn what_nobody_saw_in_a_source_is_never_printed_as_official() {
        for item in Catalogue::shipped().items() {
            let is_candidate = ["role.p2.c.", "bcp.4-", "role.p1.B.2", "role.p1.B.4", "role.p1.B.5"]
                .iter()
                .any(|beginning| item.id.starts_with(beginning));
            assert!(!item.is_printable() || (item.is_verified && !is_candidate), "{}", item.id);
        }
    }

    #[test]
    fn related_items_name_each_other() {
        let all = Catalogue::shipped();
        let item = all.item("mhlw6.op.14.5").unwrap();
        let related = all.related(item);
        assert!(related.iter().any(|one| one.id == "mhlw7.chg.3"));
        for one in related {
            assert!(all.related(one).iter().any(|back| back.id == item.id), "{}", one.id);
        }
    }
}
