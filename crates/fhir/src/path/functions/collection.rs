//! Functions that give collections or choose among them.

use std::cmp::Ordering;

use super::{Collection, wrong_type};
use crate::path::equal::Distinct;
use crate::path::error::{EvalError, Res, Stop, settled};
use crate::path::eval::{Eval, Frame, Sink};
use crate::path::operators::order;
use crate::path::plan::{Call, Op};
use crate::path::value::{Value, Values};

pub(super) fn call<'t>(
    eval: &Eval<'_, 't>,
    function: Collection,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    sink: &mut Sink<'_, 't>,
) -> Res {
    let input = &call.input;
    match function {
        Collection::Where => filter(eval, call, frame, sink),
        Collection::Select => select(eval, call, frame, sink),
        Collection::Repeat => repeat(eval, call, frame, sink),
        Collection::Count => count(eval, call, frame, sink),
        Collection::Distinct | Collection::Union => distinct(eval, call, frame, sink),
        Collection::Single => eval.single(input, frame, call.name)?.map_or(Ok(()), sink),
        Collection::First => part(eval, call, frame, 0, 1, sink),
        Collection::Tail => part(eval, call, frame, 1, usize::MAX, sink),
        Collection::Last => last(eval, call, frame, sink),
        Collection::Skip => {
            let skipped = number(eval, call, frame)?;
            part(eval, call, frame, skipped, usize::MAX, sink)
        }
        Collection::Take => {
            let taken = number(eval, call, frame)?;
            part(eval, call, frame, 0, taken, sink)
        }
        Collection::Intersect | Collection::Exclude => among(eval, function, call, frame, sink),
        Collection::Combine => {
            eval.each(input, frame, sink)?;
            eval.each(&call.arguments[0], frame, sink)
        }
        Collection::Iif => iif(eval, call, frame, sink),
        Collection::Aggregate => aggregate(eval, call, frame, sink),
        Collection::Trace => eval.each(input, frame, sink),
        Collection::Children => eval.each(input, frame, &mut |value| children(eval, &value, sink)),
        Collection::Descendants => descendants(eval, call, frame, sink),
        Collection::Type => eval.each(input, frame, &mut |value| {
            let (space, name) = value.type_name();
            sink(Value::Type(space, name))
        }),
        Collection::Sort => sort(eval, call, frame, sink),
    }
}

fn filter<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
    let mut index = 0;
    eval.each(&call.input, frame, &mut |value| {
        let keeps = eval.truth(&call.arguments[0], &frame.on(&value, index))? == Some(true);
        index += 1;
        if keeps { sink(value) } else { Ok(()) }
    })
}

fn select<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
    let mut index = 0;
    eval.each(&call.input, frame, &mut |value| {
        let inner = frame.on(&value, index);
        index += 1;
        eval.each(&call.arguments[0], &inner, sink)
    })
}

/// Everything the projection gives, and what it gives for that, each value once.
fn repeat<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
    let mut waiting: Vec<Value<'t>> = eval.all(&call.input, frame)?.into_vec();
    let mut seen = Seen::new(eval);
    let mut next = 0;
    while next < waiting.len() {
        let item = waiting[next].clone();
        next += 1;
        let mut found = Values::new();
        eval.each(&call.arguments[0], &frame.on(&item, 0), &mut |value| {
            if seen.is_new(&value)? {
                found.push(value);
            }
            Ok(())
        })?;
        for value in found {
            sink(value.clone())?;
            waiting.push(value);
        }
    }
    Ok(())
}

/// Tells places of a document apart at once, and other values by equality.
struct Seen<'e, 's, 't> {
    places: std::collections::HashSet<usize>,
    values: Distinct<'e, 's, 't>,
    eval: &'e Eval<'s, 't>,
}

impl<'e, 's, 't> Seen<'e, 's, 't> {
    fn new(eval: &'e Eval<'s, 't>) -> Self {
        Self { places: std::collections::HashSet::new(), values: Distinct::new(eval), eval }
    }

    fn is_new(&mut self, value: &Value<'t>) -> Res<bool> {
        match value.element().filter(|element| !element.is_primitive()).and_then(|element| element.node()) {
            Some(node) => {
                self.eval.spend(1)?;
                Ok(self.places.insert(node.bytes().as_ptr() as usize))
            }
            None => self.values.is_new(value),
        }
    }
}

fn count<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
    let mut count = 0;
    eval.each(&call.input, frame, &mut |_| {
        count += 1;
        Ok(())
    })?;
    sink(Value::Integer(count))
}

fn distinct<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
    let mut distinct = Distinct::new(eval);
    let mut once = |value: Value<'t>| if distinct.is_new(&value)? { sink(value) } else { Ok(()) };
    eval.each(&call.input, frame, &mut once)?;
    call.arguments.iter().try_for_each(|argument| eval.each(argument, frame, &mut once))
}

