//! What an expression is made of and what it gives: elements of a document, and values of FHIRPath's own types.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;
use smallvec::SmallVec;

use super::quantity::Quantity;
use super::temporal::Temporal;
use crate::bundle::resource_type;
use crate::json::{Json, Kind, Node};
use crate::r4::TypeId;
use crate::r4::tables::tables;

/// One item of a collection.
#[derive(Debug, Clone)]
pub enum Value<'t> {
    /// an element of a document
    Element(Element<'t>),
    /// `System.Boolean`
    Boolean(bool),
    /// `System.Integer`
    Integer(i64),
    /// `System.Decimal`
    Decimal(Decimal),
    /// `System.String`
    String(Cow<'t, str>),
    /// `System.Date`, `System.DateTime`, `System.Time`
    Temporal(Temporal),
    /// `System.Quantity`
    Quantity(Box<Quantity>),
    /// what `type()` gives: a namespace and a name
    Type(&'static str, &'static str),
}

/// A few values without the heap.
pub(super) type Values<'t> = SmallVec<[Value<'t>; 2]>;

const NONE: u32 = u32::MAX;

/// An element of a document with its type; a primitive may have a value, an `_name` sibling, or both.
#[derive(Clone, Copy)]
pub struct Element<'t> {
    json: &'t Json<'t>,
    slot: u32,
    sibling: u32,
    kind: u16,
}

impl<'t> Element<'t> {
    /// A resource, its type read from `resourceType`; none if R4 has no such type.
    #[must_use]
    pub fn resource(node: Node<'t>) -> Option<Self> {
        let id = tables().type_id(resource_type(node)).filter(|id| tables().kind(*id).is_resource)?;
        Some(Self::at(node, id))
    }

    /// An element of the type `kind`.
    #[must_use]
    pub fn new(node: Node<'t>, kind: TypeId) -> Self {
        Self::at(node, kind.0)
    }

    /// A primitive of the type `kind` by its value and its `_name` sibling; none if both are missing.
    #[must_use]
    pub fn primitive(value: Option<Node<'t>>, sibling: Option<Node<'t>>, kind: TypeId) -> Option<Self> {
        let value = value.filter(|node| node.kind() != Kind::Null);
        let sibling = sibling.filter(|node| node.kind() == Kind::Object);
        let json = value.or(sibling)?.json();
        let slot = |node: Option<Node<'_>>| node.map_or(NONE, Node::slot);
        Some(Self { json, slot: slot(value), sibling: slot(sibling), kind: kind.0 })
    }

    /// Its children called `name`; choices by their first name (`value`).
    #[must_use]
    pub fn named(self, name: &str) -> Vec<Self> {
        let mut found = Vec::new();
        let settled = self.each_named(name, &mut |child| {
            found.push(child);
            Ok(())
        });
        debug_assert!(settled.is_ok(), "nothing here stops the flow");
        found
    }

    /// Its type.
    #[must_use]
    pub fn kind(self) -> TypeId {
        TypeId(self.kind)
    }

    /// Its value; none for a primitive that has only extensions.
    #[must_use]
    pub fn node(self) -> Option<Node<'t>> {
        (self.slot != NONE).then(|| self.json.node(self.slot))
    }

    /// The `_name` beside a primitive.
    #[must_use]
    pub fn sibling(self) -> Option<Node<'t>> {
        (self.sibling != NONE).then(|| self.json.node(self.sibling))
    }

    pub(super) fn at(node: Node<'t>, kind: u16) -> Self {
        Self { json: node.json(), slot: node.slot(), sibling: NONE, kind }
    }

    /// Whether both are the same place of the same document.
    pub(super) fn is_same(self, other: Self) -> bool {
        std::ptr::eq(self.json, other.json) && self.slot == other.slot && self.sibling == other.sibling
    }

    /// Whether it has a primitive value.
    pub(super) fn has_value(self) -> bool {
        self.node().is_some_and(|node| !matches!(node.kind(), Kind::Object | Kind::Array | Kind::Null))
    }

    /// The value of a primitive, or a FHIR Quantity as one of FHIRPath; none for what has no such value.
    pub(super) fn plain(self) -> Option<Value<'t>> {
        let node = self.node()?;
        match node.kind() {
            Kind::Bool => node.bool().map(Value::Boolean),
            Kind::Number => number(node.number_text()?),
            Kind::String => Some(self.text_value(node.str()?)),
            Kind::Object if self.is_quantity() => {
                Quantity::of(node).map(|quantity| Value::Quantity(Box::new(quantity)))
            }
            _ => None,
        }
    }

    /// A string as what its type says: a date as a date.
    fn text_value(self, text: &'t str) -> Value<'t> {
        let moment = match self.kind().name() {
            "date" => Temporal::date(text),
            "dateTime" | "instant" => Temporal::date_time(text),
            "time" => Temporal::time(text),
            _ => None,
        };
        moment.map_or(Value::String(Cow::Borrowed(text)), Value::Temporal)
    }

    pub(super) fn is_quantity(self) -> bool {
        TypeId::named("Quantity").is_some_and(|quantity| self.kind().is_a(quantity))
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.kind().name(), self.node().or(self.sibling()))
    }
}

