//! Functions of numbers.

use rust_decimal::prelude::ToPrimitive as _;
use rust_decimal::{Decimal, MathematicalOps as _, RoundingStrategy};

use super::{Number, wrong_type};
use crate::path::error::Res;
use crate::path::eval::{Eval, Frame, Sink};
use crate::path::plan::Call;
use crate::path::quantity::Quantity;
use crate::path::value::Value;

pub(super) fn call<'t>(
    eval: &Eval<'_, 't>,
    function: Number,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    sink: &mut Sink<'_, 't>,
) -> Res {
    let Some(value) = eval.single(&call.input, frame, call.name)? else { return Ok(()) };
    let value = value.plain();
    if let (Value::Quantity(quantity), Number::Abs) = (&*value, function) {
        let value = quantity.value.abs();
        return sink(Value::Quantity(Box::new(Quantity { value, unit: quantity.unit.clone() })));
    }
    let Some(number) = value.decimal() else { return Err(wrong_type(call.name, &value).into()) };
    let argument = eval.argument(call, 0, frame)?;
    let second = match &argument {
        None => None,
        Some(value) => match value.decimal() {
            Some(number) => Some(number),
            None => return Err(wrong_type(call.name, value).into()),
        },
    };
    if !call.arguments.is_empty() && second.is_none() {
        return Ok(());
    }
    eval.spend(200)?;
    let whole = |number: Decimal| number.to_i64().map(Value::Integer);
    let is_integer = matches!(&*value, Value::Integer(_));
    let result = match function {
        Number::Abs if is_integer => whole(number.abs()),
        Number::Abs => Some(Value::Decimal(number.abs())),
        Number::Ceiling => whole(number.ceil()),
        Number::Floor => whole(number.floor()),
        Number::Truncate => whole(number.trunc()),
        Number::Round => round(number, second),
        Number::Sqrt => number.sqrt().map(Value::Decimal),
        Number::Exp => number.checked_exp().map(Value::Decimal),
        Number::Ln => number.checked_ln().map(|value| Value::Decimal(value.round_dp(16))),
        Number::Log => second.and_then(|base| logarithm(number, base)).map(Value::Decimal),
        Number::Power => second.and_then(|exponent| power(number, exponent, is_integer)),
    };
    result.map_or(Ok(()), sink)
}

fn round<'t>(number: Decimal, places: Option<Decimal>) -> Option<Value<'t>> {
    let places = places.map_or(Some(0), |places| places.to_u32())?;
    let rounded = number.round_dp_with_strategy(places.min(28), RoundingStrategy::MidpointAwayFromZero);
    Some(Value::Decimal(rounded))
}

fn logarithm(number: Decimal, base: Decimal) -> Option<Decimal> {
    Some(number.checked_ln()?.checked_div(base.checked_ln()?)?.round_dp(16))
}

fn power<'t>(number: Decimal, exponent: Decimal, is_integer: bool) -> Option<Value<'t>> {
    if number.is_sign_negative() && !exponent.fract().is_zero() {
        return None;
    }
    let value = number.checked_powd(exponent)?;
    if is_integer && exponent.fract().is_zero() && !exponent.is_sign_negative() {
        return value.to_i64().map(Value::Integer);
    }
    Some(Value::Decimal(value.normalize()))
}
