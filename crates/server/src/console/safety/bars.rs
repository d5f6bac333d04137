//! How far an institution is with each edition in force, as bars.

use std::collections::HashMap;

use guideline::{Catalogue, Edition, Status};
use safety::Overview;

use super::guideline::in_language;
use crate::console::frame::Frame;

const CODES: [&str; 4] = ["yes", "not-applicable", "no", "unconfirmed"];
const WIDTH: usize = 1000;

/// How many items of an edition stand where, of a width of 1000.
pub(super) struct EditionBar {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) counts: [usize; 4],
    pub(super) total: usize,
    pub(super) widths: [usize; 4],
    pub(super) starts: [usize; 4],
}

/// What is in force; older editions stand on the page of items.
pub(super) fn bars(overview: &Overview, frame: &Frame) -> Vec<EditionBar> {
    let mut counts: HashMap<&str, [usize; 4]> = HashMap::new();
    for (item, standing) in &overview.items {
        let of = counts.entry(item.edition.as_str()).or_default();
        if let Some(place) = CODES.iter().position(|code| *code == standing.code()) {
            of[place] += 1;
        }
    }
    let bar = |edition: &Edition| {
        let counts = counts.get(edition.id.as_str()).copied().unwrap_or_default();
        let total: usize = counts.iter().sum();
        let widths = counts.map(|count| count * WIDTH / total.max(1));
        let starts = [0, widths[0], widths[0] + widths[1], widths[0] + widths[1] + widths[2]];
        EditionBar {
            id: edition.id.clone(),
            name: in_language(frame, &edition.ja, &edition.en),
            counts,
            total,
            widths,
            starts,
        }
    };
    let in_force = |one: &&Edition| {
        one.status == Status::Current && Catalogue::shipped().items_of(&one.id).next().is_some()
    };
    Catalogue::shipped().editions().iter().filter(in_force).map(bar).collect()
}