/// A number of JSON: an integer where it is written as one.
fn number<'t>(text: &str) -> Option<Value<'t>> {
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return text.parse().ok().map(Value::Integer);
    }
    decimal(text).map(Value::Decimal)
}

/// A decimal with the precision it is written in.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).ok().or_else(|| Decimal::from_scientific(text).ok())
}

impl<'t> Value<'t> {
    /// The element it is, if it is one.
    #[must_use]
    pub fn element(&self) -> Option<Element<'t>> {
        match self {
            Self::Element(element) => Some(*element),
            _ => None,
        }
    }

    /// The value of a primitive element; anything else as it is.
    #[must_use]
    pub fn plain(&self) -> Cow<'_, Value<'t>> {
        match self {
            Self::Element(element) => element.plain().map_or(Cow::Borrowed(self), Cow::Owned),
            _ => Cow::Borrowed(self),
        }
    }

    /// The text of a string, or of an element written as one.
    pub(super) fn text(&self) -> Option<Cow<'t, str>> {
        match self {
            Self::Element(element) => element.node()?.str().map(Cow::Borrowed),
            Self::String(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// The same, borrowed from itself.
    pub(super) fn str(&self) -> Option<&str> {
        match self {
            Self::Element(element) => element.node()?.str(),
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            Self::Element(element) => element.node()?.bool(),
            _ => None,
        }
    }

    pub(super) fn integer(&self) -> Option<i64> {
        match &*self.plain() {
            Self::Integer(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn decimal(&self) -> Option<Decimal> {
        match &*self.plain() {
            Self::Integer(value) => Some(Decimal::from(*value)),
            Self::Decimal(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn quantity(&self) -> Option<Quantity> {
        match &*self.plain() {
            Self::Quantity(quantity) => Some((**quantity).clone()),
            Self::Integer(_) | Self::Decimal(_) => self.decimal().map(Quantity::plain),
            _ => None,
        }
    }

    pub(super) fn string(text: impl Into<Cow<'t, str>>) -> Self {
        Self::String(text.into())
    }

    /// Its type's namespace and name.
    #[must_use]
    pub fn type_name(&self) -> (&'static str, &'static str) {
        use super::temporal::TemporalKind;
        let name = match self {
            Self::Element(element) => return ("FHIR", element.kind().name()),
            Self::Boolean(_) => "Boolean",
            Self::Integer(_) => "Integer",
            Self::Decimal(_) => "Decimal",
            Self::String(_) => "String",
            Self::Temporal(moment) => match moment.kind {
                TemporalKind::Date => "Date",
                TemporalKind::DateTime => "DateTime",
                TemporalKind::Time => "Time",
            },
            Self::Quantity(_) => "Quantity",
            Self::Type(..) => "TypeSpecifier",
        };
        ("System", name)
    }

    /// A value of a literal, lent.
    pub(super) fn lend(&'t self) -> Value<'t> {
        match self {
            Value::String(text) => Value::String(Cow::Borrowed(text)),
            other => other.clone(),
        }
    }
}
