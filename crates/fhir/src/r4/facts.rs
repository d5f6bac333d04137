//! R4's types as other rooms may ask for them.

use super::tables::{Field, Holds, tables};

/// A type of R4, or a part of one such as `Bundle.entry`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeId(pub(crate) u16);

/// What R4 says of one element of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElementFacts {
    /// The type of its values; for choices, of the one that the JSON name tells. None for resources of any type.
    pub type_id: Option<TypeId>,
    /// The name of that type: `string`, `Coding`, `Bundle.entry`, `Resource`.
    pub type_name: &'static str,
    /// Whether at least one must be there.
    pub is_required: bool,
    /// Whether more than one may be there.
    pub is_many: bool,
    /// The types a reference may lead to, joined by `|`; empty for any.
    pub targets: &'static str,
    /// The value set whose codes alone are allowed.
    pub required_value_set: Option<&'static str>,
}

impl TypeId {
    /// The type called `name`; parts are called by their path.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        tables().type_id(name).map(Self)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        tables().kind(self.0).name
    }

    /// Whether it is `base` or made from it.
    #[must_use]
    pub fn is_a(self, base: Self) -> bool {
        tables().is_a(self.0, base.0)
    }

    /// Whether it is a resource type.
    #[must_use]
    pub fn is_resource(self) -> bool {
        tables().kind(self.0).is_resource
    }

    /// What stands under a JSON name of this type: `identifier`, `valueQuantity`.
    #[must_use]
    pub fn element(self, json_name: &str) -> Option<ElementFacts> {
        tables().field(self.0, json_name).map(|field| self.facts(field))
    }

    /// The JSON name as the tables keep it, and what stands under it.
    #[must_use]
    pub fn json_name(self, name: &str) -> Option<(&'static str, ElementFacts)> {
        tables().field(self.0, name).map(|field| (&*field.name, self.facts(field)))
    }

    /// The JSON names that an element may have, with their types: one, or the choices of `value[x]`.
    #[must_use]
    pub fn json_names(self, element: &str) -> Vec<(&'static str, ElementFacts)> {
        let elements = &tables().kind(self.0).elements;
        let Some(ordinal) = elements.iter().position(|name| *name == element) else { return Vec::new() };
        let fields = tables().fields(self.0).filter(|field| usize::from(field.ordinal) == ordinal);
        fields.map(|field| (&*field.name, self.facts(field))).collect()
    }

    fn facts(self, field: &'static Field) -> ElementFacts {
        let type_id = match field.holds {
            Holds::Primitive(primitive) => tables().type_id(primitive.name()),
            Holds::Complex(id) | Holds::Reference(id) => Some(id),
            Holds::Resource => None,
        };
        let type_name = match field.holds {
            Holds::Primitive(primitive) => primitive.name(),
            Holds::Complex(id) | Holds::Reference(id) => tables().kind(id).name,
            Holds::Resource => "Resource",
        };
        ElementFacts {
            type_id: type_id.map(Self),
            type_name,
            is_required: tables().kind(self.0).required & (1 << field.ordinal) != 0,
            is_many: field.many,
            targets: field.targets,
            required_value_set: field.value_set.map(|set| tables().value_set(set).url()),
        }
    }
}
