//! The least and the greatest that an inexact value may mean, and how exact it is.

use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Boundary, wrong_type};
use crate::path::error::Res;
use crate::path::eval::{Eval, Frame, Sink};
use crate::path::plan::Call;
use crate::path::quantity::Quantity;
use crate::path::temporal::{Precision, Temporal, TemporalKind};
use crate::path::value::Value;

pub(super) fn call<'t>(
    eval: &Eval<'_, 't>,
    function: Boundary,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    sink: &mut Sink<'_, 't>,
) -> Res {
    let Some(value) = eval.single(&call.input, frame, call.name)? else { return Ok(()) };
    let digits = eval.argument(call, 0, frame)?.and_then(|digits| digits.integer());
    let is_high = function == Boundary::High;
    let result = match &*value.plain() {
        Value::Temporal(moment) if function == Boundary::Precision => Some(Value::Integer(written(*moment))),
        Value::Temporal(moment) => temporal(*moment, digits, is_high).map(Value::Temporal),
        Value::Quantity(quantity) if function != Boundary::Precision => {
            let value = decimal(quantity.value, digits, is_high);
            value.map(|value| Value::Quantity(Box::new(Quantity { value, unit: quantity.unit.clone() })))
        }
        other => match other.decimal() {
            Some(number) if function == Boundary::Precision => {
                Some(Value::Integer(i64::from(number.scale())))
            }
            Some(number) => decimal(number, digits, is_high).map(Value::Decimal),
            None => return Err(wrong_type(call.name, other).into()),
        },
    };
    result.map_or(Ok(()), sink)
}

/// A number is exact to half of its last digit.
fn decimal(number: Decimal, digits: Option<i64>, is_high: bool) -> Option<Decimal> {
    let digits = u32::try_from(digits.unwrap_or(8)).ok().filter(|digits| *digits <= 28)?;
    let half = Decimal::try_from_i128_with_scale(5, number.scale() + 1).ok()?;
    let (bound, towards) = if is_high {
        (number.checked_add(half)?, RoundingStrategy::ToPositiveInfinity)
    } else {
        (number.checked_sub(half)?, RoundingStrategy::ToNegativeInfinity)
    };
    let mut bound = bound.round_dp_with_strategy(digits, towards);
    bound.rescale(digits);
    (bound.scale() == digits && bound.to_f64().is_some()).then_some(bound)
}

/// By how many digits precision is counted.
const DATES: [(i64, Precision); 7] = [
    (4, Precision::Year),
    (6, Precision::Month),
    (8, Precision::Day),
    (10, Precision::Hour),
    (12, Precision::Minute),
    (14, Precision::Second),
    (17, Precision::Fraction),
];
const TIMES: [(i64, Precision); 4] =
    [(2, Precision::Hour), (4, Precision::Minute), (6, Precision::Second), (9, Precision::Fraction)];

fn digits_of(kind: TemporalKind) -> &'static [(i64, Precision)] {
    match kind {
        TemporalKind::Time => &TIMES,
        TemporalKind::Date => &DATES[..3],
        TemporalKind::DateTime => &DATES,
    }
}

fn written(moment: Temporal) -> i64 {
    digits_of(moment.kind).iter().find(|row| row.1 == moment.precision).map_or(0, |row| row.0)
}

fn temporal(moment: Temporal, digits: Option<i64>, is_high: bool) -> Option<Temporal> {
    let table = digits_of(moment.kind);
    let wanted = digits.or_else(|| table.last().map(|row| row.0))?;
    let precision = table.iter().find(|row| row.0 == wanted)?.1;
    Some(moment.filled(precision, is_high))
}
