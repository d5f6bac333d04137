//! Operators between two values: order, membership, arithmetic.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::equal::{equal_all, equal_one, equivalent_all};
use super::error::{EvalError, Res};
use super::eval::{Eval, Frame};
use super::functions::{shown, wrong_type};
use super::plan::{Op, Operator};
use super::quantity::Quantity;
use super::value::Value;

impl Operator {
    pub(super) fn is_math(self) -> bool {
        self.math_sign().is_some()
    }

    fn math_sign(self) -> Option<&'static str> {
        Some(match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Join => "&",
            Self::Times => "*",
            Self::Divide => "/",
            Self::Div => "div",
            Self::Mod => "mod",
            _ => return None,
        })
    }
}

/// `=`, `<`, `in` and their like.
pub(super) fn relation<'t>(
    eval: &Eval<'_, 't>,
    operator: Operator,
    left: &'t Op,
    right: &'t Op,
    frame: &Frame<'_, 't>,
) -> Res<Option<bool>> {
    match operator {
        Operator::Equal | Operator::NotEqual => {
            let found = equal_all(eval, &eval.all(left, frame)?, &eval.all(right, frame)?)?;
            Ok(found.map(|same| same == (operator == Operator::Equal)))
        }
        Operator::Equivalent | Operator::NotEquivalent => {
            let same = equivalent_all(eval, &eval.all(left, frame)?, &eval.all(right, frame)?)?;
            Ok(Some(same == (operator == Operator::Equivalent)))
        }
        Operator::In => membership(eval, left, right, frame),
        Operator::Contains => membership(eval, right, left, frame),
        _ => {
            let left = eval.single(left, frame, "<")?;
            let right = eval.single(right, frame, "<")?;
            let Some((left, right)) = left.zip(right) else { return Ok(None) };
            Ok(order(&left, &right)?.map(|order| match operator {
                Operator::Less => order == Ordering::Less,
                Operator::More => order == Ordering::Greater,
                Operator::AtMost => order != Ordering::Greater,
                _ => order != Ordering::Less,
            }))
        }
    }
}

/// Whether the one value of `item` is among those of `list`.
fn membership<'t>(
    eval: &Eval<'_, 't>,
    item: &'t Op,
    list: &'t Op,
    frame: &Frame<'_, 't>,
) -> Res<Option<bool>> {
    let Some(item) = eval.single(item, frame, "in")? else { return Ok(None) };
    let mut found = false;
    super::error::settled(eval.each(list, frame, &mut |value| {
        found = equal_one(eval, &item, &value)? == Some(true);
        if found { Err(super::error::Stop::Enough) } else { Ok(()) }
    }))?;
    Ok(Some(found))
}

/// Which of two values comes first; none if that cannot be told.
pub(super) fn order(left: &Value<'_>, right: &Value<'_>) -> Result<Option<Ordering>, EvalError> {
    let (a, b) = (left.plain(), right.plain());
    Ok(match (&*a, &*b) {
        (Value::Integer(a), Value::Integer(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Temporal(a), Value::Temporal(b)) => a.compare(*b),
        (Value::Quantity(_), _) | (_, Value::Quantity(_)) => {
            let pair = a.quantity().zip(b.quantity());
            pair.ok_or_else(|| wrong_type("<", &b))?;
            a.quantity().zip(b.quantity()).and_then(|(a, b)| a.compare(&b))
        }
        _ => match a.decimal().zip(b.decimal()) {
            Some((a, b)) => Some(a.cmp(&b)),
            None => return Err(wrong_type("<", &b)),
        },
    })
}

/// `-x`
pub(super) fn negate<'t>(value: &Value<'_>) -> Result<Value<'t>, EvalError> {
    match &*value.plain() {
        Value::Integer(value) => Ok(Value::Integer(value.saturating_neg())),
        Value::Decimal(value) => Ok(Value::Decimal(-value)),
        Value::Quantity(quantity) => {
            Ok(Value::Quantity(Box::new(Quantity { value: -quantity.value, unit: quantity.unit.clone() })))
        }
        other => Err(wrong_type("-", other)),
    }
}

