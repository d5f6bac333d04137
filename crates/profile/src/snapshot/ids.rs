//! The ids of a differential's elements, which not every maker writes.

use crate::Element;

/// Remembers where the differential stands, to give an element without id the one it means.
#[derive(Default)]
pub(super) struct Ids {
    /// Path and id of the elements met, the last one last.
    met: Vec<(String, String)>,
}

impl Ids {
    /// The id written, if it fits the path; else the one that path, slice name and the elements before it give.
    pub(super) fn of(&mut self, element: &Element) -> String {
        let path = element.path();
        let written = element.id();
        let id = if without_slices(written) == path && !written.is_empty() {
            written.to_owned()
        } else {
            self.meant(element)
        };
        self.met.push((path.to_owned(), id.clone()));
        id
    }

    fn meant(&self, element: &Element) -> String {
        let path = element.path();
        let Some((parent, name)) = path.rsplit_once('.') else { return path.to_owned() };
        let met = self.met.iter().rev().find(|(path, _)| path == parent);
        let parent = met.map_or(parent, |(_, id)| id);
        match element.slice_name() {
            // `valueQuantity` names the slice already.
            Some(slice) if slice != name => format!("{parent}.{name}:{slice}"),
            _ => format!("{parent}.{name}"),
        }
    }
}

/// The path of an id: `Patient.name:kanji.family` → `Patient.name.family`.
pub(super) fn without_slices(id: &str) -> String {
    let parts: Vec<&str> =
        parts(id).map(|part| part.split_once(':').map_or(part, |(name, _)| name)).collect();
    parts.join(".")
}

/// The parts of an id between dots. Slice names may not hold dots, so this is plain.
pub(super) fn parts(id: &str) -> impl Iterator<Item = &str> {
    id.split('.')
}

/// What stands before the last part, and the last part's name and slice.
pub(super) fn last(id: &str) -> Option<(&str, &str, Option<&str>)> {
    let (parent, last) = id.rsplit_once('.')?;
    let (name, slice) = last.split_once(':').map_or((last, None), |(name, slice)| (name, Some(slice)));
    Some((parent, name, slice))
}

/// Whether `id` is inside the element `of`, or is one of its slices or inside one.
pub(super) fn is_within(id: &str, of: &str) -> bool {
    id.strip_prefix(of).is_some_and(|rest| rest.starts_with(['.', ':', '/']))
}
