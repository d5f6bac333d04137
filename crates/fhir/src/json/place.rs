//! Where something stands: line and column for people, the trail of names for FHIRPath.

use super::{Json, Kind, Node};

/// A place in the text, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl Position {
    /// The place of byte `offset`; lines end with LF.
    #[must_use]
    pub fn of(bytes: &[u8], offset: usize) -> Self {
        let mut places = Self::of_sorted(bytes, &[offset]);
        places.pop().unwrap_or(Self { line: 1, column: 1 })
    }

    /// The places of many offsets, smallest first, in one walk over the text.
    pub(crate) fn of_sorted(bytes: &[u8], offsets: &[usize]) -> Vec<Self> {
        let (mut line, mut line_start, mut seen) = (1_usize, 0_usize, 0_usize);
        let (mut counted, mut column) = (0_usize, 1_usize);
        let mut places = Vec::with_capacity(offsets.len());
        for &offset in offsets {
            let offset = offset.min(bytes.len());
            for newline in memchr::memchr_iter(b'\n', &bytes[seen..offset]) {
                line += 1;
                line_start = seen + newline + 1;
            }
            seen = offset;
            if counted < line_start {
                (counted, column) = (line_start, 1);
            }
            column += bytes[counted..offset].iter().filter(|byte| **byte & 0xC0 != 0x80).count();
            counted = offset;
            places.push(Self { line: line as u32, column: column as u32 });
        }
        places
    }
}

/// One step of the way from the root to a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name<'t> {
    /// into the member of this name
    Member(&'t str),
    /// into the item at this place
    Item(usize),
}

/// The steps from the root to `slot`. Walks the siblings on the way, so it is for findings, not for every value.
pub(crate) fn trail<'t>(json: &'t Json<'t>, slot: u32) -> Vec<Name<'t>> {
    let mut steps = Vec::new();
    let mut here = json.root();
    while here.slot() != slot {
        let Some((step, child)) = child_holding(here, slot) else { break };
        steps.push(step);
        here = child;
    }
    steps
}

/// Puts a position beside each offset that is known.
pub(crate) fn locate(bytes: &[u8], offsets: &mut [(usize, Option<Position>)]) {
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    order.sort_by_key(|&i| offsets[i].0);
    let sorted: Vec<usize> = order.iter().map(|&i| offsets[i].0).collect();
    for (&i, place) in order.iter().zip(Position::of_sorted(bytes, &sorted)) {
        offsets[i].1 = Some(place);
    }
}

fn child_holding<'t>(parent: Node<'t>, slot: u32) -> Option<(Name<'t>, Node<'t>)> {
    let holds = |child: &Node<'t>| slot >= child.slot() && slot < child.raw().after;
    match parent.kind() {
        Kind::Object => {
            parent.members().find(|(_, child)| holds(child)).map(|(key, child)| (Name::Member(key), child))
        }
        Kind::Array => parent
            .items()
            .enumerate()
            .find(|(_, child)| holds(child))
            .map(|(i, child)| (Name::Item(i), child)),
        _ => None,
    }
}
