//! One walk over a resource with the tables beside it.

use rustc_hash::FxHashSet;

use crate::bundle::resource_type;
use crate::finding::{Draft, Drafts};
use crate::json::{Kind, Node};
use crate::path::{Element, Scope};

use super::facts::TypeId;
use super::format::{Primitive, Written};
use super::invariants;
use super::reference::{Frame, Frames};
use super::tables::{Field, Holds, Tables, tables};

/// Judges a resource and all that is inside it.
pub(super) fn resource(root: Node<'_>, drafts: &mut Drafts, advice: bool) {
    let mut walk = Walk {
        tables: tables(),
        drafts,
        frames: Frames::default(),
        ids: FxHashSet::default(),
        scope: invariants::scope(root),
        advice,
        is_spent: false,
    };
    walk.resource(root, false);
}

pub(super) struct Walk<'w, 't> {
    pub(super) tables: &'static Tables,
    drafts: &'w mut Drafts,
    pub(super) frames: Frames<'t>,
    /// The ids of elements of the resource where the walk stands.
    ids: FxHashSet<&'t str>,
    /// What invariants may know, and how much work they may do.
    pub(super) scope: Scope<'t>,
    /// Whether best practices are told.
    pub(super) advice: bool,
    /// Whether invariants have done all the work they may.
    pub(super) is_spent: bool,
}

/// What was seen of an object's members.
pub(super) struct Seen {
    /// Bits of the elements that are there.
    pub(super) bits: u64,
    /// The JSON name by which each choice was first given.
    choices: [(u8, u32); 4],
    choice_count: usize,
}