/// `+`, `&` and their like.
pub(super) fn math<'t>(
    eval: &Eval<'_, 't>,
    operator: Operator,
    left: &'t Op,
    right: &'t Op,
    frame: &Frame<'_, 't>,
) -> Res<Option<Value<'t>>> {
    let sign = operator.math_sign().unwrap_or_default();
    let (left, right) = (eval.single(left, frame, sign)?, eval.single(right, frame, sign)?);
    if operator == Operator::Join {
        let mut joined = String::new();
        for value in left.iter().chain(&right) {
            joined.push_str(&shown(value).unwrap_or_default());
        }
        return eval.built(joined).map(Some);
    }
    let Some((left, right)) = left.zip(right) else { return Ok(None) };
    let (left, right) = (left.plain().into_owned(), right.plain().into_owned());
    match (&left, &right) {
        (Value::Integer(a), Value::Integer(b)) if operator != Operator::Divide => {
            Ok(integers(operator, *a, *b))
        }
        (Value::String(a), Value::String(b)) if operator == Operator::Plus => {
            eval.built(format!("{a}{b}")).map(Some)
        }
        (Value::Temporal(moment), Value::Quantity(quantity)) => {
            let Some((count, unit)) = quantity.calendar() else {
                return Err(wrong_type(sign, &right).into());
            };
            let count = match operator {
                Operator::Plus => count,
                Operator::Minus => -count,
                _ => return Err(wrong_type(sign, &left).into()),
            };
            Ok(moment.plus(count, unit).map(Value::Temporal))
        }
        (Value::Quantity(_), _) | (_, Value::Quantity(_)) => quantities(operator, sign, &left, &right),
        _ => match left.decimal().zip(right.decimal()) {
            Some((a, b)) => Ok(decimals(operator, a, b)),
            None => Err(wrong_type(sign, &right).into()),
        },
    }
}

fn integers<'t>(operator: Operator, a: i64, b: i64) -> Option<Value<'t>> {
    let value = match operator {
        Operator::Plus => a.checked_add(b),
        Operator::Minus => a.checked_sub(b),
        Operator::Times => a.checked_mul(b),
        Operator::Div => a.checked_div(b),
        _ => a.checked_rem(b),
    };
    value.map(Value::Integer)
}

fn decimals<'t>(operator: Operator, a: Decimal, b: Decimal) -> Option<Value<'t>> {
    let value = match operator {
        Operator::Plus => a.checked_add(b),
        Operator::Minus => a.checked_sub(b),
        Operator::Times => a.checked_mul(b),
        Operator::Divide => a.checked_div(b),
        Operator::Div => {
            let whole = a.checked_div(b)?.trunc();
            return i64::try_from(whole).ok().map(Value::Integer);
        }
        _ => a.checked_rem(b),
    };
    value.map(Value::Decimal)
}

fn quantities<'t>(
    operator: Operator,
    sign: &'static str,
    left: &Value<'_>,
    right: &Value<'_>,
) -> Res<Option<Value<'t>>> {
    let Some((a, b)) = left.quantity().zip(right.quantity()) else {
        return Err(wrong_type(sign, right).into());
    };
    let unit = match operator {
        Operator::Plus | Operator::Minus if a.unit == b.unit => a.unit.clone(),
        Operator::Times if b.unit == "1" => a.unit.clone(),
        Operator::Times if a.unit == "1" => b.unit.clone(),
        Operator::Divide if b.unit == "1" => a.unit.clone(),
        Operator::Divide if a.unit == b.unit => "1".to_owned(),
        Operator::Divide => format!("{}/{}", a.unit, b.unit),
        Operator::Times => format!("{}.{}", a.unit, b.unit),
        _ => return Ok(None),
    };
    let value = decimals(operator, a.value, b.value).and_then(|value| value.decimal());
    Ok(value.map(|value| Value::Quantity(Box::new(Quantity { value, unit }))))
}

/// A named part of a value that is no element: of a type or of a quantity.
pub(super) fn part<'t>(value: &Value<'t>, name: &str) -> Option<Value<'t>> {
    match (value, name) {
        (Value::Type(space, _), "namespace") => Some(Value::string(*space)),
        (Value::Type(_, own), "name") => Some(Value::string(*own)),
        (Value::Quantity(quantity), "value") => Some(Value::Decimal(quantity.value)),
        (Value::Quantity(quantity), "unit" | "code") => Some(Value::string(quantity.unit.clone())),
        _ => None,
    }
}
