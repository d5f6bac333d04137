//! Running a plan. Values flow from the innermost step outwards into a sink, one at a time, so that nothing is
//! gathered that nobody asks for and whoever has enough stops the flow.

use super::Scope;
use super::error::{EvalError, Res, Stop, settled};
use super::functions;
use super::operators;
use super::plan::{Call, Constant, Op, Operator, TypeName};
use super::value::{Value, Values};
use crate::path::equal;
use crate::path::functions::Function;

pub(super) type Sink<'k, 't> = dyn FnMut(Value<'t>) -> Res + 'k;

/// What `$this`, `$index` and `$total` are.
#[derive(Clone, Copy)]
pub(super) struct Frame<'f, 't> {
    pub(super) this: &'f [Value<'t>],
    pub(super) index: i64,
    pub(super) total: &'f [Value<'t>],
}

impl<'f, 't> Frame<'f, 't> {
    pub(super) fn of(this: &'f [Value<'t>]) -> Self {
        Self { this, index: 0, total: &[] }
    }

    /// The same with one other item in focus.
    pub(super) fn on(&self, this: &'f Value<'t>, index: i64) -> Self {
        Self { this: std::slice::from_ref(this), index, total: self.total }
    }
}

/// One evaluation.
pub(super) struct Eval<'s, 't> {
    pub(super) scope: &'s Scope<'t>,
}

/// Longest string that is built.
const TEXT: usize = 1 << 20;

impl<'s, 't> Eval<'s, 't> {
    pub(super) fn new(scope: &'s Scope<'t>) -> Self {
        Self { scope }
    }

    /// Counts work.
    pub(super) fn spend(&self, steps: usize) -> Res {
        let left = &self.scope.budget;
        match left.get().checked_sub(steps as u64) {
            Some(rest) => {
                left.set(rest);
                Ok(())
            }
            None => {
                left.set(0);
                Err(EvalError::Budget.into())
            }
        }
    }

