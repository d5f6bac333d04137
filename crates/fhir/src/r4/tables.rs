//! `tables/r4.txt` unfolded into flat arrays, with one hash lookup from (type, JSON name) to what may stand there.

use std::borrow::Cow;
use std::collections::HashSet;

use rustc_hash::FxHashMap;
use std::sync::OnceLock;

use super::binding::ValueSet;
use super::format::Primitive;
use super::invariants::Special;

/// The tables, unfolded at the first call.
pub(crate) fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| Tables::unfold(include_str!("../../tables/r4.txt")))
}

pub(crate) struct Tables {
    types: Vec<Type>,
    fields: Vec<Field>,
    /// Open addressing over `fields`; [`NONE`] is free.
    slots: Vec<u32>,
    value_sets: Vec<ValueSet>,
    ids: FxHashMap<&'static str, u16>,
    choices: FxHashMap<String, (&'static str, &'static str)>,
    /// The type of `_name` siblings.
    pub(crate) element: u16,
    /// The type of resources whose own is not known.
    pub(crate) resource: u16,
    /// Every name of a type or element, gathered when first asked for.
    known: OnceLock<HashSet<&'static str>>,
}

/// A type, or a part of one.
pub(crate) struct Type {
    pub(crate) name: &'static str,
    pub(crate) is_resource: bool,
    pub(crate) is_primitive: bool,
    /// The type it is made from; none for `Element` and `Resource`.
    pub(crate) base: Option<u16>,
    /// The first names of its choices (`value` of `value[x]`) and their ordinals.
    pub(crate) choices: Vec<(&'static str, u8)>,
    /// The names of its elements by ordinal, `value[x]` for choices.
    pub(super) elements: Vec<&'static str>,
    /// Bits of the elements that must be there.
    pub(super) required: u64,
    pub(super) special: Special,
    /// The lines of the invariants it brings itself.
    pub(super) invariants: Vec<&'static str>,
}

/// What may stand under one JSON name of one type.
pub(crate) struct Field {
    /// Its place among all fields.
    pub(super) id: u32,
    owner: u16,
    pub(super) name: Cow<'static, str>,
    /// Its element's place in [`Type::elements`].
    pub(crate) ordinal: u8,
    pub(crate) is_choice: bool,
    pub(super) many: bool,
    pub(crate) holds: Holds,
    /// The type of what it holds; `Resource` where that says its own.
    pub(crate) kind: u16,
    pub(super) value_set: Option<u16>,
    /// Names of the types a reference may lead to, joined by `|`; empty for any.
    pub(super) targets: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Primitive(Primitive),
    Complex(u16),
    Reference(u16),
    Resource,
}

const NONE: u32 = u32::MAX;

impl Field {
    pub(crate) fn is_primitive(&self) -> bool {
        matches!(self.holds, Holds::Primitive(_))
    }
}

impl Tables {
    pub(crate) fn type_id(&self, name: &str) -> Option<u16> {
        self.ids.get(name).copied()
    }

    pub(crate) fn kind(&self, id: u16) -> &Type {
        &self.types[id as usize]
    }

    pub(super) fn types(&self) -> &[Type] {
        &self.types
    }

    pub(super) fn value_set(&self, id: u16) -> &ValueSet {
        &self.value_sets[id as usize]
    }

    /// Base name and type of a choice's JSON name.
    pub(super) fn choice(&self, name: &str) -> Option<(&'static str, &'static str)> {
        self.choices.get(name).copied()
    }

    /// What may stand under `name` in the type `owner`.
    pub(crate) fn field(&self, owner: u16, name: &str) -> Option<&Field> {
        let mask = self.slots.len() - 1;
        let mut at = hash(owner, name.as_bytes()) as usize & mask;
        loop {
            let field = self.fields.get(self.slots[at] as usize)?;
            if field.owner == owner && field.name == name {
                return Some(field);
            }
            at = (at + 1) & mask;
        }
    }

