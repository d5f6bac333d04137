//! Functions that say yes or no.

use std::borrow::Cow;

use super::convert::convert;
use super::{Target, Test, wrong_type};
use crate::narrative;
use crate::path::equal::Distinct;
use crate::path::error::{EvalError, Res, Stop, settled};
use crate::path::eval::{Eval, Frame};
use crate::path::plan::Call;
use crate::r4::TypeId;

/// Calls a function that says yes or no.
pub(in crate::path) fn truth<'t>(
    eval: &Eval<'_, 't>,
    test: Test,
    call: &'t Call,
    frame: &Frame<'_, 't>,
) -> Res<Option<bool>> {
    eval.spend(1)?;
    let input = &call.input;
    match test {
        Test::Exists => match call.arguments.first() {
            None => eval.any(input, frame).map(Some),
            Some(_) => first_where(eval, call, frame, true).map(Some),
        },
        Test::Empty => eval.any(input, frame).map(|any| Some(!any)),
        Test::All => first_where(eval, call, frame, false).map(|found| Some(!found)),
        Test::Not => Ok(eval.truth(input, frame)?.map(|value| !value)),
        Test::AllTrue => booleans(eval, call, frame, false).map(|found| Some(!found)),
        Test::AnyTrue => booleans(eval, call, frame, true).map(Some),
        Test::AllFalse => booleans(eval, call, frame, true).map(|found| Some(!found)),
        Test::AnyFalse => booleans(eval, call, frame, false).map(Some),
        Test::SubsetOf => within(eval, call, frame, true).map(Some),
        Test::SupersetOf => within(eval, call, frame, false).map(Some),
        Test::IsDistinct => is_distinct(eval, call, frame).map(Some),
        Test::HasValue => has_value(eval, call, frame).map(Some),
        Test::ConvertsTo(target) => converts(eval, target, call, frame),
        Test::StartsWith | Test::EndsWith | Test::Contains | Test::Matches | Test::MatchesFull => {
            text_test(eval, test, call, frame)
        }
        Test::MemberOf | Test::ConformsTo => hooked(eval, test, call, frame),
        Test::HtmlChecks => {
            let value = eval.single(input, frame, call.name)?;
            Ok(value.and_then(|value| value.text()).map(|text| narrative::fault(&text).is_none()))
        }
        Test::Comparable => {
            let left = eval.single(input, frame, call.name)?.and_then(|value| value.quantity());
            let right = eval.argument(call, 0, frame)?.and_then(|value| value.quantity());
            Ok(left.zip(right).map(|(left, right)| left.compare(&right).is_some()))
        }
    }
}

/// Whether there is an item for which the condition is true (`wanted`), or for which it is not.
fn first_where<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, wanted: bool) -> Res<bool> {
    let (mut found, mut index) = (false, 0);
    let Some(condition) = call.arguments.first() else { return Ok(false) };
    settled(eval.each(&call.input, frame, &mut |value| {
        found = (eval.truth(condition, &frame.on(&value, index))? == Some(true)) == wanted;
        index += 1;
        if found { Err(Stop::Enough) } else { Ok(()) }
    }))?;
    Ok(found)
}

/// Whether any item is the Boolean `wanted`.
fn booleans<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, wanted: bool) -> Res<bool> {
    let mut found = false;
    settled(eval.each(&call.input, frame, &mut |value| {
        found = value.boolean().ok_or_else(|| wrong_type(call.name, &value))? == wanted;
        if found { Err(Stop::Enough) } else { Ok(()) }
    }))?;
    Ok(found)
}

/// Whether every value of the input is among the argument's, or the other way round.
fn within<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, forwards: bool) -> Res<bool> {
    let (mut small, mut large) = (&call.input, &call.arguments[0]);
    if !forwards {
        (small, large) = (large, small);
    }
    let mut known = Distinct::new(eval);
    eval.each(large, frame, &mut |value| known.is_new(&value).map(|_| ()))?;
    let mut all = true;
    settled(eval.each(small, frame, &mut |value| {
        all = known.holds(&value)?;
        if all { Ok(()) } else { Err(Stop::Enough) }
    }))?;
    Ok(all)
}