    /// A string that was built, if it is not too long.
    pub(super) fn built(&self, text: String) -> Result<Value<'t>, Stop> {
        if text.len() > TEXT {
            return Err(EvalError::Budget.into());
        }
        self.spend(text.len() / 16)?;
        Ok(Value::string(text))
    }

    /// Every value of `op`, in order.
    pub(super) fn each(&self, op: &'t Op, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
        self.spend(1)?;
        match op {
            Op::Nothing => Ok(()),
            Op::Literal(value) => sink(value.lend()),
            Op::This => frame.this.iter().try_for_each(|value| sink(value.clone())),
            Op::Member(input, name) => {
                let mut named = |value: Value<'t>| {
                    self.spend(1)?;
                    match value {
                        Value::Element(element) => {
                            element.each_named(name, &mut |child| sink(Value::Element(child)))
                        }
                        other => operators::part(&other, name).map_or(Ok(()), &mut *sink),
                    }
                };
                match &**input {
                    Op::This => frame.this.iter().try_for_each(|value| named(value.clone())),
                    input => self.each(input, frame, &mut named),
                }
            }
            Op::Call(call) => functions::call(self, call, frame, sink),
            other => self.each_rare(other, frame, sink),
        }
    }

    fn each_rare(&self, op: &'t Op, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
        match op {
            Op::Index => sink(Value::Integer(frame.index)),
            Op::Total => frame.total.iter().try_for_each(|value| sink(value.clone())),
            Op::Constant(constant) => self.constant(constant).map_or(Ok(()), sink),
            Op::TypeOrMember(kind, name) => frame.this.iter().try_for_each(|value| match value {
                Value::Element(element) if element.kind().is_a(*kind) => sink(value.clone()),
                Value::Element(element) => element.each_named(name, &mut |child| sink(Value::Element(child))),
                _ => Ok(()),
            }),
            Op::Item(input, index) => self.item(input, index, frame, sink),
            Op::OfType(input, name) => self.each(input, frame, &mut |value| {
                if is_just(&value, *name) { sink(value) } else { Ok(()) }
            }),
            Op::Negate(inner) => {
                let value = self.single(inner, frame, "-")?;
                value.map_or(Ok(()), |value| sink(operators::negate(&value)?))
            }
            Op::Union(parts) => {
                let mut distinct = equal::Distinct::new(self);
                let mut once = |value: Value<'t>| {
                    if distinct.is_new(&value)? { sink(value) } else { Ok(()) }
                };
                parts.iter().try_for_each(|part| self.each(part, frame, &mut once))
            }
            Op::Binary(operator, left, right) if operator.is_math() => {
                operators::math(self, *operator, left, right, frame)?.map_or(Ok(()), sink)
            }
            other => self.truth(other, frame)?.map_or(Ok(()), |value| sink(Value::Boolean(value))),
        }
    }

    /// Yes, no, or nothing.
    pub(super) fn truth(&self, op: &'t Op, frame: &Frame<'_, 't>) -> Res<Option<bool>> {
        match op {
            Op::Literal(Value::Boolean(value)) => Ok(Some(*value)),
            Op::All(parts) => self.row(parts, frame, false),
            Op::Any(parts) => self.row(parts, frame, true),
            Op::Binary(Operator::Implies, left, right) => match self.truth(left, frame)? {
                Some(false) => Ok(Some(true)),
                Some(true) => self.truth(right, frame),
                None => Ok(self.truth(right, frame)?.filter(|right| *right)),
            },
            Op::Binary(Operator::Xor, left, right) => {
                let (left, right) = (self.truth(left, frame)?, self.truth(right, frame)?);
                Ok(left.zip(right).map(|(left, right)| left != right))
            }
            Op::Binary(operator, left, right) if !operator.is_math() => {
                operators::relation(self, *operator, left, right, frame)
            }
            Op::Is(input, name) => {
                let value = self.single(input, frame, "is")?;
                Ok(value.map(|value| is_of(&value, *name)))
            }
            Op::Call(call) => match call.function {
                Function::Test(test) => functions::truth(self, test, call, frame),
                _ => self.converted(op, frame),
            },
            other => self.converted(other, frame),
        }
    }

    /// A row of `and` (settled by a false) or `or` (settled by a true).
    fn row(&self, parts: &'t [Op], frame: &Frame<'_, 't>, settles: bool) -> Res<Option<bool>> {
        self.spend(1)?;
        let mut result = Some(!settles);
        for part in parts {
            match self.truth(part, frame)? {
                Some(value) if value == settles => return Ok(Some(settles)),
                Some(_) => {}
                None => result = None,
            }
        }
        Ok(result)
    }

    /// A single value as yes or no: a Boolean is itself, anything else is yes.
    fn converted(&self, op: &'t Op, frame: &Frame<'_, 't>) -> Res<Option<bool>> {
        let value = self.single(op, frame, "a Boolean")?;
        Ok(value.map(|value| value.boolean().unwrap_or(true)))
    }

    /// Whether `op` has any value.
    pub(super) fn any(&self, op: &'t Op, frame: &Frame<'_, 't>) -> Res<bool> {
        let mut any = false;
        settled(self.each(op, frame, &mut |_| {
            any = true;
            Err(Stop::Enough)
        }))?;
        Ok(any)
    }

    /// The only value, or none.
    ///
    /// # Errors
    /// If there are more.
    pub(super) fn single(
        &self,
        op: &'t Op,
        frame: &Frame<'_, 't>,
        asking: &'static str,
    ) -> Res<Option<Value<'t>>> {
        let mut only = None;
        self.each(op, frame, &mut |value| match only.replace(value) {
            None => Ok(()),
            Some(_) => Err(EvalError::NotSingle(asking).into()),
        })?;
        Ok(only)
    }

    /// All values.
    pub(super) fn all(&self, op: &'t Op, frame: &Frame<'_, 't>) -> Res<Values<'t>> {
        let mut values = Values::new();
        self.each(op, frame, &mut |value| {
            values.push(value);
            self.spend(1)
        })?;
        Ok(values)
    }

    fn item(&self, input: &'t Op, index: &'t Op, frame: &Frame<'_, 't>, sink: &mut Sink<'_, 't>) -> Res {
        let index = self.single(index, frame, "[]")?.and_then(|index| index.integer());
        let Some(mut wanted) = index.filter(|index| *index >= 0) else { return Ok(()) };
        let mut found = None;
        settled(self.each(input, frame, &mut |value| {
            wanted -= 1;
            if wanted >= 0 {
                return Ok(());
            }
            found = (wanted == -1).then_some(value);
            Err(Stop::Enough)
        }))?;
        found.map_or(Ok(()), sink)
    }

    fn constant(&self, constant: &'t Constant) -> Option<Value<'t>> {
        let element = match constant {
            Constant::Resource => self.scope.resource,
            Constant::RootResource => self.scope.root_resource.or(self.scope.resource),
            Constant::Context => return self.scope.context.clone(),
            Constant::Text(text) => return Some(Value::string(text.as_str())),
        };
        element.map(Value::Element)
    }

    /// The arguments of a call, each at most one value.
    pub(super) fn argument(
        &self,
        call: &'t Call,
        which: usize,
        frame: &Frame<'_, 't>,
    ) -> Res<Option<Value<'t>>> {
        match call.arguments.get(which) {
            Some(op) => self.single(op, frame, call.name),
            None => Ok(None),
        }
    }
}

/// Whether a value is of a type or of one made from it; a primitive only of its own, as the official validator has it.
fn is_just(value: &Value<'_>, name: TypeName) -> bool {
    match (value, name) {
        (Value::Element(element), TypeName::Fhir(kind)) if element.is_primitive() => element.kind() == kind,
        _ => is_of(value, name),
    }
}

/// Whether a value is of a type or of one made from it.
pub(super) fn is_of(value: &Value<'_>, name: TypeName) -> bool {
    match (value, name) {
        (Value::Element(element), TypeName::Fhir(kind)) => element.kind().is_a(kind),
        (Value::Element(_), TypeName::System(_)) => false,
        (Value::Quantity(_), TypeName::Fhir(kind)) => kind.name() == "Quantity",
        (value, TypeName::System(name)) => value.type_name().1 == name,
        (_, TypeName::Fhir(_)) => false,
    }
}