    /// Whether some type or element has this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        let names = self.known.get_or_init(|| {
            let elements = self.types.iter().flat_map(|kind| &kind.elements);
            let elements = elements.map(|name| name.trim_end_matches("[x]"));
            let primitives = self.choices.values().map(|(_, kind)| *kind);
            elements.chain(primitives).chain(self.ids.keys().copied()).collect()
        });
        names.contains(name)
    }

    /// The names of the types of resources.
    pub(super) fn resource_types(&self) -> Vec<&'static str> {
        self.types.iter().filter(|kind| kind.is_resource).map(|kind| kind.name).collect()
    }

    /// Whether the type `id` is `base` or made from it.
    pub(crate) fn is_a(&self, id: u16, base: u16) -> bool {
        std::iter::successors(Some(id), |id| self.kind(*id).base).any(|id| id == base)
    }

    /// The names that may stand in the type `owner`.
    pub(super) fn names(&self, owner: u16) -> impl Iterator<Item = &str> {
        self.fields(owner).map(|field| &*field.name)
    }

    /// What may stand in the type `owner`.
    pub(super) fn fields(&self, owner: u16) -> impl Iterator<Item = &Field> {
        let start = self.fields.partition_point(|field| field.owner < owner);
        self.fields[start..].iter().take_while(move |field| field.owner == owner)
    }

    fn unfold(text: &'static str) -> Self {
        let (rows, value_sets, set_ids) = read(text);
        let ids: FxHashMap<&'static str, u16> =
            rows.iter().enumerate().map(|(i, row)| (row.name, i as u16)).collect();
        let mut tables = Self {
            types: Vec::with_capacity(rows.len()),
            fields: Vec::with_capacity(12_000),
            slots: Vec::new(),
            value_sets,
            choices: FxHashMap::default(),
            known: OnceLock::new(),
            element: ids.get("Element").copied().unwrap_or_default(),
            resource: ids.get("Resource").copied().unwrap_or_default(),
            ids,
        };
        for (id, row) in rows.iter().enumerate() {
            tables.add_type(id as u16, row, &rows, &set_ids);
        }
        tables.index();
        tables
    }

    fn add_type(&mut self, id: u16, row: &Row, rows: &[Row], set_ids: &FxHashMap<&'static str, u16>) {
        let mut kind = Type {
            name: row.name,
            is_resource: row.kind == 'R',
            is_primitive: row.kind == 'P',
            base: self.ids.get(row.base).copied(),
            choices: Vec::new(),
            elements: Vec::new(),
            required: 0,
            special: Special::of(row.name),
            invariants: row.invariants.clone(),
        };
        let mut lineage = vec![row];
        while let Some(base) = lineage.last().and_then(|row| self.ids.get(row.base)) {
            lineage.push(&rows[*base as usize]);
        }
        for line in lineage.into_iter().rev().flat_map(|row| &row.lines) {
            let ordinal = kind.elements.len() as u8;
            self.add_element(id, ordinal, line, set_ids);
            let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
            kind.elements.push(name);
            kind.choices.extend(name.strip_suffix("[x]").map(|base| (base, ordinal)));
            if !rest.starts_with('0') {
                kind.required |= 1 << ordinal;
            }
        }
        assert!(kind.elements.len() <= 64, "the bits of {} do not fit", row.name);
        self.types.push(kind);
    }

    fn add_element(
        &mut self,
        owner: u16,
        ordinal: u8,
        line: &'static str,
        set_ids: &FxHashMap<&'static str, u16>,
    ) {
        let mut words = line.split(' ');
        let mut word = || words.next().unwrap_or_default();
        let (name, _least, most, types, set) = (word(), word(), word(), word(), word());
        let value_set = set.strip_prefix('=').and_then(|url| set_ids.get(url)).copied();
        let choice = name.strip_suffix("[x]");
        for kind in types.split(',') {
            let (code, targets) = kind.split_once('(').unwrap_or((kind, ""));
            let json_name = match choice {
                None => Cow::Borrowed(name),
                Some(base) => {
                    let joined = format!("{base}{}{}", code[..1].to_ascii_uppercase(), &code[1..]);
                    self.choices.insert(joined.clone(), (base, code));
                    Cow::Owned(joined)
                }
            };
            self.fields.push(Field {
                id: self.fields.len() as u32,
                owner,
                name: json_name,
                ordinal,
                is_choice: choice.is_some(),
                many: most != "1",
                holds: self.holds(code),
                kind: self.ids.get(code.trim_start_matches('>')).copied().unwrap_or(self.element),
                value_set,
                targets: targets.trim_end_matches(')'),
            });
        }
    }

    fn holds(&self, code: &str) -> Holds {
        if let Some(primitive) = Primitive::of(code) {
            return Holds::Primitive(primitive);
        }
        let id = |name: &str| self.ids.get(name).copied().unwrap_or(self.element);
        match code {
            "Resource" => Holds::Resource,
            "Reference" => Holds::Reference(id(code)),
            _ => Holds::Complex(id(code.trim_start_matches('>'))),
        }
    }

    fn index(&mut self) {
        let size = (self.fields.len() * 2).next_power_of_two();
        self.slots = vec![NONE; size];
        for (i, field) in self.fields.iter().enumerate() {
            let mut at = hash(field.owner, field.name.as_bytes()) as usize & (size - 1);
            while self.slots[at] != NONE {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = i as u32;
        }
    }
}

/// One type as the table writes it.
struct Row {
    kind: char,
    name: &'static str,
    base: &'static str,
    lines: Vec<&'static str>,
    invariants: Vec<&'static str>,
}

type Read = (Vec<Row>, Vec<ValueSet>, FxHashMap<&'static str, u16>);

fn read(text: &'static str) -> Read {
    let (mut rows, mut sets, mut set_ids): Read = Default::default();
    let mut in_sets = false;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(inner) = line.strip_prefix(" !") {
            rows.last_mut().into_iter().for_each(|row: &mut Row| row.invariants.push(inner));
        } else if let Some(inner) = line.strip_prefix(' ') {
            if in_sets {
                sets.last_mut().into_iter().for_each(|set: &mut ValueSet| set.add(inner));
            } else {
                rows.last_mut().into_iter().for_each(|row: &mut Row| row.lines.push(inner));
            }
        } else if let Some(url) = line.strip_prefix("V ") {
            in_sets = true;
            set_ids.insert(url, sets.len() as u16);
            sets.push(ValueSet::new(url));
        } else {
            let mut words = line.split(' ');
            let mut word = || words.next().unwrap_or_default();
            let (kind, name, base) = (word(), word(), word());
            rows.push(Row {
                kind: kind.chars().next().unwrap_or('?'),
                name,
                base,
                lines: Vec::new(),
                invariants: Vec::new(),
            });
        }
    }
    (rows, sets, set_ids)
}

/// Mixes the type and both ends of the name; names that differ only in the middle meet and are compared.
fn hash(owner: u16, name: &[u8]) -> u64 {
    let end = |bytes: &[u8]| bytes.iter().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    let (first, last) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (end(name), 0),
    };
    let mixed = first ^ last.rotate_left(29) ^ ((name.len() as u64) << 56) ^ (u64::from(owner) << 40);
    let mixed = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed ^ (mixed >> 29)
}