impl<'t> Walk<'_, 't> {
    pub(super) fn raise(&mut self, key: &str, node: Node<'_>) -> &mut Draft {
        self.drafts.raise(key, node)
    }

    fn resource(&mut self, node: Node<'t>, is_contained: bool) {
        if node.kind() != Kind::Object {
            self.wrong_kind(node, "Object");
            return;
        }
        let name = resource_type(node);
        if name.is_empty() {
            self.raise("r4-resource-type", node);
            return;
        }
        let known = self.tables.type_id(name).filter(|id| self.tables.kind(*id).is_resource);
        let Some(id) = known else {
            self.raise("r4-unknown-type", node).found(name);
            return;
        };
        let ids_around = std::mem::take(&mut self.ids);
        let around = (self.scope.resource, self.scope.root_resource);
        self.scope.resource = Some(Element::new(node, TypeId(id)));
        if is_contained {
            self.object(node, id);
        } else {
            self.scope.root_resource = self.scope.resource;
            let frame = Frame::of(node, self);
            self.frames.push(frame);
            self.object(node, id);
            self.close_frame(node);
        }
        (self.scope.resource, self.scope.root_resource) = around;
        self.ids = ids_around;
    }

    /// Every member against the type `id`, then what is missing, then the type's invariants.
    fn object(&mut self, node: Node<'t>, id: u16) {
        let kind = self.tables.kind(id);
        let mut seen = Seen { bits: 0, choices: [(0, 0); 4], choice_count: 0 };
        for (name, value) in node.members() {
            if kind.is_resource && name == "resourceType" {
                continue;
            }
            if name == "id" && !kind.is_resource {
                self.element_id(value);
            }
            let sibling = name.strip_prefix('_');
            match self.tables.field(id, sibling.unwrap_or(name)) {
                Some(field) if sibling.is_none() => {
                    self.note(&mut seen, field, value);
                    self.member(node, field, value);
                }
                Some(field) if matches!(field.holds, Holds::Primitive(_)) => {
                    self.note(&mut seen, field, value);
                    self.sibling(node, field, value);
                }
                _ => self.unknown(id, name, value),
            }
        }
        if node.is_empty() {
            self.raise("r4-empty", node);
        }
        let mut missing = kind.required & !seen.bits;
        while missing != 0 {
            let ordinal = missing.trailing_zeros() as usize;
            missing &= missing - 1;
            self.raise("r4-required", node).element(kind.elements[ordinal]);
        }
        invariants::judge(self, node, id, &seen);
    }

    /// The id of an element stands once in its resource.
    fn element_id(&mut self, value: Node<'t>) {
        let Some(id) = value.str() else { return };
        if !self.ids.insert(id) {
            self.raise("r4-element-id", value).found(id);
        }
    }

    fn note(&mut self, seen: &mut Seen, field: &'static Field, value: Node<'_>) {
        let bit = 1 << field.ordinal;
        if field.is_choice {
            let known =
                seen.choices[..seen.choice_count].iter().find(|choice| choice.0 == field.ordinal).copied();
            match known {
                Some((_, first)) if first != field.id => {
                    _ = self.raise("r4-choice", value).element(&*field.name)
                }
                None if seen.choice_count < seen.choices.len() => {
                    seen.choices[seen.choice_count] = (field.ordinal, field.id);
                    seen.choice_count += 1;
                }
                _ => {}
            }
        }
        seen.bits |= bit;
    }

    fn unknown(&mut self, id: u16, name: &str, value: Node<'_>) {
        let kind = self.tables.kind(id).name;
        let near = self.tables.names(id).find(|known| known.eq_ignore_ascii_case(name));
        let draft = self.raise("r4-unknown-element", value).element(name).expected(kind);
        if let Some(near) = near {
            draft.found(name).expected(format!("{kind} ({near})"));
        }
    }

    fn member(&mut self, parent: Node<'t>, field: &'static Field, value: Node<'t>) {
        match (field.many, value.kind() == Kind::Array) {
            (false, false) => self.value(field, value),
            (true, false) => {
                self.raise("r4-must-be-array", value).element(&*field.name);
                self.value(field, value);
            }
            (false, true) => _ = self.raise("r4-must-not-be-array", value).element(&*field.name),
            (true, true) => {
                if value.is_empty() {
                    self.raise("r4-empty", value).element(&*field.name);
                }
                if matches!(field.holds, Holds::Primitive(_))
                    && value.items().any(|item| item.kind() == Kind::Null)
                {
                    self.with_nulls(parent, field, value);
                } else {
                    value.items().for_each(|item| self.value(field, item));
                }
            }
        }
    }

    /// A null in an array of primitives stands for a value that has only an extension.
    fn with_nulls(&mut self, parent: Node<'t>, field: &'static Field, value: Node<'t>) {
        let mut beside = parent.get(&format!("_{}", field.name)).into_iter().flat_map(Node::items);
        for item in value.items() {
            let extension = beside.next();
            if item.kind() != Kind::Null {
                self.value(field, item);
            } else if extension.is_none_or(|extension| extension.kind() != Kind::Object) {
                self.raise("r4-alignment", item).element(&*field.name);
            }
        }
    }

    /// `_name`: the id and the extensions of a primitive.
    fn sibling(&mut self, parent: Node<'t>, field: &'static Field, value: Node<'t>) {
        let element = self.tables.element;
        if field.many != (value.kind() == Kind::Array) {
            let key = if field.many { "r4-must-be-array" } else { "r4-must-not-be-array" };
            self.raise(key, value).element(value.key());
            return;
        }
        if !field.many {
            if parent.get(&field.name).is_none() {
                self.code_absent(field, value);
            }
            self.extension_holder(value, element);
            return;
        }
        let mut mains = parent.get(&field.name).into_iter().flat_map(Node::items);
        for item in value.items() {
            let main = mains.next();
            if item.kind() != Kind::Null {
                if main.is_none_or(|main| main.kind() == Kind::Null) {
                    self.code_absent(field, item);
                }
                self.extension_holder(item, element);
            } else if main.is_none() {
                self.raise("r4-alignment", item).element(&*field.name);
            }
        }
    }

    /// Where a code of a set is required, an extension cannot stand for it.
    fn code_absent(&mut self, field: &Field, place: Node<'_>) {
        if let Some(set) = field.value_set {
            let expected = self.tables.value_set(set).expected("");
            self.raise("r4-code-absent", place).element(&*field.name).expected(expected);
        }
    }

    fn extension_holder(&mut self, value: Node<'t>, element: u16) {
        if value.kind() == Kind::Object {
            self.object(value, element)
        } else {
            self.wrong_kind(value, "Object")
        }
    }

    fn value(&mut self, field: &'static Field, value: Node<'t>) {
        if value.kind() == Kind::Null {
            self.raise("r4-null", value).element(&*field.name);
            return;
        }
        match field.holds {
            Holds::Primitive(primitive) => self.primitive(field, primitive, value),
            Holds::Resource => self.inner_resource(field, value),
            Holds::Complex(id) | Holds::Reference(id) => {
                if value.kind() != Kind::Object {
                    self.wrong_kind(value, self.tables.kind(id).name);
                    return;
                }
                self.object(value, id);
                if matches!(field.holds, Holds::Reference(_)) {
                    self.reference(value, field.targets);
                }
                if let Some(set) = field.value_set {
                    self.concept(value, set, &field.name);
                }
            }
        }
    }

    fn inner_resource(&mut self, field: &Field, value: Node<'t>) {
        let is_contained = field.name == "contained";
        if is_contained && let Some(nested) = value.get("contained") {
            self.raise("r4-contained-nested", nested);
        }
        self.resource(value, is_contained);
    }

    fn concept(&mut self, value: Node<'_>, set: u16, name: &str) {
        let set = self.tables.value_set(set);
        if set.has_concept(value) {
            return;
        }
        let system = value.text_at(&["coding", "system"]).unwrap_or_default();
        let code = value.text_at(&["coding", "code"]).unwrap_or_default();
        let expected = if self.drafts.is_full() { String::new() } else { set.expected(code) };
        self.raise("r4-binding", value).element(name).found(format!("{system} {code}")).expected(expected);
    }

    fn primitive(&mut self, field: &Field, primitive: Primitive, value: Node<'t>) {
        let text = match (primitive.written(), value.kind()) {
            (Written::Bool, Kind::Bool) => return,
            (Written::Number, Kind::Number) => value.number_text().unwrap_or_default(),
            (Written::Text, Kind::String) => value.str().unwrap_or_default(),
            _ => {
                self.wrong_kind(value, primitive.name());
                return;
            }
        };
        if text.is_empty() {
            self.raise("r4-empty", value).element(&*field.name);
        } else if !primitive.fits(text) {
            self.raise("r4-format", value).found(text).expected(primitive.name());
        } else if let Some(set) = field.value_set.map(|set| self.tables.value_set(set))
            && !set.has_code(text)
        {
            let expected = if self.drafts.is_full() { String::new() } else { set.expected(text) };
            self.raise("r4-binding", value).element(&*field.name).found(text).expected(expected);
        }
        if primitive.is_address() {
            self.address(field, primitive, value, text);
        }
    }

    fn wrong_kind(&mut self, value: Node<'_>, expected: &str) {
        let found: String = String::from_utf8_lossy(value.bytes()).chars().take(40).collect();
        self.raise("r4-wrong-kind", value).found(found).expected(expected);
    }
}
