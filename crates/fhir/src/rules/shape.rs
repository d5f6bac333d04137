//! Small questions that many rules ask.

use crate::json::Node;

/// Whether the text is a 10-digit institution number: 都道府県 2, 点数表 1 to 3, code 7.
pub(crate) fn is_institution(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 10 && b.iter().all(u8::is_ascii_digit) && b[0] <= b'4' && (b'1'..=b'3').contains(&b[2])
}

/// The pattern of [`is_institution`] for people.
pub(crate) const INSTITUTION: &str = "^[0-4][0-9][1-3][0-9]{7}$";

/// Whether the text is `institution^year^id` with an id of at most `most` letters, digits and hyphens.
pub(crate) fn is_hatted(text: &str, most: usize) -> bool {
    let mut parts = text.split('^');
    let (Some(institution), Some(year), Some(id), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let y = year.as_bytes();
    let is_year =
        y.len() == 4 && y.starts_with(b"20") && matches!(y[2], b'2' | b'3') && y[3].is_ascii_digit();
    let is_id = (1..=most).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_institution(institution) && is_year && is_id
}

/// The items of `parent.name[]` whose `system` is `system`.
pub(crate) fn of_system<'t>(parent: Node<'t>, name: &str, system: &str) -> Vec<Node<'t>> {
    let items = parent.get(name).into_iter().flat_map(Node::items);
    items.filter(|item| text(*item, "system") == Some(system)).collect()
}

/// The items of `parent.coding[]` whose `system` is one of `systems`.
pub(crate) fn codings<'t>(concept: Option<Node<'t>>, systems: &[&str]) -> Vec<Node<'t>> {
    let items = concept.and_then(|c| c.get("coding")).into_iter().flat_map(Node::items);
    items.filter(|item| text(*item, "system").is_some_and(|s| systems.contains(&s))).collect()
}

/// The extensions of `parent` with this url.
pub(crate) fn extensions<'t>(parent: Node<'t>, url: &str) -> Vec<Node<'t>> {
    let items = parent.get("extension").into_iter().flat_map(Node::items);
    items.filter(|item| text(*item, "url") == Some(url)).collect()
}

/// The string member `name`.
pub(crate) fn text<'t>(parent: Node<'t>, name: &str) -> Option<&'t str> {
    parent.get(name).and_then(Node::str)
}

/// How many items `parent.name` has.
pub(crate) fn count(parent: Node<'_>, name: &str) -> usize {
    parent.get(name).into_iter().flat_map(Node::items).count()
}