/// The items from `skip` on, at most `take`.
fn part<'t>(
    eval: &Eval<'_, 't>,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    mut skip: usize,
    mut take: usize,
    sink: &mut Sink<'_, 't>,
) -> Res {
    let mut is_done = take == 0;
    if is_done {
        return Ok(());
    }
    let result = eval.each(&call.input, frame, &mut |value| {
        if skip > 0 {
            skip -= 1;
            return Ok(());
        }
        take -= 1;
        sink(value)?;
        is_done = take == 0;
        if is_done { Err(Stop::Enough) } else { Ok(()) }
    });
    if is_done { settled(result) } else { result }
}

fn last<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
    let mut last = None;
    eval.each(&call.input, frame, &mut |value| {
        last = Some(value);
        Ok(())
    })?;
    last.map_or(Ok(()), sink)
}

/// The argument as a count; less than none is none.
fn number<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>) -> Res<usize> {
    let Some(value) = eval.argument(call, 0, frame)? else { return Ok(0) };
    let count = value.integer().ok_or_else(|| wrong_type(call.name, &value))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// The values of the input that are among the argument's, each once (`intersect`), or that are not (`exclude`).
fn among<'t>(
    eval: &Eval<'_, 't>,
    function: Collection,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    sink: &mut Sink<'_, 't>,
) -> Res {
    let mut known = Distinct::new(eval);
    eval.each(&call.arguments[0], frame, &mut |value| known.is_new(&value).map(|_| ()))?;
    let mut given = Distinct::new(eval);
    eval.each(&call.input, frame, &mut |value| {
        let passes = match function {
            Collection::Intersect => known.holds(&value)? && given.is_new(&value)?,
            _ => !known.holds(&value)?,
        };
        if passes { sink(value) } else { Ok(()) }
    })
}

/// One of two arguments; only that one is evaluated, with the input in focus.
fn iif<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
    let focus = eval.all(&call.input, frame)?;
    if focus.len() > 1 {
        return Err(EvalError::NotSingle(call.name).into());
    }
    let inner = Frame { this: &focus, ..*frame };
    let holds = eval.truth(&call.arguments[0], &inner)? == Some(true);
    match call.arguments.get(if holds { 1 } else { 2 }) {
        Some(chosen) => eval.each(chosen, &inner, sink),
        None => Ok(()),
    }
}

fn aggregate<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
    let mut total = match call.arguments.get(1) {
        Some(start) => eval.all(start, frame)?,
        None => Values::new(),
    };
    let mut index = 0;
    eval.each(&call.input, frame, &mut |value| {
        let inner = Frame { this: std::slice::from_ref(&value), index, total: &total };
        let next = eval.all(&call.arguments[0], &inner)?;
        total = next;
        index += 1;
        Ok(())
    })?;
    total.into_iter().try_for_each(sink)
}

fn children<'t>(eval: &Eval<'_, 't>, value: &Value<'t>, sink: &mut Sink<'_, 't>) -> Res {
    let Value::Element(element) = value else { return Ok(()) };
    element.each_child(&mut |child| {
        eval.spend(1)?;
        sink(Value::Element(child))
    })
}

/// Everything below, parents before their children.
fn descendants<'t>(
    eval: &Eval<'_, 't>,
    call: &'t Call,
    frame: &Frame<'_, 't>,
    sink: &mut Sink<'_, 't>,
) -> Res {
    eval.each(&call.input, frame, &mut |value| {
        let mut waiting = vec![value];
        while let Some(parent) = waiting.pop() {
            let from = waiting.len();
            children(eval, &parent, &mut |child| {
                sink(child.clone())?;
                waiting.push(child);
                Ok(())
            })?;
            waiting[from..].reverse();
        }
        Ok(())
    })
}

/// In ascending order of the values themselves, or of each key in turn; `-key` turns the order round, what is
/// missing comes first.
fn sort<'t>(eval: &Eval<'_, 't>, call: &'t Call, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
    let values = eval.all(&call.input, frame)?;
    let mut rows: Vec<(Vec<Option<Value<'t>>>, Value<'t>)> = Vec::new();
    for value in values {
        let mut keys = Vec::new();
        for key in &call.arguments {
            let key = if let Op::Negate(inner) = key { inner } else { key };
            keys.push(eval.single(key, &frame.on(&value, 0), call.name)?);
        }
        if call.arguments.is_empty() {
            keys.push(Some(value.clone()));
        }
        rows.push((keys, value));
    }
    eval.spend(rows.len() * 16)?;
    rows.sort_by(|(left, _), (right, _)| {
        let mut pairs = left.iter().zip(right).enumerate();
        let unequal = pairs.find_map(|(place, (a, b))| {
            let found = match (a, b) {
                (Some(a), Some(b)) => {
                    let found = order(a, b).ok().flatten().unwrap_or(Ordering::Equal);
                    let turned = matches!(call.arguments.get(place), Some(Op::Negate(_)));
                    if turned { found.reverse() } else { found }
                }
                (a, b) => a.is_some().cmp(&b.is_some()),
            };
            Some(found).filter(|found| found.is_ne())
        });
        unequal.unwrap_or(Ordering::Equal)
    });
    rows.into_iter().try_for_each(|(_, value)| sink(value))
}