fn is_distinct<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>) -> Res<bool> {
    let (mut distinct, mut all) = (Distinct::new(eval), true);
    settled(eval.each(&call.input, frame, &mut |value| {
        all = distinct.is_new(&value)?;
        if all { Ok(()) } else { Err(Stop::Enough) }
    }))?;
    Ok(all)
}

fn has_value<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>) -> Res<bool> {
    let (mut count, mut has) = (0, false);
    settled(eval.each(&call.input, frame, &mut |value| {
        count += 1;
        has = value.element().is_none_or(|element| element.has_value());
        if count > 1 { Err(Stop::Enough) } else { Ok(()) }
    }))?;
    Ok(count == 1 && has)
}

fn converts<'t>(
    eval: &Eval<'_, 't>,
    target: Target,
    call: &'t Call,
    frame: &Frame<'_, 't>,
) -> Res<Option<bool>> {
    let value = eval.single(&call.input, frame, call.name)?;
    let unit = eval.argument(call, 0, frame)?.and_then(|unit| unit.text());
    Ok(value.map(|value| convert(&value, target, unit.as_deref()).is_some()))
}

fn text_test<'t>(
    eval: &Eval<'_, 't>,
    test: Test,
    call: &'t Call,
    frame: &Frame<'_, 't>,
) -> Res<Option<bool>> {
    let Some(value) = eval.single(&call.input, frame, call.name)? else { return Ok(None) };
    let Some(text) = value.str() else { return Err(wrong_type(call.name, &value).into()) };
    eval.spend(text.len() / 64)?;
    if let Some(regex) = &call.regex {
        return Ok(Some(regex.is_match(text)));
    }
    let Some(argument) = eval.argument(call, 0, frame)? else { return Ok(None) };
    let Some(wanted) = argument.str() else { return Err(wrong_type(call.name, &argument).into()) };
    Ok(Some(match test {
        Test::StartsWith => text.starts_with(wanted),
        Test::EndsWith => text.ends_with(wanted),
        Test::Contains => text.contains(wanted),
        _ => made(eval, wanted, call)?.is_match(text),
    }))
}

/// A regular expression that is only known at run time; compiling it is work.
pub(super) fn made(eval: &Eval<'_, '_>, pattern: &str, call: &Call) -> Res<regex::Regex> {
    eval.spend(20_000 + pattern.len() * 100)?;
    super::regex(pattern, call.function).map_err(|reason| EvalError::Regex(reason).into())
}

/// `memberOf` and `conformsTo`: what only the one who called can know.
fn hooked<'t>(eval: &Eval<'_, 't>, test: Test, call: &'t Call, frame: &Frame<'_, 't>) -> Res<Option<bool>> {
    let Some(value) = eval.single(&call.input, frame, call.name)? else { return Ok(None) };
    let Some(address) = eval.argument(call, 0, frame)?.and_then(|value| value.text()) else {
        return Ok(None);
    };
    eval.spend(100)?;
    let hook = if test == Test::MemberOf { eval.scope.member_of } else { eval.scope.conforms_to };
    let known = match (test, base_type(&address)) {
        (Test::ConformsTo, Some(kind)) => value.element().map(|element| element.kind().is_a(kind)),
        _ => hook.and_then(|hook| hook(&value, &address)),
    };
    let unknown = |address: Cow<'_, str>| EvalError::Unknown(address.into_owned());
    known.map(Some).ok_or_else(|| unknown(address).into())
}

/// The type of R4 that an address defines.
fn base_type(address: &str) -> Option<TypeId> {
    address.strip_prefix("http://hl7.org/fhir/StructureDefinition/").and_then(TypeId::named)
}
