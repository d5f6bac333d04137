//! Functions between types, and of time.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::{Convert, Target};
use crate::path::error::{EvalError, Res};
use crate::path::eval::{Eval, Frame, Sink};
use crate::path::plan::Call;
use crate::path::quantity::Quantity;
use crate::path::temporal::{Precision, Temporal, TemporalKind};
use crate::path::value::{Value, decimal};

pub(super) fn call<'t>(
    eval: &Eval<'_, 't>,
    function: Convert,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    sink: &mut Sink<'_, 't>,
) -> Res {
    if let Convert::To(target) = function {
        let Some(value) = eval.single(&call.input, frame, call.name)? else { return Ok(()) };
        let unit = eval.argument(call, 0, frame)?.and_then(|unit| unit.text());
        return convert(&value, target, unit.as_deref()).map_or(Ok(()), sink);
    }
    let now = eval.scope.now.and_then(Temporal::date_time);
    let now = now.ok_or_else(|| EvalError::Unknown("now()".to_owned()))?;
    sink(Value::Temporal(match function {
        Convert::Today => now.to_date(),
        Convert::TimeOfDay => now.to_time(),
        _ => now,
    }))
}

/// A value as another type; none if it cannot be one.
pub(super) fn convert<'t>(value: &Value<'t>, target: Target, unit: Option<&str>) -> Option<Value<'t>> {
    let value = value.plain();
    match target {
        Target::Boolean => boolean(&value).map(Value::Boolean),
        Target::Integer => integer(&value).map(Value::Integer),
        Target::Decimal => match &*value {
            Value::Boolean(value) => Some(Value::Decimal(Decimal::from(u8::from(*value)))),
            Value::String(text) => decimal_text(text).map(Value::Decimal),
            other => other.decimal().map(Value::Decimal),
        },
        Target::String => shown(&value).map(|text| Value::string(text.into_owned())),
        Target::Date | Target::DateTime | Target::Time => moment(&value, target).map(Value::Temporal),
        Target::Quantity => quantity(&value, unit).map(|quantity| Value::Quantity(Box::new(quantity))),
    }
}

/// A value as `toString()` writes it; none for what has no such form.
pub(in crate::path) fn shown<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    if let Some(text) = value.str() {
        return Some(text.into());
    }
    Some(match &*value.plain() {
        Value::Boolean(value) => value.to_string().into(),
        Value::Integer(value) => value.to_string().into(),
        Value::Decimal(value) => value.to_string().into(),
        Value::Temporal(moment) => moment.to_string().into(),
        Value::Quantity(quantity) => quantity.to_string().into(),
        _ => return None,
    })
}

fn boolean(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Boolean(value) => Some(*value),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        other => {
            let number = other.decimal()?;
            (number.is_zero() || number == Decimal::ONE).then(|| !number.is_zero())
        }
    }
}

fn integer(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Boolean(value) => Some(i64::from(*value)),
        Value::Integer(value) => Some(*value),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// `(\+|-)?\d+(\.\d+)?`
fn decimal_text(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (is_digits(whole) && is_digits(fraction)).then(|| decimal(text.trim_start_matches('+')))?
}

fn moment(value: &Value<'_>, target: Target) -> Option<Temporal> {
    match (value, target) {
        (Value::String(text), Target::Date) => {
            Temporal::date(text).or_else(|| Temporal::date_time(text).map(Temporal::to_date))
        }
        (Value::String(text), Target::DateTime) => Temporal::date_time(text),
        (Value::String(text), _) => Temporal::time(text.strip_prefix('T').unwrap_or(text)),
        (Value::Temporal(moment), Target::Date) => {
            (moment.kind != TemporalKind::Time).then(|| moment.to_date())
        }
        (Value::Temporal(moment), Target::DateTime) => {
            (moment.kind != TemporalKind::Time).then(|| moment.to_date_time())
        }
        (Value::Temporal(moment), _) => match moment.kind {
            TemporalKind::Time => Some(*moment),
            _ if moment.precision >= Precision::Hour => Some(moment.to_time()),
            _ => None,
        },
        _ => None,
    }
}

fn quantity(value: &Value<'_>, unit: Option<&str>) -> Option<Quantity> {
    let found = match value {
        Value::Boolean(value) => Quantity::plain(Decimal::from(u8::from(*value))),
        Value::String(text) => Quantity::parse(text)?,
        other => other.quantity()?,
    };
    match unit {
        Some(unit) if unit != found.unit => None,
        _ => Some(found),
    }
}
