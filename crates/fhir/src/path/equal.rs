//! Equality, equivalence and distinctness.

use std::borrow::Cow;
use std::collections::HashSet;

use rust_decimal::Decimal;

use super::error::Res;
use super::eval::Eval;
use super::value::{Element, Value, Values, decimal};
use crate::json::{Kind, Node};

/// `=` of two collections: the same values in the same order; nothing if either is empty or it cannot be told.
pub(super) fn equal_all<'t>(
    eval: &Eval<'_, 't>,
    left: &[Value<'t>],
    right: &[Value<'t>],
) -> Res<Option<bool>> {
    if left.is_empty() || right.is_empty() {
        return Ok(None);
    }
    if left.len() != right.len() {
        return Ok(Some(false));
    }
    let mut all = Some(true);
    for (a, b) in left.iter().zip(right) {
        match equal_one(eval, a, b)? {
            Some(false) => return Ok(Some(false)),
            Some(true) => {}
            None => all = None,
        }
    }
    Ok(all)
}

/// `=` of two values; nothing where precision does not tell.
pub(super) fn equal_one<'t>(eval: &Eval<'_, 't>, left: &Value<'t>, right: &Value<'t>) -> Res<Option<bool>> {
    eval.spend(1)?;
    if let (Value::Element(a), Value::Element(b)) = (left, right) {
        if a.is_same(*b) {
            return Ok(Some(true));
        }
        if a.is_quantity() == b.is_quantity() && (!a.has_value() || !b.has_value()) {
            return deep(eval, *a, *b).map(Some);
        }
    }
    let (a, b) = (left.plain(), right.plain());
    Ok(match (&*a, &*b) {
        (Value::String(a), Value::String(b)) => Some(a == b),
        (Value::Boolean(a), Value::Boolean(b)) => Some(a == b),
        (Value::Integer(a), Value::Integer(b)) => Some(a == b),
        (Value::Temporal(a), Value::Temporal(b)) if a.is_time() == b.is_time() => {
            a.compare(*b).map(|order| order.is_eq())
        }
        (Value::Type(a, b), Value::Type(c, d)) => Some(a == c && b == d),
        (Value::Quantity(_), _) | (_, Value::Quantity(_)) => match a.quantity().zip(b.quantity()) {
            Some((a, b)) => a.compare(&b).map(|order| order.is_eq()),
            None => Some(false),
        },
        _ => Some(a.decimal().zip(b.decimal()).is_some_and(|(a, b)| a == b)),
    })
}

fn deep(eval: &Eval<'_, '_>, a: Element<'_>, b: Element<'_>) -> Res<bool> {
    let same = |a: Option<Node<'_>>, b: Option<Node<'_>>| match (a, b) {
        (Some(a), Some(b)) => same_json(eval, a, b),
        (None, None) => Ok(true),
        _ => Ok(false),
    };
    Ok(same(a.node(), b.node())? && same(a.sibling(), b.sibling())?)
}

/// The same JSON whatever the order of members; numbers by value. As deep as documents may be.
fn same_json(eval: &Eval<'_, '_>, a: Node<'_>, b: Node<'_>) -> Res<bool> {
    eval.spend(1)?;
    if a.kind() != b.kind() {
        return Ok(false);
    }
    Ok(match a.kind() {
        Kind::Object => {
            if a.members().count() != b.members().count() {
                return Ok(false);
            }
            for (key, value) in a.members() {
                let Some(other) = b.get(key) else { return Ok(false) };
                if !same_json(eval, value, other)? {
                    return Ok(false);
                }
            }
            true
        }
        Kind::Array => {
            let (mut left, mut right) = (a.items(), b.items());
            loop {
                match (left.next(), right.next()) {
                    (None, None) => break true,
                    (Some(a), Some(b)) if same_json(eval, a, b)? => {}
                    _ => break false,
                }
            }
        }
        Kind::Number => {
            a.bytes() == b.bytes() || a.number_text().and_then(decimal) == b.number_text().and_then(decimal)
        }
        Kind::String => a.str() == b.str(),
        Kind::Bool | Kind::Null => a.bytes() == b.bytes(),
    })
}

/// `~` of two collections: the same values in any order.
pub(super) fn equivalent_all<'t>(eval: &Eval<'_, 't>, left: &[Value<'t>], right: &[Value<'t>]) -> Res<bool> {
    if left.len() != right.len() {
        return Ok(false);
    }
    let mut free: Vec<&Value<'t>> = right.iter().collect();
    for value in left {
        let mut found = None;
        for (place, other) in free.iter().enumerate() {
            if equivalent_one(eval, value, other)? {
                found = Some(place);
                break;
            }
        }
        match found {
            Some(place) => _ = free.swap_remove(place),
            None => return Ok(false),
        }
    }
    Ok(true)
}

fn equivalent_one<'t>(eval: &Eval<'_, 't>, left: &Value<'t>, right: &Value<'t>) -> Res<bool> {
    eval.spend(1)?;
    let (a, b) = (left.plain(), right.plain());
    Ok(match (&*a, &*b) {
        (Value::String(a), Value::String(b)) => folded(a) == folded(b),
        (Value::Temporal(a), Value::Temporal(b)) => a.kind == b.kind && a.is_equivalent(*b),
        (Value::Integer(_) | Value::Decimal(_), Value::Integer(_) | Value::Decimal(_)) => {
            a.decimal().zip(b.decimal()).is_some_and(|(a, b)| is_near(a, b))
        }
        (Value::Quantity(a), Value::Quantity(b)) => {
            a.value_of(b).is_some_and(|value| is_near(a.value, value))
        }
        (Value::Element(a), Value::Element(b)) => equivalent_elements(eval, *a, *b)?,
        _ => equal_one(eval, left, right)? == Some(true),
    })
}

/// Elements are equivalent if their children are, whatever their ids.
fn equivalent_elements<'t>(eval: &Eval<'_, 't>, a: Element<'t>, b: Element<'t>) -> Res<bool> {
    let children = |element: Element<'t>| -> Res<Values<'t>> {
        let mut children = Values::new();
        element.each_child(&mut |child| {
            eval.spend(1)?;
            children.push(Value::Element(child));
            Ok(())
        })?;
        Ok(children)
    };
    equivalent_all(eval, &children(a)?, &children(b)?)
}

fn is_near(a: Decimal, b: Decimal) -> bool {
    let scale = a.normalize().scale().min(b.normalize().scale());
    a.round_dp(scale) == b.round_dp(scale)
}

/// Text with capitals and the sort of white space not counted.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Remembers values, to tell which are new.
pub(super) struct Distinct<'e, 's, 't> {
    eval: &'e Eval<'s, 't>,
    texts: HashSet<Cow<'t, str>>,
    others: Values<'t>,
}

impl<'e, 's, 't> Distinct<'e, 's, 't> {
    pub(super) fn new(eval: &'e Eval<'s, 't>) -> Self {
        Self { eval, texts: HashSet::new(), others: Values::new() }
    }

    /// Whether no equal value came before.
    pub(super) fn is_new(&mut self, value: &Value<'t>) -> Res<bool> {
        if self.holds(value)? {
            return Ok(false);
        }
        match value.plain().into_owned() {
            Value::String(text) => _ = self.texts.insert(text),
            _ => self.others.push(value.clone()),
        }
        Ok(true)
    }

    /// Whether an equal value came before.
    pub(super) fn holds(&self, value: &Value<'t>) -> Res<bool> {
        self.eval.spend(1)?;
        if let Value::String(text) = &*value.plain() {
            return Ok(self.texts.contains(text));
        }
        for other in &self.others {
            if equal_one(self.eval, value, other)? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
